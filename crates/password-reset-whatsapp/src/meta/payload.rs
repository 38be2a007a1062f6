//! The fields that are read from Meta's requests. All are optional, and a value of another type than expected counts as absent.
//!
//! `serde_json` skips what is not read without recursion, and refuses values that nest more than 128 levels deep.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope<'a> {
    pub(super) object: Value,
    #[serde(borrow)]
    pub(super) entry: Vec<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry<'a> {
    pub(super) id: Value,
    #[serde(borrow)]
    pub(super) changes: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Change<'a> {
    #[serde(default)]
    pub(super) field: Value,
    #[serde(borrow)]
    pub(super) value: ChangeValue<'a>,
}

/// The value of a change; its lists are for [`elements`].
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ChangeValue<'a> {
    pub(super) metadata: Value,
    #[serde(borrow)]
    pub(super) contacts: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) messages: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) statuses: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) user_id_update: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact {
    pub(super) wa_id: Value,
    pub(super) user_id: Value,
    pub(super) identity_key_hash: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    pub(super) from: Value,
    pub(super) from_user_id: Value,
    pub(super) timestamp: Value,
    #[serde(rename = "type")]
    pub(super) kind: Value,
    pub(super) text: Value,
    pub(super) context: Value,
    pub(super) group_id: Value,
    pub(super) button: Value,
    pub(super) system: Value,
    pub(super) errors: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct UserIdUpdate {
    pub(super) wa_id: Value,
    pub(super) user_id: Value,
    pub(super) timestamp: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) status: Value,
    pub(super) biz_opaque_callback_data: Value,
    pub(super) errors: Value,
}

/// The unparsed elements of a list, so that an odd one loses no other, and a long list takes no more memory than its text.
pub(super) fn elements(list: Option<&RawValue>) -> Vec<&RawValue> {
    list.and_then(|list| Vec::deserialize(list).ok()).unwrap_or_default()
}

/// A string, or a whole number as a string.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(number) if number.is_u64() => Some(number.to_string().into()),
        _ => None,
    }
}

/// The text of a field of an object.
pub(super) fn text_of<'v>(value: &'v Value, field: &str) -> Option<Cow<'v, str>> {
    value.get(field).and_then(text)
}
