//! Waiting for the proof, and typing a code.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{Channel, Code, IdentifierKind, Proof, RequesterToken, Stage, Status, VerifyError};

use crate::failure::Failure;
use crate::form::Form;
use crate::pages::{Ask, MessageToSend, WaitFor, WaitPage, WaitProblem, WaitStage};
use crate::shared::{Shared, State};
use crate::visit::Visit;

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let mut visit = Visit::of(&web, &parts)?;
    // The proof was brought in this browser, perhaps in another tab.
    if visit.reset.as_ref().is_some_and(|name| visit.jar.has_grant(name)) {
        return visit.go_on(&web, "/new");
    }
    if visit.reset.as_ref().is_some_and(|name| visit.jar.has_partial_grant(name)) {
        return visit.go_on(&web, "/second");
    }
    match visit.requester_token() {
        Some(requester_token) => page(&web, visit, &requester_token, StatusCode::OK, None).await,
        None => visit.expired(&web),
    }
}

/// The code of the mail or message, typed.
pub(crate) async fn code(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let mut form = Form::read(&web, request, &["code"]).await?;
    let typed = form.fields.get("code")?;
    let Some(requester_token) = form.visit.requester_token() else { return form.visit.expired(&web) };
    let watched = copy(&requester_token)?;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(code) = Code::parse(typed) else {
        return page(&web, form.visit, &watched, unprocessable, Some(WaitProblem::UnreadableCode)).await;
    };
    match web.reset.verify(Proof::Code { requester_token, code }).await {
        Ok(grant) => form.visit.granted(&web, grant),
        Err(VerifyError::StepUpRequired(partial_grant)) => form.visit.partially_proved(&web, *partial_grant),
        Err(VerifyError::Refused) => {
            page(&web, form.visit, &watched, unprocessable, Some(WaitProblem::WrongCode)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// "Continue": takes what the person's own message proved.
pub(crate) async fn claim(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let mut form = Form::read(&web, request, &[]).await?;
    let Some(requester_token) = form.visit.requester_token() else { return form.visit.expired(&web) };
    let watched = copy(&requester_token)?;
    match web.reset.verify(Proof::Claim(requester_token)).await {
        Ok(grant) => form.visit.granted(&web, grant),
        Err(VerifyError::StepUpRequired(partial_grant)) => form.visit.partially_proved(&web, *partial_grant),
        Err(VerifyError::Refused) => {
            page(&web, form.visit, &watched, StatusCode::UNPROCESSABLE_ENTITY, Some(WaitProblem::NotYet)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn copy(requester_token: &RequesterToken) -> Result<RequesterToken, Failure> {
    Ok(RequesterToken::parse(&requester_token.expose())?)
}

async fn page(
    web: &Shared,
    visit: Visit,
    requester_token: &RequesterToken,
    code: StatusCode,
    problem: Option<WaitProblem>,
) -> Result<Response, Failure> {
    let Some(status) = web.reset.status(requester_token).await? else { return visit.expired(web) };
    let stage = match status.stage {
        Stage::Done => return visit.go(web, "/done"),
        Stage::Expired => WaitStage::Expired,
        Stage::MessageReceived => WaitStage::MessageReceived,
        Stage::Waiting => WaitStage::Waiting,
        // What was proved goes on with its grant. Where that is not here any more, only a claim that nobody took helps.
        Stage::Proved if status.challenge.is_some() && problem.is_none() => WaitStage::Proved,
        _ => return visit.expired(web),
    };
    let locale = visit.locale;
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
    visit.page(web, code, "/wait", |shell| {
        WaitPage {
            shell,
            way: way_of(&status),
            typed: status.identifier.as_str(),
            stage,
            waits_for,
            seconds_left: web.left(status.shown_until).as_secs(),
            attempts_left: status.code_attempts_left,
            problem,
        }
        .render()
    })
}

fn way_of(status: &Status) -> Ask {
    match (status.channel, status.identifier.kind()) {
        (Channel::WhatsAppInbound(_), _) => Ask::WhatsApp,
        (Channel::WhatsAppCode, _) => Ask::WhatsAppCode,
        (_, IdentifierKind::Username) => Ask::Username,
        (_, _) => Ask::Email,
    }
}
