//! Where a gateway's JSON has what.

use std::fmt;

use serde_json::{Map, Value};

/// The fields with the message that a message answers to, in lower case.
const QUOTED: [&str; 2] = ["quotedmessage", "quotedmsg"];

/// The path of a field in a JSON object.
#[derive(Clone)]
pub(crate) struct JsonPath(Vec<String>);

impl JsonPath {
    pub(crate) fn new(written: &str) -> Self {
        Self(written.split('.').map(str::to_owned).collect())
    }

    pub(crate) fn get<'v>(&self, body: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(body, |value, name| value.as_object()?.get(name))
    }

    /// Writes a text there, with the objects that lead to it.
    pub(super) fn put(&self, body: &mut Value, text: &str) {
        let mut at = body;
        for name in &self.0 {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            let Some(fields) = at.as_object_mut() else { return };
            at = fields.entry(name).or_insert(Value::Null);
        }
        *at = text.into();
    }

    /// A string, or a whole number as a string.
    pub(super) fn text(&self, body: &Value) -> Option<String> {
        text(self.get(body)?)
    }
}

impl fmt::Debug for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

pub(super) fn is_empty_value(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(array) => array.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}

/// A string, or a whole number as a string.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a field of one of these names has a value. `serde_json` has bounded the depth.
pub(super) fn has_mark(value: &Value, names: &[String]) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            let name = name.to_ascii_lowercase();
            !QUOTED.contains(&name.as_str())
                && (has_mark(value, names) || (names.contains(&name) && !is_empty_value(value)))
        }),
        Value::Array(elements) => elements.iter().any(|element| has_mark(element, names)),
        _ => false,
    }
}
