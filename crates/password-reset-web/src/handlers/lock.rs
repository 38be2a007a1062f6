//! "I did not change this password": a ticked box and a press lock the account.

use password_reset::LockError;
use password_reset::secret::LockToken;

use super::confirm;
use crate::failure::Failure;
use crate::pages::{ExpiredPurpose, LockPage, LockedPage, ResetMethod};
use crate::request_context::{Posted, RequestContext};
use crate::respond::Response;
use crate::start;
use crate::state::AppState;

pub(crate) fn show(state: &AppState, mut context: RequestContext) -> Result<Response, Failure> {
    let problem = context.problem.as_deref().map(confirm::problem);
    context.reset = None;
    // No answer holds a posted secret, so the user must paste or open the link again.
    context.page(state, "/lock", |templates, layout| templates.lock(&LockPage { layout, problem }))
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let (context, token) = confirm::read(state, posted, "lock", LockToken::parse)?;
    let token = match token {
        Ok(token) => token,
        Err(problem) => return context.again(state, "/lock", confirm::code(problem)),
    };
    match state.reset.lock(&token).await {
        Ok(locked) => {
            let methods = start::methods_by(state, &locked.channels);
            let codes: Vec<&str> = methods.into_iter().map(ResetMethod::code).collect();
            context.redirect(state, &format!("/locked?by={}", codes.join(".")))
        }
        // Nothing was locked, and the page must not say that it was.
        Err(LockError::Refused) => context.redirect(state, ExpiredPurpose::Lock.path()),
        Err(error) => Err(error.into()),
    }
}

/// The account is locked, or about to be. The address names the methods that remain; they reveal nothing of the account.
pub(crate) fn locked(state: &AppState, context: RequestContext) -> Result<Response, Failure> {
    let by = context.query("by").unwrap_or_default();
    let named: Vec<ResetMethod> = by.split('.').filter_map(ResetMethod::from_code).collect();
    let methods: Vec<ResetMethod> = state.methods.iter().copied().filter(|method| named.contains(method)).collect();
    let codes: Vec<&str> = methods.iter().copied().map(ResetMethod::code).collect();
    let path = format!("/locked?by={}", codes.join("."));
    context.plain_page(state, &path, |templates, layout| templates.locked(&LockedPage { layout, methods: &methods }))
}
