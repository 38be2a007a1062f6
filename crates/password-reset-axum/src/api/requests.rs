//! `POST /api/requests`: asking for a reset.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{Challenge, InboundMode, Locale, RequesterToken};
use serde::{Deserialize, Serialize};

use super::json::{Sent, given, time};
use crate::asking;
use crate::failure::Failure;
use crate::pages::Ask;
use crate::respond;
use crate::shared::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    by: String,
    identifier: String,
    #[serde(default, deserialize_with = "given")]
    locale: Option<String>,
    #[serde(default, deserialize_with = "given")]
    requester_token: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    requester_token: String,
    shown_until: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<ToSend>,
}

/// What is to be sent, where the proof is a message.
#[derive(Serialize)]
pub(crate) struct ToSend {
    mode: &'static str,
    number: String,
    code: String,
    text: String,
    wa_me: String,
}

impl ToSend {
    pub(crate) fn of(challenge: &Challenge, locale: Locale) -> Self {
        Self {
            mode: mode(challenge.mode()),
            number: challenge.number().to_owned(),
            code: challenge.code().to_owned(),
            text: challenge.text(locale),
            wa_me: challenge.wa_me(locale),
        }
    }
}

fn mode(mode: InboundMode) -> &'static str {
    match mode {
        InboundMode::TypeBack => "type_back",
        InboundMode::ContinueOnPhone => "continue_on_phone",
        _ => "page_advances",
    }
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let Sent { visit, body, .. } = Sent::<Asked>::read_own(&web, request).await?;
    let way = Ask::from_code(&body.by).ok_or(Failure::Malformed)?;
    let locale = match &body.locale {
        Some(tag) => tag.parse().map_err(|_unknown| Failure::Malformed)?,
        None => visit.locale,
    };
    let again = body
        .requester_token
        .as_deref()
        .map(RequesterToken::parse)
        .transpose()
        .map_err(|_not_a_handle| Failure::Malformed)?;
    let identifier = asking::identify(&web, way, &body.identifier)?.map_err(|_unreadable| Failure::BadIdentifier)?;
    let asked = asking::ask(&web, way, identifier, visit.source, locale, again).await?;
    let answer = Answer {
        requester_token: asked.requester_token.expose().to_string(),
        shown_until: time(asked.shown_until),
        challenge: asked.challenge.as_ref().map(|challenge| ToSend::of(challenge, locale)),
    };
    respond::json(StatusCode::ACCEPTED, &answer)
}
