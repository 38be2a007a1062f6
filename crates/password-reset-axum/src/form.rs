//! A form that was posted, after everything that must hold before its fields count.

use axum::extract::Request;

use crate::body;
use crate::cookies::ResetName;
use crate::failure::Failure;
use crate::fields::Fields;
use crate::forgery::Sender;
use crate::shared::Shared;
use crate::visit::Visit;

const TOKEN: &str = "form_token";
const RESET: &str = "reset";

/// A form that a page of this site posted.
pub(crate) struct Form {
    pub(crate) visit: Visit,
    pub(crate) fields: Fields,
}

impl Form {
    /// Reads the form; `known` are its fields besides those that every form has.
    pub(crate) async fn read(web: &Shared, request: Request, known: &[&str]) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let sender = Sender::of(&parts.headers, &web.origin);
        if sender == Sender::Other {
            return Err(Failure::CrossSite);
        }
        if !body::is_of_type(&parts.headers, "application/x-www-form-urlencoded") {
            return Err(Failure::MediaType);
        }
        let mut visit = Visit::of(web, &parts)?;
        let bytes = body::read(body, body::MAX_BYTES).await?;
        let all: Vec<&str> = known.iter().copied().chain([TOKEN, RESET]).collect();
        let fields = Fields::parse(&bytes, &all)?;
        if sender != Sender::Own {
            let token = fields.find(TOKEN).unwrap_or_default();
            if !visit.jar.form_token().is_some_and(|held| held.is(token)) {
                return Err(Failure::CrossSite);
            }
        }
        // A form says which reset it is of; an address does not count here.
        visit.reset = fields.find(RESET).and_then(ResetName::parse);
        Ok(Self { visit, fields })
    }
}
