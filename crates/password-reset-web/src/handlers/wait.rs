//! Waits for the proof, and takes a typed code.

use password_reset::identity::IdentifierKind;
use password_reset::secret::{Code, RequesterToken};
use password_reset::{Channel, Proof, Stage, Status, VerifyError};

use crate::failure::Failure;
use crate::pages::{MessageToSend, ResetMethod, WaitFor, WaitPage, WaitProblem, WaitStage};
use crate::request_context::{Form, Posted, RequestContext};
use crate::respond::Response;
use crate::state::AppState;

pub(crate) async fn show(state: &AppState, context: RequestContext) -> Result<Response, Failure> {
    if let Some(name) = &context.reset {
        // This browser has proved the account already, perhaps in another tab.
        if context.jar.grant(name).is_some() {
            return context.redirect_within_reset(state, "/new");
        }
        if context.jar.partial_grant(name).is_some() {
            return context.redirect_within_reset(state, "/step-up");
        }
    }
    match context.requester_token() {
        Some(requester_token) => {
            let problem = match context.problem.as_deref() {
                Some("unreadable") => Some(WaitProblem::UnreadableCode),
                Some("wrong") => Some(WaitProblem::WrongCode),
                Some("not_yet") => Some(WaitProblem::NotYet),
                _ => None,
            };
            page(state, context, &requester_token, problem).await
        }
        None => context.without_cookie(state, "/wait"),
    }
}

/// The address of a form, opened by itself: leads to the newest reset that this browser waits for, or to a new start.
pub(crate) fn resume(state: &AppState, mut context: RequestContext) -> Result<Response, Failure> {
    context.reset = context.reset.take().or_else(|| context.jar.newest().cloned());
    if context.reset.is_some() { context.redirect_within_reset(state, "/wait") } else { context.redirect(state, "") }
}

/// The code of the email or message, typed.
pub(crate) async fn code(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let form = Form::read(posted, &["code"])?;
    let typed = form.fields.get("code")?;
    let Some(requester_token) = form.context.requester_token() else {
        return form.context.without_cookie(state, "/wait");
    };
    let Ok(code) = Code::parse(typed) else { return form.context.again(state, "/wait", "unreadable") };
    match state.reset.verify(Proof::Code { requester_token, code }).await {
        Ok(grant) => form.context.granted(state, grant),
        Err(VerifyError::StepUpRequired(partial_grant)) => form.context.partially_proved(state, *partial_grant),
        Err(VerifyError::Refused) => form.context.again(state, "/wait", "wrong"),
        Err(error) => Err(error.into()),
    }
}

/// "Continue": claims the grant that the requester's own message proved.
pub(crate) async fn claim(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let form = Form::read(posted, &[])?;
    let Some(requester_token) = form.context.requester_token() else {
        return form.context.without_cookie(state, "/wait");
    };
    match state.reset.verify(Proof::Claim(requester_token)).await {
        Ok(grant) => form.context.granted(state, grant),
        Err(VerifyError::StepUpRequired(partial_grant)) => form.context.partially_proved(state, *partial_grant),
        Err(VerifyError::Refused) => form.context.again(state, "/wait", "not_yet"),
        Err(error) => Err(error.into()),
    }
}

async fn page(
    state: &AppState,
    context: RequestContext,
    requester_token: &RequesterToken,
    problem: Option<WaitProblem>,
) -> Result<Response, Failure> {
    let Some(status) = state.reset.status(requester_token).await? else { return context.expired(state) };
    let stage = match status.stage {
        Stage::Done => return context.redirect(state, "/done"),
        Stage::Expired => WaitStage::Expired,
        Stage::MessageReceived => WaitStage::MessageReceived,
        Stage::Waiting => WaitStage::Waiting,
        // A proved reset continues with its grant, in the browser that has it. Without the grant only a proof that is
        // still unclaimed helps.
        Stage::Proved if status.challenge.is_some() && problem.is_none() => WaitStage::Proved,
        _ => return context.expired(state),
    };
    let locale = context.locale;
    let parts = status.challenge.as_ref().map(|challenge| (challenge, challenge.text(locale), challenge.wa_me(locale)));
    let waits_for = match &parts {
        Some((challenge, text, wa_me)) => WaitFor::Message(MessageToSend {
            mode: challenge.mode(),
            number: challenge.number(),
            code: challenge.code(),
            text,
            wa_me,
            bare_code: challenge.takes_bare_code(),
        }),
        None if status.channel == Channel::WhatsAppCode => WaitFor::WhatsAppCode,
        None => WaitFor::Mail,
    };
    let problem = problem.filter(|_| stage != WaitStage::Expired);
    context.page(state, "/wait", |templates, layout| {
        templates.wait(&WaitPage {
            layout,
            method: method_of(&status),
            typed: status.identifier.as_str(),
            reference: &status.reference,
            stage,
            waits_for,
            seconds_left: state.left(status.shown_until).as_secs(),
            choices: state.reset.choices(),
            attempts_left: status.code_attempts_left,
            problem,
        })
    })
}

fn method_of(status: &Status) -> ResetMethod {
    match (status.channel, status.identifier.kind()) {
        (Channel::WhatsAppInbound(_), _) => ResetMethod::WhatsApp,
        (Channel::WhatsAppCode, _) => ResetMethod::WhatsAppCode,
        (_, IdentifierKind::Username) => ResetMethod::Username,
        (_, _) => ResetMethod::Email,
    }
}
