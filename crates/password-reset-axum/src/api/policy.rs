//! `GET /api/policy`: the rules for new passwords, as data and in words.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{Locale, PasswordPolicy, Rule, RuleKind};
use serde::Serialize;

use crate::failure::Failure;
use crate::respond;
use crate::visit::Visit;
use crate::web::State;

#[derive(Serialize)]
struct Shown {
    rules: Vec<ShownRule>,
    confirmed: bool,
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
            value: value(*rule),
            text: rule.sentence(locale),
        });
        Self {
            rules: rules.collect(),
            confirmed: policy.has(RuleKind::Confirmed),
            passwordrules: policy.passwordrules(),
        }
    }
}

fn value(rule: Rule) -> Option<u16> {
    match rule {
        Rule::MinLength(number) | Rule::MaxLength(number) | Rule::MaxBytes(number) => Some(number),
        Rule::NotEarlier(number) | Rule::Strength(number) => Some(number.into()),
        _ => None,
    }
}

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let locale = Visit::of(&web, &parts)?.locale;
    respond::json(StatusCode::OK, &Shown::of(web.reset.policy(), locale))
}
