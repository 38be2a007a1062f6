//! `GET /api/status`: where a reset stands, as its own handle may see it.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use password_reset::{Channel, Locale, RequesterToken, Stage, Status};
use serde::Serialize;

use super::json::{bearer, time};
use super::requests::ToSend;
use crate::failure::Failure;
use crate::respond;
use crate::shared::{Shared, State};
use crate::visit::Visit;

/// Also what the events carry.
#[derive(Serialize)]
pub(crate) struct Shown {
    stage: &'static str,
    channel: &'static str,
    shown_until: String,
    seconds_left: u64,
    code_attempts_left: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<ToSend>,
}

impl Shown {
    pub(crate) fn of(web: &Shared, status: &Status, locale: Locale) -> Self {
        Self {
            stage: stage(status.stage),
            channel: channel(status.channel),
            shown_until: time(status.shown_until),
            seconds_left: web.left(status.shown_until).as_secs(),
            code_attempts_left: status.code_attempts_left,
            challenge: status.challenge.as_ref().map(|challenge| ToSend::of(challenge, locale)),
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

/// The handle that a request brings: as a bearer, or in the cookie of the reset that the address names.
pub(crate) fn requester_token(visit: &mut Visit, parts: &Parts) -> Result<RequesterToken, Failure> {
    match bearer(parts) {
        Some(secret) => Ok(RequesterToken::parse(secret)?),
        None => visit.requester_token().ok_or(Failure::Refused),
    }
}

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let mut visit = Visit::of(&web, &parts)?;
    let requester_token = requester_token(&mut visit, &parts)?;
    let status = web.reset.status(&requester_token).await?.ok_or(Failure::Refused)?;
    respond::json(StatusCode::OK, &Shown::of(&web, &status, visit.locale))
}
