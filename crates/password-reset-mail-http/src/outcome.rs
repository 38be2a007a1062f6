//! What the answer of a service means: the README has the table.
//!
//! The text of an answer is never kept, because it may repeat the address.

use http::StatusCode;
use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_http_api::Answer;
use serde_json::Value;

/// The longest code that is kept.
const MAX_CODE: usize = 48;

/// What a service means by an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Accepted,
    Busy,
    /// The operator has to correct what this says.
    Ours(&'static str),
    /// The recipient's address is no address.
    NoMailbox,
    /// The service does not send to this recipient any more.
    Suppressed,
    TooLarge,
}

pub(crate) const ACCESS: &str = "mail service refused access: check the key, and what it may do";
pub(crate) const SENDER: &str = "mail service refused the sender: verify the address or domain of `from` there";
pub(crate) const QUOTA: &str = "mail service refused for a quota or the state of the account: see its dashboard";
pub(crate) const REQUEST: &str = "mail service refused the request: see its dashboard for the code";
pub(crate) const NOT_THE_API: &str = "answer is not from the API of the mail service: check the base URL";

/// What became of a mail whose answer has this code, if any, which means this; without a meaning its status decides.
pub(crate) fn delivery(answer: &Answer, name: Option<&str>, meaning: Option<Meaning>) -> Delivery {
    // A code is a word or a number; what is not might be a part of the mail.
    let is_word = |name: &&str| {
        (1..=MAX_CODE).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let name = name.filter(is_word).map(|name| format!(" {name}")).unwrap_or_default();
    let code = format!("HTTP {}{name}", answer.status.as_u16());
    match meaning.unwrap_or_else(|| of_status(answer.status)) {
        Meaning::Accepted => Delivery::Delivered,
        Meaning::Busy => {
            let why = PortError::transient("mail service deferred the message").with_code(code);
            Delivery::Later { after: answer.retry_after, why }
        }
        Meaning::Ours(what) => Delivery::Later { after: None, why: PortError::permanent(what).with_code(code) },
        Meaning::NoMailbox => Delivery::NoSuchContact { why: code },
        // The words of bounces, which administrators read.
        Meaning::Suppressed => Delivery::Never { why: "suppressed".to_owned() },
        Meaning::TooLarge => Delivery::Never { why: code },
    }
}

fn of_status(status: StatusCode) -> Meaning {
    match status {
        status if status.is_success() => Meaning::Accepted,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => Meaning::Busy,
        status if status.is_server_error() => Meaning::Busy,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Meaning::Ours(ACCESS),
        StatusCode::PAYMENT_REQUIRED => Meaning::Ours(QUOTA),
        StatusCode::PAYLOAD_TOO_LARGE => Meaning::TooLarge,
        status if status.is_client_error() => Meaning::Ours(REQUEST),
        // A redirect is not followed: it would carry the key elsewhere.
        _ => Meaning::Ours(NOT_THE_API),
    }
}

/// The body of an answer, if it is JSON.
pub(crate) fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}
