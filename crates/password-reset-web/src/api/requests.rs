//! `POST /api/requests`: starts a reset.

use http::StatusCode;
use password_reset::inbound::Challenge;
use password_reset::secret::RequesterToken;
use password_reset::{InboundMode, Locale};
use serde::{Deserialize, Serialize};

use super::json::{JsonRequest, given, time};
use crate::failure::Failure;
use crate::pages::ResetMethod;
use crate::request_context::Posted;
use crate::respond::{self, Response};
use crate::start::{self, Asked, Started};
use crate::state::AppState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartRequest {
    by: String,
    identifier: String,
    #[serde(default, deserialize_with = "given")]
    locale: Option<String>,
    #[serde(default, deserialize_with = "given")]
    requester_token: Option<String>,
    #[serde(default, deserialize_with = "given")]
    challenge: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    requester_token: String,
    reference: String,
    shown_until: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<ShownChallenge>,
}

/// The message that the requester must send, where the proof is a message.
#[derive(Serialize)]
pub(crate) struct ShownChallenge {
    mode: &'static str,
    number: String,
    code: String,
    text: String,
    wa_me: String,
}

impl ShownChallenge {
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

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let JsonRequest { context, body, .. } = JsonRequest::<StartRequest>::read_own(posted)?;
    let method = ResetMethod::from_code(&body.by).ok_or(Failure::Malformed)?;
    let locale = match &body.locale {
        Some(tag) => state.languages().parse(tag).ok_or(Failure::Malformed)?,
        None => context.locale,
    };
    let earlier = body
        .requester_token
        .as_deref()
        .map(RequesterToken::parse)
        .transpose()
        .map_err(|_malformed| Failure::Malformed)?;
    let identifier = start::identify(state, method, &body.identifier)?.map_err(|_unreadable| Failure::BadIdentifier)?;
    let (source, device, answer) = (context.source, context.device(state), body.challenge.as_deref());
    let asked = Asked { method, identifier, source, locale, device, earlier, answer };
    let started = match start::start(state, &asked).await? {
        Started::Requested(started) => started,
        Started::Challenged { .. } => {
            let to_pass = state.challenge.as_ref().map(|gate| gate.to_pass(source)).transpose()?;
            return Err(Failure::ChallengeRequired(to_pass.map(Box::new)));
        }
    };
    let answer = Answer {
        requester_token: started.requester_token.expose().to_owned(),
        reference: started.reference,
        shown_until: time(started.shown_until),
        challenge: started.challenge.as_ref().map(|challenge| ShownChallenge::of(challenge, locale)),
    };
    respond::json(StatusCode::ACCEPTED, &answer)
}
