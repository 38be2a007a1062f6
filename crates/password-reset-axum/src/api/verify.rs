//! `POST /api/verify`: bringing a proof.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{Code, Handle, LinkToken, Proof};
use serde::{Deserialize, Serialize};

use super::json::{Sent, given, time};
use crate::failure::Failure;
use crate::respond;
use crate::web::State;

/// A link; or a handle with the code that was typed; or a handle alone, to claim what a message proved.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Brought {
    #[serde(default, deserialize_with = "given")]
    link: Option<String>,
    #[serde(default, deserialize_with = "given")]
    handle: Option<String>,
    #[serde(default, deserialize_with = "given")]
    code: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    grant: String,
    until: String,
    identifier: String,
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let brought = Sent::<Brought>::read_own(&web, request).await?.body;
    let proof = match (brought.link, brought.handle, brought.code) {
        (Some(link), None, None) => Proof::Link(LinkToken::parse(&link)?),
        (None, Some(handle), Some(code)) => Proof::Code { handle: Handle::parse(&handle)?, code: Code::parse(&code)? },
        (None, Some(handle), None) => Proof::Claim(Handle::parse(&handle)?),
        _ => return Err(Failure::Malformed),
    };
    let grant = web.reset.verify(proof).await?;
    let (until, identifier) = (time(grant.until()), grant.identifier().as_str().to_owned());
    let answer = Answer { grant: grant.into_token().expose().to_string(), until, identifier };
    respond::json(StatusCode::OK, &answer)
}
