//! The page that the link of a message opens. The secret is in the fragment, so only the form posts it here.

use password_reset::secret::LinkToken;
use password_reset::{Proof, VerifyError};

use crate::failure::Failure;
use crate::pages::{LinkPage, LinkProblem};
use crate::pasted::secret_in_link;
use crate::request_context::{Form, Posted, RequestContext};
use crate::respond::Response;
use crate::state::AppState;

pub(crate) fn show(state: &AppState, mut context: RequestContext) -> Result<Response, Failure> {
    password_reset::metrics::opened();
    let problem = context.problem.as_ref().map(|_| LinkProblem::Unreadable);
    context.reset = None;
    context.page(state, "/link", |templates, layout| templates.link(&LinkPage { layout, problem }))
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let mut form = Form::read(posted, &["link"])?;
    form.context.reset = None;
    let pasted = form.fields.get("link")?;
    let secret = secret_in_link(pasted, &state.links_to("link"), |secret| LinkToken::parse(secret).ok());
    let Some(link) = secret else {
        return form.context.again(state, "/link", "unreadable");
    };
    match state.reset.verify(Proof::Link(link)).await {
        Ok(grant) => form.context.granted(state, grant),
        Err(VerifyError::StepUpRequired(partial_grant)) => form.context.partially_proved(state, *partial_grant),
        Err(VerifyError::Refused) => form.context.expired(state),
        Err(error) => Err(error.into()),
    }
}
