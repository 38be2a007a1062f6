//! Problem documents of the API (RFC 9457), with stable codes.

use password_reset::Language;
use password_reset::policy::Violation;
use serde::Serialize;

use crate::challenge::ToPass;
use crate::failure::Failure;
use crate::respond::{self, Response};

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    violations: Option<Vec<BrokenRule>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<&'a ToPass>,
}

/// A rule that a password breaks.
#[derive(Serialize)]
pub(crate) struct BrokenRule {
    code: &'static str,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    params: serde_json::Map<String, serde_json::Value>,
    text: String,
}

impl BrokenRule {
    pub(crate) fn of(violation: &Violation, language: &Language) -> Self {
        let params = violation.params().into_iter().map(|(name, value)| (name.to_owned(), value.into()));
        Self { code: violation.code(), params: params.collect(), text: violation.sentence(language) }
    }

    pub(crate) fn with(mut self, param: &str, value: u16) -> Self {
        self.params.insert(param.to_owned(), value.into());
        self
    }
}

pub(crate) fn document(failure: &Failure, language: &Language) -> Result<Response, Failure> {
    let status = failure.status();
    let violations = match failure {
        Failure::Rejected(violations) => {
            Some(violations.iter().map(|violation| BrokenRule::of(violation, language)).collect())
        }
        _ => None,
    };
    let document = Document {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        detail: language.text(key(failure)),
        code: failure.code(),
        retry_after: failure.retry_after(),
        violations,
        challenge: match failure {
            Failure::ChallengeRequired(to_pass) => to_pass.as_deref(),
            _ => None,
        },
    };
    respond::typed_json(status, "application/problem+json", &document)
}

/// The key of the sentence that tells the caller what happened and what to do.
fn key(failure: &Failure) -> &'static str {
    match failure {
        Failure::NotFound => "problem-not-found",
        Failure::MethodNotAllowed(_) => "problem-method-not-allowed",
        Failure::MediaType => "problem-media-type",
        Failure::TooLarge => "problem-too-large",
        Failure::TooSlow => "problem-too-slow",
        Failure::Malformed => "problem-malformed",
        Failure::BadIdentifier => "problem-bad-identifier",
        Failure::ChannelOff => "problem-channel-off",
        Failure::CrossSite => "problem-cross-site",
        Failure::NoCookies => "problem-no-cookies",
        Failure::Refused => "problem-refused",
        Failure::Rejected(_) => "problem-rejected",
        Failure::ChallengeRequired(_) => "problem-challenge-required",
        Failure::TooMany(_) => "problem-too-many",
        Failure::Busy(_) | Failure::Unavailable => "problem-busy",
        Failure::Internal => "problem-internal",
    }
}

#[cfg(test)]
mod tests {
    use password_reset_testkit::voice::avoided;

    use super::*;

    #[test]
    fn the_api_document_lists_every_code_and_no_other() {
        let document: serde_json::Value = serde_json::from_str(include_str!("api/openapi.json")).unwrap();
        let listed = document["components"]["schemas"]["ProblemCode"]["enum"].as_array().unwrap().clone();
        let listed: Vec<&str> = listed.iter().map(|code| code.as_str().unwrap()).collect();
        let codes: Vec<&str> = Failure::all().iter().map(Failure::code).collect();
        assert_eq!(listed, codes);
    }

    #[test]
    fn every_failure_says_what_to_do_in_every_language() {
        for failure in Failure::all() {
            for language in [Language::english(), Language::indonesian()] {
                let text = language.text(key(&failure));
                assert_eq!(avoided(language.locale().tag(), &text), [""; 0], "{text}");
                assert!(text.ends_with('.'), "{failure:?}: {text}");
            }
        }
    }
}
