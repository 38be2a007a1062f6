//! What the answer of a service means.
//!
//! | answer | outcome |
//! | --- | --- |
//! | accepted; accepted before, with the same key | `Delivered` |
//! | no answer; 408, 425, 429 without a quota, 5xx | `Later`, transient |
//! | 401, 402, 403, 404; a quota, a sender, anything unknown | `Later`, permanent |
//! | the service calls the recipient's address invalid | `NoSuchContact` |
//! | the service does not send to this recipient, since an earlier mail failed; a mail that is too large | `Never` |
//!
//! The text of an answer is never kept, because it may repeat the address.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_http_api::Answer;
use serde_json::Value;

/// The longest code that is kept.
const MAX_CODE: usize = 48;

/// What became of a mail.
#[derive(Debug)]
pub(crate) struct Outcome {
    meaning: Meaning,
    code: Code,
    retry_after: Option<Duration>,
}

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

/// The status and the service's code, without a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Code {
    status: StatusCode,
    name: Option<String>,
}

impl Outcome {
    /// What an answer means whose code, if it has one, means this.
    pub(crate) fn new(answer: &Answer, name: Option<&str>, meaning: Option<Meaning>) -> Self {
        let meaning = meaning.unwrap_or_else(|| of_status(answer.status));
        // A code is a word or a number; what is not might be a part of the mail.
        let is_word = |name: &&str| {
            (1..=MAX_CODE).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let code = Code { status: answer.status, name: name.filter(is_word).map(str::to_owned) };
        Self { meaning, code, retry_after: answer.retry_after }
    }

    pub(crate) fn into_delivery(self) -> Delivery {
        let code = self.code.to_string();
        match self.meaning {
            Meaning::Accepted => Delivery::Delivered,
            Meaning::Busy => {
                let why = PortError::transient("mail service deferred the message").with_code(code);
                Delivery::Later { after: self.retry_after, why }
            }
            Meaning::Ours(what) => Delivery::Later { after: None, why: PortError::permanent(what).with_code(code) },
            Meaning::NoMailbox => Delivery::NoSuchContact { why: code },
            // The words of bounces, which administrators read.
            Meaning::Suppressed => Delivery::Never { why: "suppressed".to_owned() },
            Meaning::TooLarge => Delivery::Never { why: code },
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status.as_u16())?;
        self.name.iter().try_for_each(|name| write!(f, " {name}"))
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
