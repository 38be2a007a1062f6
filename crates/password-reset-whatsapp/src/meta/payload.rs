//! The fields that are read from Meta's requests. All are optional, and a value of another type than expected counts as absent.
//!
//! `serde_json` skips what is not read without recursion, and refuses values that nest more than 128 levels deep.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Envelope<Entry> {
    #[serde(default)]
    object: Value,
    #[serde(default = "Vec::new")]
    entry: Vec<Entry>,
}

#[derive(Default, Deserialize)]
pub(super) struct Entry<Change> {
    #[serde(default)]
    pub(super) id: Value,
    #[serde(default = "Vec::new")]
    pub(super) changes: Vec<Change>,
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

/// The entries of a post, with `None` for a change that cannot be read. As Meta writes them, all are read at once; where that
/// fails, each by itself, so that an odd one loses no other.
pub(super) fn entries<'a>(body: &'a [u8]) -> Result<Vec<Entry<Option<Change<'a>>>>, &'static str> {
    let of_whatsapp = |object: &Value| match object == "whatsapp_business_account" {
        true => Ok(()),
        false => Err("not about a WhatsApp business account"),
    };
    if let Ok(envelope) = serde_json::from_slice::<Envelope<Entry<Option<Change<'_>>>>>(body) {
        return of_whatsapp(&envelope.object).map(|()| envelope.entry);
    }
    let envelope: Envelope<&RawValue> = serde_json::from_slice(body).map_err(|_quotes_the_body| "not JSON")?;
    let entry = |entry: Option<Entry<&'a RawValue>>| {
        entry.map(|Entry { id, changes }| Entry { id, changes: one_by_one(&changes) }).unwrap_or_default()
    };
    of_whatsapp(&envelope.object).map(|()| one_by_one(&envelope.entry).into_iter().map(entry).collect())
}

/// The unparsed elements of a list, so that an odd one loses no other, and a long list takes no more memory than its text.
pub(super) fn elements(list: Option<&RawValue>) -> Vec<&RawValue> {
    list.and_then(|list| Vec::deserialize(list).ok()).unwrap_or_default()
}

fn one_by_one<'a, T: Deserialize<'a>>(elements: &[&'a RawValue]) -> Vec<Option<T>> {
    elements.iter().map(|element| T::deserialize(*element).ok()).collect()
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
