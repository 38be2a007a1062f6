//! `GET /api/status`: the state of a reset, as its requester token may see it.

use http::StatusCode;
use password_reset::secret::RequesterToken;
use password_reset::{Channel, Locale, Stage, Status};
use serde::Serialize;

use super::json::{bearer, time};
use super::requests::ShownChallenge;
use crate::failure::Failure;
use crate::request_context::RequestContext;
use crate::respond::{self, Response};
use crate::state::AppState;

/// Also the data of the events.
#[derive(Serialize)]
pub(crate) struct ShownStatus {
    stage: &'static str,
    channel: &'static str,
    reference: String,
    shown_until: String,
    seconds_left: u64,
    code_attempts_left: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<ShownChallenge>,
}

impl ShownStatus {
    pub(crate) fn of(state: &AppState, status: &Status, locale: Locale) -> Self {
        Self {
            stage: stage(status.stage),
            channel: channel(status.channel),
            reference: status.reference.clone(),
            shown_until: time(status.shown_until),
            seconds_left: state.left(status.shown_until).as_secs(),
            code_attempts_left: status.code_attempts_left,
            challenge: status.challenge.as_ref().map(|challenge| ShownChallenge::of(challenge, locale)),
        }
    }
}

pub(crate) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Waiting => "waiting",
        Stage::MessageReceived => "message_received",
        Stage::PartiallyProved => "partially_proved",
        Stage::Proved => "proved",
        Stage::Done => "done",
        _ => "expired",
    }
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::WhatsAppCode => "whatsapp-code",
        Channel::WhatsAppInbound(_) => "whatsapp",
        _ => "email",
    }
}

/// The requester token of a request: a bearer token, or the cookie of the reset that the address names.
pub(crate) fn requester_token(context: &RequestContext) -> Result<RequesterToken, Failure> {
    match bearer(&context.head) {
        Some(secret) => Ok(RequesterToken::parse(secret)?),
        None => context.requester_token().ok_or(Failure::Refused),
    }
}

pub(crate) async fn show(state: &AppState, context: RequestContext) -> Result<Response, Failure> {
    let requester_token = requester_token(&context)?;
    let status = state.reset.status(&requester_token).await?.ok_or(Failure::Refused)?;
    respond::json(StatusCode::OK, &ShownStatus::of(state, &status, context.locale))
}
