//! Who writes the pages: a trait that an application can implement, and the pages that come with the crate.

mod default;

use std::error::Error;
use std::fmt;

pub use self::default::DefaultTemplates;
use super::views::{
    AskPage, CancelPage, CancelledPage, DonePage, ExpiredPage, LinkPage, LockPage, LockedPage, NewPasswordPage,
    ProblemPage, SecondPage, WaitPage,
};

/// Writes pages: whole HTML documents.
///
/// An application that wants pages of its own implements the ones it wants; the others stay as they come:
///
/// ```
/// use password_reset_axum::{DonePage, RenderError, Templates};
///
/// #[derive(Debug)]
/// struct Short;
///
/// impl Templates for Short {
///     fn done(&self, page: &DonePage<'_>) -> Result<String, RenderError> {
///         let language = page.shell.locale.tag();
///         Ok(format!("<!doctype html><html lang={language}><title>OK</title><p>OK</p></html>"))
///     }
/// }
/// ```
///
/// # Contract
/// * Forms post the fields that the crate's own pages post, to the same addresses; look at its `templates` folder.
/// * Scripts and styles are files of the same origin: the content security policy refuses inline ones.
///
/// # Security
/// * Values of views are what strangers typed: escape every one of them (R66).
/// * No script submits a form on load (R51); the waiting page's claim, which the person's own message caused, is the
///   one exception.
/// * Nothing on a page depends on whether an account exists; the views hold nothing that does (I5).
pub trait Templates: fmt::Debug + Send + Sync + 'static {
    /// "Forgot password".
    ///
    /// # Errors
    /// When the page cannot be written; the person gets a 500.
    fn ask(&self, page: &AskPage<'_>) -> Result<String, RenderError> {
        default::ask(page)
    }

    /// Waiting for the proof.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    fn wait(&self, page: &WaitPage<'_>) -> Result<String, RenderError> {
        default::wait(page)
    }

    /// Where the link of a message lands.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    fn link(&self, page: &LinkPage<'_>) -> Result<String, RenderError> {
        default::link(page)
    }

    /// The second of two proofs, where the service's gate wants one.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    fn second(&self, page: &SecondPage<'_>) -> Result<String, RenderError> {
        default::second(page)
    }

    /// "Create new password".
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    fn new_password(&self, page: &NewPasswordPage<'_>) -> Result<String, RenderError> {
        default::new_password(page)
    }

    /// The password is set.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    fn done(&self, page: &DonePage<'_>) -> Result<String, RenderError> {
        default::done(page)
    }

    /// "This was not me".
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    fn cancel(&self, page: &CancelPage<'_>) -> Result<String, RenderError> {
        default::cancel(page)
    }

    /// The reset is cancelled.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    fn cancelled(&self, page: &CancelledPage<'_>) -> Result<String, RenderError> {
        default::cancelled(page)
    }

    /// "I did not change this password".
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    fn lock(&self, page: &LockPage<'_>) -> Result<String, RenderError> {
        default::lock(page)
    }

    /// The account is frozen.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    fn locked(&self, page: &LockedPage<'_>) -> Result<String, RenderError> {
        default::locked(page)
    }

    /// A secret that proves nothing.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    fn expired(&self, page: &ExpiredPage<'_>) -> Result<String, RenderError> {
        default::expired(page)
    }

    /// A request that cannot be answered.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    fn problem(&self, page: &ProblemPage<'_>) -> Result<String, RenderError> {
        default::problem(page)
    }
}

/// A page could not be written.
#[derive(Debug, thiserror::Error)]
#[error("a page could not be written")]
pub struct RenderError {
    source: Box<dyn Error + Send + Sync>,
}

impl RenderError {
    /// Wraps what the template engine said.
    #[must_use]
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}
