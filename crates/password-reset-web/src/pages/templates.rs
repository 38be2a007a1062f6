//! The templates: a trait that an application can implement, and the default pages.

mod default;

use std::error::Error;
use std::fmt;

use super::views::{
    CancelPage, CancelledPage, ChallengePage, DonePage, ExpiredPage, LinkPage, LockPage, LockedPage, NewPasswordPage,
    ProblemPage, StartPage, StepUpPage, WaitPage,
};

/// Renders pages as whole HTML documents.
///
/// An application implements the pages that it wants to change; the others keep their default:
///
/// ```
/// use password_reset_web::{DonePage, RenderError, Templates};
///
/// #[derive(Debug)]
/// struct Short;
///
/// impl Templates for Short {
///     fn done(&self, page: &DonePage<'_>) -> Result<String, RenderError> {
///         let language = page.layout.locale.tag();
///         Ok(format!("<!doctype html><html lang={language}><title>OK</title><p>OK</p></html>"))
///     }
/// }
/// ```
///
/// # Contract
/// * Forms post the same fields to the same addresses as the default pages; see the `templates` folder of this crate.
/// * Scripts and styles are files of the same origin; the content security policy refuses inline ones.
///
/// # Errors
/// When the page cannot be rendered; the response is a 500.
///
/// # Security
/// * Views hold text from unauthenticated clients: escape every value.
/// * No script submits a form on load. The one exception is the claim of the waiting page, which the requester's
///   own message causes.
/// * No page depends on whether an account exists; the views hold nothing that does.
#[allow(clippy::missing_errors_doc, reason = "all fail alike, as the trait says")]
pub trait Templates: fmt::Debug + Send + Sync + 'static {
    /// "Forgot Password".
    fn start(&self, page: &StartPage<'_>) -> Result<String, RenderError> {
        default::start(page).map_err(RenderError::new)
    }

    /// The challenge, where a source must pass one.
    fn challenge(&self, page: &ChallengePage<'_>) -> Result<String, RenderError> {
        default::challenge(page).map_err(RenderError::new)
    }

    /// The page that waits for the proof.
    fn wait(&self, page: &WaitPage<'_>) -> Result<String, RenderError> {
        default::wait(page).map_err(RenderError::new)
    }

    /// The page that the link of a message opens.
    fn link(&self, page: &LinkPage<'_>) -> Result<String, RenderError> {
        default::link(page).map_err(RenderError::new)
    }

    /// The step-up: the second proof, where the risk policy requires one.
    fn step_up(&self, page: &StepUpPage<'_>) -> Result<String, RenderError> {
        default::step_up(page).map_err(RenderError::new)
    }

    /// "Create New Password".
    fn new_password(&self, page: &NewPasswordPage<'_>) -> Result<String, RenderError> {
        default::new_password(page).map_err(RenderError::new)
    }

    /// The new password is in force.
    fn done(&self, page: &DonePage<'_>) -> Result<String, RenderError> {
        default::done(page).map_err(RenderError::new)
    }

    /// "This was not me".
    fn cancel(&self, page: &CancelPage<'_>) -> Result<String, RenderError> {
        default::cancel(page).map_err(RenderError::new)
    }

    /// The request is cancelled.
    fn cancelled(&self, page: &CancelledPage<'_>) -> Result<String, RenderError> {
        default::cancelled(page).map_err(RenderError::new)
    }

    /// "I did not change this password".
    fn lock(&self, page: &LockPage<'_>) -> Result<String, RenderError> {
        default::lock(page).map_err(RenderError::new)
    }

    /// The account is locked.
    fn locked(&self, page: &LockedPage<'_>) -> Result<String, RenderError> {
        default::locked(page).map_err(RenderError::new)
    }

    /// The secret is invalid, expired, used, closed or unknown.
    fn expired(&self, page: &ExpiredPage<'_>) -> Result<String, RenderError> {
        default::expired(page).map_err(RenderError::new)
    }

    /// A request failed.
    fn problem(&self, page: &ProblemPage<'_>) -> Result<String, RenderError> {
        default::problem(page).map_err(RenderError::new)
    }
}

/// The default pages, for those that an application's own templates leave to them.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DefaultTemplates;

impl DefaultTemplates {
    /// The default pages.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Templates for DefaultTemplates {}

/// A page could not be rendered.
#[derive(Debug, thiserror::Error)]
#[error("page template failed to render")]
pub struct RenderError {
    source: Box<dyn Error + Send + Sync>,
}

impl RenderError {
    /// Wraps the error of the template engine.
    #[must_use]
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}
