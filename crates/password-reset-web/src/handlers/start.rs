//! "Forgot password": names the account and starts a reset.

use password_reset::identity::BadIdentifier;

use crate::challenge::Gate;
use crate::cookies::ResetName;
use crate::failure::Failure;
use crate::pages::{ChallengePage, ResetMethod, StartPage, StartProblem};
use crate::request_context::{Form, PROBLEM, Posted, RequestContext};
use crate::respond::Response;
use crate::start::{self, Asked, Started};
use crate::state::AppState;

pub(crate) fn show(state: &AppState, mut context: RequestContext) -> Result<Response, Failure> {
    let first = state.methods.first().copied().ok_or(Failure::ChannelOff)?;
    let named = context.query("by").as_deref().and_then(ResetMethod::from_code);
    let chosen = named.filter(|method| state.methods.contains(method)).unwrap_or(first);
    context.reset = None;
    let problem = match (context.problem.as_deref(), &state.challenge) {
        (Some(asked @ ("challenge" | "challenge-failed")), Some(gate)) if !context.jar.typed().is_empty() => {
            let failed = asked == "challenge-failed";
            return challenge(state, context, gate, chosen, failed);
        }
        (Some("empty"), _) => Some(StartProblem::Empty),
        (Some("unreadable"), _) => Some(StartProblem::Unreadable),
        _ => None,
    };
    let path = if chosen == first { String::new() } else { format!("?by={}", chosen.code()) };
    let typed = problem.map(|_| context.jar.typed().to_owned()).unwrap_or_default();
    context.page(state, &path, |templates, layout| {
        templates.start(&StartPage { layout, methods: &state.methods, chosen, typed: &typed, problem })
    })
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let answer = state.challenge.as_ref().map(|gate| gate.widget.field);
    let fields: Vec<&str> = ["by", "identifier"].into_iter().chain(answer).collect();
    let mut form = Form::read(posted, &fields)?;
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
    let earlier = context.requester_token().or_else(|| context.jar.requester_token(context.jar.newest()?));
    let (source, locale, device) = (context.source, context.locale, context.device(state));
    let answer = answer.and_then(|field| form.fields.find(field));
    let asked = Asked { method, identifier, source, locale, device, earlier, answer };
    let started = match start::start(state, &asked).await? {
        Started::Requested(started) => started,
        Started::Challenged { failed } => {
            context.reset = None;
            context.cookies.set_typed(state.cookies, typed);
            let problem = if failed { "challenge-failed" } else { "challenge" };
            return form.context.again(state, &format!("?by={}", method.code()), problem);
        }
    };
    context.cookies.set_requester_token(&context.jar, &started.requester_token, state.left(started.shown_until));
    context.reset = Some(ResetName::of(started.requester_token.expose()));
    form.context.redirect_within_reset(state, "/wait")
}

/// The page with the challenge, which sends the same form again.
fn challenge(
    state: &AppState,
    mut context: RequestContext,
    gate: &Gate,
    method: ResetMethod,
    failed: bool,
) -> Result<Response, Failure> {
    context.reset = None;
    let puzzle = gate.puzzle(context.source)?;
    let typed = context.jar.typed().to_owned();
    let path = format!("?by={}&{PROBLEM}=challenge", method.code());
    let wait = state.reset.without_challenge_after().unwrap_or_default().as_secs().max(60);
    let (widget, puzzle) = (&gate.widget, puzzle.as_deref());
    let mut response = context.page(state, &path, |templates, layout| {
        templates.challenge(&ChallengePage { layout, method, typed: &typed, widget, puzzle, failed, wait })
    })?;
    response.extensions_mut().insert(gate.csp.clone());
    Ok(response)
}
