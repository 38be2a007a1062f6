//! `POST /api/verify`: bringing a proof.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{Code, Grant, Handle, LinkToken, Pending, PendingToken, Proof, SecondProof, VerifyError};
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
    handle: Option<String>,
    #[serde(default, deserialize_with = "given")]
    pending: Option<String>,
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
struct HalfProved {
    pending: String,
    wants: &'static str,
    until: String,
    tries_left: u32,
    identifier: String,
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let brought = Sent::<Brought>::read_own(&web, request).await?.body;
    let proof = match (brought.link, brought.handle, brought.pending, brought.code) {
        (Some(link), None, None, None) => Proof::Link(LinkToken::parse(&link)?),
        (None, Some(handle), None, Some(code)) => {
            Proof::Code { handle: Handle::parse(&handle)?, code: Code::parse(&code)? }
        }
        (None, Some(handle), None, None) => Proof::Claim(Handle::parse(&handle)?),
        (None, None, Some(pending), Some(code)) => {
            let pending = web.reset.pending(PendingToken::parse(&pending)?).await?;
            return match bring(&web, pending, &code).await? {
                Second::Right(grant) => granted(grant),
                Second::Unreadable | Second::Wrong => Err(Failure::Refused),
            };
        }
        _ => return Err(Failure::Malformed),
    };
    match web.reset.verify(proof).await {
        Ok(grant) => granted(grant),
        Err(VerifyError::SecondProofNeeded(pending)) => half_proved(*pending),
        Err(error) => Err(error.into()),
    }
}

fn granted(grant: Grant) -> Result<Response, Failure> {
    let (until, identifier) = (time(grant.until()), grant.identifier().as_str().to_owned());
    let answer = Granted { grant: grant.into_token().expose().to_string(), until, identifier };
    respond::json(StatusCode::OK, &answer)
}

fn half_proved(pending: Pending) -> Result<Response, Failure> {
    let wants = if pending.wants() == SecondProof::Code { "code" } else { "factor" };
    let (until, tries_left) = (time(pending.until()), pending.tries_left());
    let identifier = pending.identifier().as_str().to_owned();
    let pending = pending.into_token().expose().to_string();
    respond::json(StatusCode::OK, &HalfProved { pending, wants, until, tries_left, identifier })
}
