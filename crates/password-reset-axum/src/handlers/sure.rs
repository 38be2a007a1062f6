//! Forms with the link of a message and a box to tick: what they do cannot be taken back.

use axum::extract::Request;
use password_reset::Malformed;

use super::secret_of;
use crate::failure::Failure;
use crate::form::Form;
use crate::pages::SureProblem;
use crate::shared::Shared;
use crate::visit::Visit;

/// Reads such a form: whose link it is, or what is wrong with it.
pub(super) async fn read<T>(
    web: &Shared,
    request: Request,
    parse: fn(&str) -> Result<T, Malformed>,
) -> Result<(Visit, Result<T, SureProblem>), Failure> {
    let form = Form::read(web, request, &["link", "sure"]).await?;
    let token = parse(secret_of(form.fields.get("link")?)).map_err(|_malformed| SureProblem::Unreadable);
    let sure = form.fields.find("sure") == Some("yes");
    Ok((form.visit, token.and_then(|token| if sure { Ok(token) } else { Err(SureProblem::NotTicked) })))
}
