//! Forms with the link of a message and a box to tick, for what cannot be taken back.

use password_reset::secret::Malformed;

use crate::failure::Failure;
use crate::pages::ConfirmProblem;
use crate::pasted::secret_in_link;
use crate::request_context::{Form, Posted, RequestContext};
use crate::state::AppState;

/// Reads such a form: the secret of its link, or what is wrong with the form.
pub(super) fn read<T>(
    state: &AppState,
    posted: Posted,
    page: &str,
    parse: fn(&str) -> Result<T, Malformed>,
) -> Result<(RequestContext, Result<T, ConfirmProblem>), Failure> {
    let mut form = Form::read(posted, &["link", "confirm"])?;
    form.context.reset = None;
    let link = form.fields.get("link")?;
    let token =
        secret_in_link(link, &state.links_to(page), |secret| parse(secret).ok()).ok_or(ConfirmProblem::Unreadable);
    let confirmed = form.fields.find("confirm") == Some("yes");
    Ok((form.context, token.and_then(|token| if confirmed { Ok(token) } else { Err(ConfirmProblem::NotTicked) })))
}

/// The name of a problem in the address of the page that shows it.
pub(super) const fn code(problem: ConfirmProblem) -> &'static str {
    match problem {
        ConfirmProblem::NotTicked => "not_ticked",
        ConfirmProblem::Unreadable => "unreadable",
    }
}

pub(super) fn problem(code: &str) -> ConfirmProblem {
    if code == "not_ticked" { ConfirmProblem::NotTicked } else { ConfirmProblem::Unreadable }
}
