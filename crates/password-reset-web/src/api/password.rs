//! `POST /api/password`: sets the password with a grant.

use http::StatusCode;
use password_reset::secret::GrantToken;
use password_reset::{NewPassword, Proof};
use serde::Deserialize;
use serde_json::json;

use super::json::{JsonRequest, given, time};
use crate::failure::Failure;
use crate::request_context::Posted;
use crate::respond::{self, Response};
use crate::state::AppState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPasswordRequest {
    grant: String,
    password: String,
    #[serde(default, deserialize_with = "given")]
    again: Option<String>,
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let JsonRequest { context, body: typed, .. } = JsonRequest::<NewPasswordRequest>::read_own(posted)?;
    let token = GrantToken::parse(&typed.grant)?;
    let new = match typed.again {
        Some(again) => NewPassword::confirmed(typed.password, again),
        None => NewPassword::new(typed.password),
    };
    let new = new.from_device(&context.device(state).unwrap_or_default());
    let grant = state.reset.verify(Proof::Grant(token)).await?;
    let set = state.reset.set_password(grant, new).await?;
    respond::json(StatusCode::OK, &json!({ "at": time(set.at) }))
}
