//! `GET /api/policy`: the rules for new passwords, as data and in words.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{Locale, PasswordPolicy, RuleKind};
use serde::Serialize;

use crate::failure::Failure;
use crate::respond;
use crate::shared::State;
use crate::visit::Visit;

#[derive(Serialize)]
struct Shown {
    rules: Vec<ShownRule>,
    confirmed: bool,
    normalization: &'static str,
    passwordrules: String,
}

#[derive(Serialize)]
struct ShownRule {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<u16>,
    text: String,
}

impl Shown {
    fn of(policy: &PasswordPolicy, locale: Locale) -> Self {
        let rules = policy.rules().iter().map(|rule| ShownRule {
            code: rule.kind().code(),
            value: rule.value(),
            text: rule.sentence(locale),
        });
        Self {
            rules: rules.collect(),
            confirmed: policy.has(RuleKind::Confirmed),
            normalization: policy.normalization().code(),
            passwordrules: policy.passwordrules(),
        }
    }
}

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let locale = Visit::of(&web, &parts)?.locale;
    respond::json(StatusCode::OK, &Shown::of(web.reset.policy(), locale))
}
