//! `GET /api/policy`: the rules for new passwords, as data and as sentences.

use http::StatusCode;
use password_reset::Locale;
use password_reset::policy::RuleKind;
use serde::Serialize;

use crate::failure::Failure;
use crate::respond::{self, Response};
use crate::state::AppState;

#[derive(Serialize)]
struct Answer {
    rules: Vec<RuleAnswer>,
    confirmed: bool,
    normalization: &'static str,
    passwordrules: String,
}

#[derive(Serialize)]
struct RuleAnswer {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<u16>,
    text: String,
}

pub(crate) fn show(state: &AppState, locale: Locale) -> Result<Response, Failure> {
    let (policy, language) = (state.reset.policy(), state.languages().get(locale));
    let rules = policy.rules().iter().map(|rule| RuleAnswer {
        code: rule.kind().code(),
        value: rule.value(),
        text: rule.sentence(language),
    });
    let answer = Answer {
        rules: rules.collect(),
        confirmed: policy.has(RuleKind::Confirmed),
        normalization: policy.normalization().code(),
        passwordrules: policy.passwordrules(),
    };
    respond::json(StatusCode::OK, &answer)
}
