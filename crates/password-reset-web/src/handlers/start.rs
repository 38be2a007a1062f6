//! "Forgot password": names the account and starts a reset.

use http::StatusCode;
use password_reset::BadIdentifier;

use crate::cookies::ResetName;
use crate::failure::Failure;
use crate::pages::{ResetMethod, StartPage, StartProblem};
use crate::request_context::{Form, Posted, RequestContext};
use crate::respond::Response;
use crate::start;
use crate::state::AppState;

pub(crate) fn show(state: &AppState, context: RequestContext) -> Result<Response, Failure> {
    let first = state.methods.first().copied().ok_or(Failure::ChannelOff)?;
    let named = context.query("by").as_deref().and_then(ResetMethod::from_code);
    let chosen = named.filter(|method| state.methods.contains(method)).unwrap_or(first);
    let problem = match context.problem.as_deref() {
        Some("empty") => Some(StartProblem::Empty),
        Some("unreadable") => Some(StartProblem::Unreadable),
        _ => None,
    };
    page(state, context, chosen, problem)
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let mut form = Form::read(posted, &["by", "identifier"])?;
    let method = ResetMethod::from_code(form.fields.get("by")?).ok_or(Failure::Malformed)?;
    let typed = form.fields.get("identifier")?;
    let identifier = match start::identify(state, method, typed)? {
        Ok(identifier) => identifier,
        Err(wrong) => {
            form.context.reset = None;
            form.context.cookies.set_typed(state.cookies, typed);
            let problem = if wrong == BadIdentifier::Empty { "empty" } else { "unreadable" };
            return form.context.again(state, &format!("?by={}", method.code()), problem);
        }
    };
    let context = &mut form.context;
    // The "try again" form names its reset. The start form does not; a double click on it means the newest reset.
    let earlier = context.requester_token().or_else(|| context.jar.newest_requester_token());
    let started = start::start(state, method, identifier, context.source, context.locale, earlier).await?;
    context.cookies.set_requester_token(&context.jar, &started.requester_token, state.left(started.shown_until));
    context.reset = Some(ResetName::of_requester_token(&started.requester_token));
    form.context.redirect_within_reset(state, "/wait")
}

fn page(
    state: &AppState,
    mut context: RequestContext,
    chosen: ResetMethod,
    problem: Option<StartProblem>,
) -> Result<Response, Failure> {
    context.reset = None;
    let path = if state.methods.first() == Some(&chosen) { String::new() } else { format!("?by={}", chosen.code()) };
    let methods = &state.methods;
    let typed = problem.map(|_| context.jar.typed().to_owned()).unwrap_or_default();
    context.page(state, StatusCode::OK, &path, |templates, layout| {
        templates.start(&StartPage { layout, methods, chosen, typed: &typed, problem })
    })
}
