//! What the answer of a gateway means.

use http::StatusCode;
use password_reset_http_api::Answer;
use serde_json::Value;

use crate::notifier::outcome::{Outcome, our_fault, said};

/// What a gateway says with a word in its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The number is not on WhatsApp: the account's next message goes to another contact. Name only words that say nothing else.
    NoSuchContact,
    /// Try again.
    Busy,
    /// The operator has to correct something; then the message goes out, if it is still valid.
    Operator,
    /// This message will not be sent; trying again would make it worse.
    Never,
}

/// How answers are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// What a success has besides its status.
    pub(super) accepted: Option<(String, Value)>,
    pub(super) refusals: Vec<(String, String, Refusal)>,
    /// Where the id of the message may be.
    pub(super) ids: Vec<String>,
}

impl Reading {
    /// The outcome, and the id of an accepted message.
    pub(super) fn read(&self, answer: &Answer) -> (Outcome, Option<String>) {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status.is_success() && self.is_accepted(answer, &body) {
            let id = self.ids.iter().find_map(|pointer| match body.pointer(pointer)? {
                Value::String(id) => Some(id.clone()),
                Value::Number(id) => Some(id.to_string()),
                _ => None,
            });
            return (Outcome::Accepted, id);
        }
        let refusal = self.refusals.iter().find(|(pointer, word, _)| match body.pointer(pointer) {
            Some(Value::String(said)) => said.eq_ignore_ascii_case(word),
            Some(Value::Number(said)) => said.to_string() == *word,
            _ => false,
        });
        let status = said(None, answer.status);
        // A word that the configuration knows, so no part of a message.
        let code = refusal.map_or_else(|| status.clone(), |(_, word, _)| format!("{status} {word}"));
        let refusal = refusal.map(|(_, _, refusal)| *refusal);
        (outcome(answer, refusal, code), None)
    }

    fn is_accepted(&self, answer: &Answer, body: &Value) -> bool {
        // A success whose body was lost is one: once more would be a second copy.
        answer.body.is_empty()
            || self.accepted.as_ref().is_none_or(|(pointer, value)| body.pointer(pointer) == Some(value))
    }
}

fn outcome(answer: &Answer, refusal: Option<Refusal>, code: String) -> Outcome {
    match refusal {
        // A fault of the gateway's own is one, whatever it says of the number.
        Some(Refusal::NoSuchContact) if !answer.status.is_server_error() => Outcome::NoSuchContact(code),
        Some(Refusal::Never) => {
            password_reset::log_bounded!(error, code, "WhatsApp gateway does not send this message: check its number");
            Outcome::Never(code)
        }
        Some(Refusal::Operator) => our_fault("WhatsApp gateway cannot send: check it and its number", code),
        Some(Refusal::Busy) => Outcome::Later(answer.retry_after, code),
        Some(Refusal::NoSuchContact) | None => match answer.status {
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
                Outcome::Later(answer.retry_after, code)
            }
            status if status.is_server_error() => Outcome::Later(answer.retry_after, code),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                our_fault("WhatsApp gateway refused access: check the key", code)
            }
            StatusCode::NOT_FOUND => our_fault("WhatsApp gateway has no such address: check the base URL", code),
            status if status.is_success() || status.is_client_error() => {
                our_fault("WhatsApp gateway refused the message: see its log for the reason", code)
            }
            // A redirect is not followed: it would carry the key elsewhere.
            _ => our_fault("answer is not from the WhatsApp gateway: check the base URL", code),
        },
    }
}
