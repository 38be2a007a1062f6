//! What a gateway's JSON must have, to be a message or a report.

use serde_json::Value;

use super::path::{JsonPath, is_empty_value};
use super::sender::sender_info;

/// A value that a message must have at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// Exactly this string.
    Text(String),
    /// Exactly `true` or `false`.
    Flag(bool),
}

impl From<&str> for Expected {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Expected {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

#[derive(Clone, Debug)]
pub(super) enum Condition {
    Equals(JsonPath, Expected),
    Empty(JsonPath),
    Direct(JsonPath),
}

impl Condition {
    pub(super) fn is_met(&self, body: &Value) -> bool {
        match self {
            Self::Equals(path, Expected::Text(text)) => path.get(body).and_then(Value::as_str) == Some(text),
            Self::Equals(path, Expected::Flag(flag)) => path.get(body).and_then(Value::as_bool) == Some(*flag),
            Self::Empty(path) => path.get(body).is_none_or(is_empty_value),
            Self::Direct(path) => path.text(body).and_then(|chat| sender_info(&chat)).is_some(),
        }
    }
}
