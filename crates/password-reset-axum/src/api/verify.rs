//! `POST /api/verify`: bringing a proof.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{
    Code, Grant, LinkToken, PartialGrant, PartialGrantToken, Proof, RequesterToken, StepUp, VerifyError,
};
use serde::{Deserialize, Serialize};

use super::json::{Sent, given, time};
use crate::failure::Failure;
use crate::respond;
use crate::second::{Second, bring};
use crate::shared::State;

/// A link; or a handle with the code that was typed; or a handle alone, to claim what a message proved; or what the
/// first of two proofs yielded, with what was typed for the second.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Brought {
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

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let brought = Sent::<Brought>::read_own(&web, request).await?.body;
    let proof = match (brought.link, brought.requester_token, brought.partial_grant, brought.code) {
        (Some(link), None, None, None) => Proof::Link(LinkToken::parse(&link)?),
        (None, Some(requester_token), None, Some(code)) => {
            Proof::Code { requester_token: RequesterToken::parse(&requester_token)?, code: Code::parse(&code)? }
        }
        (None, Some(requester_token), None, None) => Proof::Claim(RequesterToken::parse(&requester_token)?),
        (None, None, Some(partial_grant), Some(code)) => {
            let partial_grant = web.reset.partial_grant(PartialGrantToken::parse(&partial_grant)?).await?;
            return match bring(&web, partial_grant, &code).await? {
                Second::Right(grant) => granted(grant),
                Second::Unreadable | Second::Wrong => Err(Failure::Refused),
            };
        }
        _ => return Err(Failure::Malformed),
    };
    match web.reset.verify(proof).await {
        Ok(grant) => granted(grant),
        Err(VerifyError::StepUpRequired(partial_grant)) => partially_proved(*partial_grant),
        Err(error) => Err(error.into()),
    }
}

fn granted(grant: Grant) -> Result<Response, Failure> {
    let (until, identifier) = (time(grant.until()), grant.identifier().as_str().to_owned());
    let answer = Granted { grant: grant.into_token().expose().to_string(), until, identifier };
    respond::json(StatusCode::OK, &answer)
}

fn partially_proved(partial_grant: PartialGrant) -> Result<Response, Failure> {
    let wants = if partial_grant.wants() == StepUp::Code { "code" } else { "factor" };
    let (until, attempts_left) = (time(partial_grant.until()), partial_grant.attempts_left());
    let identifier = partial_grant.identifier().as_str().to_owned();
    let partial_grant = partial_grant.into_token().expose().to_string();
    respond::json(StatusCode::OK, &PartiallyProved { partial_grant, wants, until, attempts_left, identifier })
}
