//! Waiting for the proof, and typing a code.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{Channel, Code, Handle, IdentifierKind, Proof, Stage, Status, VerifyError};

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
    if visit.reset.as_ref().is_some_and(|name| visit.jar.has_pending(name)) {
        return visit.go_on(&web, "/second");
    }
    match visit.handle() {
        Some(handle) => page(&web, visit, &handle, StatusCode::OK, None).await,
        None => visit.expired(&web),
    }
}

/// The code of the mail or message, typed.
pub(crate) async fn code(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let mut form = Form::read(&web, request, &["code"]).await?;
    let typed = form.fields.get("code")?;
    let Some(handle) = form.visit.handle() else { return form.visit.expired(&web) };
    let watched = copy(&handle)?;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(code) = Code::parse(typed) else {
        return page(&web, form.visit, &watched, unprocessable, Some(WaitProblem::UnreadableCode)).await;
    };
    match web.reset.verify(Proof::Code { handle, code }).await {
        Ok(grant) => form.visit.granted(&web, grant),
        Err(VerifyError::SecondProofNeeded(pending)) => form.visit.half_proved(&web, *pending),
        Err(VerifyError::Refused) => {
            page(&web, form.visit, &watched, unprocessable, Some(WaitProblem::WrongCode)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// "Continue": takes what the person's own message proved.
pub(crate) async fn claim(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let mut form = Form::read(&web, request, &[]).await?;
    let Some(handle) = form.visit.handle() else { return form.visit.expired(&web) };
    let watched = copy(&handle)?;
    match web.reset.verify(Proof::Claim(handle)).await {
        Ok(grant) => form.visit.granted(&web, grant),
        Err(VerifyError::SecondProofNeeded(pending)) => form.visit.half_proved(&web, *pending),
        Err(VerifyError::Refused) => {
            page(&web, form.visit, &watched, StatusCode::UNPROCESSABLE_ENTITY, Some(WaitProblem::NotYet)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn copy(handle: &Handle) -> Result<Handle, Failure> {
    Ok(Handle::parse(&handle.expose())?)
}

async fn page(
    web: &Shared,
    visit: Visit,
    handle: &Handle,
    code: StatusCode,
    problem: Option<WaitProblem>,
) -> Result<Response, Failure> {
    let Some(status) = web.reset.status(handle).await? else { return visit.expired(web) };
    let stage = match status.stage {
        Stage::Done => return visit.go(web, "/done"),
        Stage::Expired => WaitStage::Expired,
        Stage::Heard => WaitStage::Heard,
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
            tries_left: status.code_tries_left,
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
