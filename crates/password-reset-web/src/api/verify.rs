//! `POST /api/verify`: verifies a proof.

use http::StatusCode;
use password_reset::secret::{Code, LinkToken, PartialGrantToken, RequesterToken};
use password_reset::{Grant, PartialGrant, Proof, StepUp, VerifyError};
use serde::{Deserialize, Serialize};

use super::json::{JsonRequest, given, time};
use crate::failure::Failure;
use crate::request_context::Posted;
use crate::respond::{self, Response};
use crate::state::AppState;
use crate::step_up::{StepUpResult, verify};

/// A link; or a requester token with a typed code; or a requester token alone, to claim what a message proved; or a
/// partial grant with what was typed for the step-up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofRequest {
    #[serde(default, deserialize_with = "given")]
    link: Option<String>,
    #[serde(default, deserialize_with = "given")]
    requester_token: Option<String>,
    #[serde(default, deserialize_with = "given")]
    partial_grant: Option<String>,
    #[serde(default, deserialize_with = "given")]
    code: Option<String>,
}

#[derive(Serialize)]
struct Granted {
    grant: String,
    until: String,
    identifier: String,
}

#[derive(Serialize)]
struct PartiallyProved {
    partial_grant: String,
    wants: &'static str,
    until: String,
    attempts_left: u32,
    identifier: String,
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let sent = JsonRequest::<ProofRequest>::read_own(posted)?.body;
    let proof = match (sent.link, sent.requester_token, sent.partial_grant, sent.code) {
        (Some(link), None, None, None) => Proof::Link(LinkToken::parse(&link)?),
        (None, Some(requester_token), None, Some(code)) => {
            Proof::Code { requester_token: RequesterToken::parse(&requester_token)?, code: Code::parse(&code)? }
        }
        (None, Some(requester_token), None, None) => Proof::Claim(RequesterToken::parse(&requester_token)?),
        (None, None, Some(partial_grant), Some(code)) => {
            let partial_grant = state.reset.partial_grant(PartialGrantToken::parse(&partial_grant)?).await?;
            return match verify(&state.reset, state.factor.as_deref(), partial_grant, &code).await? {
                StepUpResult::Granted(grant) => granted(grant),
                StepUpResult::Unreadable | StepUpResult::Wrong => Err(Failure::Refused),
            };
        }
        _ => return Err(Failure::Malformed),
    };
    match state.reset.verify(proof).await {
        Ok(grant) => granted(grant),
        Err(VerifyError::StepUpRequired(partial_grant)) => partially_proved(*partial_grant),
        Err(error) => Err(error.into()),
    }
}

fn granted(grant: Grant) -> Result<Response, Failure> {
    let (until, identifier) = (time(grant.until()), grant.identifier().as_str().to_owned());
    let answer = Granted { grant: grant.into_token().expose().to_owned(), until, identifier };
    respond::json(StatusCode::OK, &answer)
}

fn partially_proved(partial_grant: PartialGrant) -> Result<Response, Failure> {
    let wants = if partial_grant.wants() == StepUp::Code { "code" } else { "factor" };
    let (until, attempts_left) = (time(partial_grant.until()), partial_grant.attempts_left());
    let identifier = partial_grant.identifier().as_str().to_owned();
    let partial_grant = partial_grant.into_token().expose().to_owned();
    respond::json(StatusCode::OK, &PartiallyProved { partial_grant, wants, until, attempts_left, identifier })
}
