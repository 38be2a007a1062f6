//! The fields that are read from Meta's requests; all are optional.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lenient::{Elements, Flag, Object, Objects, Present, Text};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) object: Text<'a>,
    #[serde(borrow)]
    pub(super) entry: Objects<Entry<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) changes: Objects<Change<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Change<'a> {
    #[serde(borrow, default)]
    pub(super) field: Text<'a>,
    #[serde(borrow, default = "nothing")]
    pub(super) value: &'a RawValue,
}

fn nothing() -> &'static RawValue {
    RawValue::NULL
}

/// The value of a change.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChangeValue<'a> {
    #[serde(borrow)]
    pub(super) metadata: Object<Metadata<'a>>,
    #[serde(borrow)]
    pub(super) contacts: Elements<'a>,
    #[serde(borrow)]
    pub(super) messages: Elements<'a>,
    #[serde(borrow)]
    pub(super) statuses: Elements<'a>,
    #[serde(borrow)]
    pub(super) user_id_update: Elements<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata<'a> {
    #[serde(borrow)]
    pub(super) display_phone_number: Text<'a>,
    #[serde(borrow)]
    pub(super) phone_number_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact<'a> {
    #[serde(borrow)]
    pub(super) wa_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) identity_key_hash: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) from: Text<'a>,
    #[serde(borrow)]
    pub(super) from_user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) timestamp: Text<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) text: Object<Body<'a>>,
    pub(super) context: Object<Context>,
    pub(super) group_id: Present,
    #[serde(borrow)]
    pub(super) button: Object<Button<'a>>,
    #[serde(borrow)]
    pub(super) system: Object<System<'a>>,
    pub(super) errors: Present,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    pub(super) body: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Context {
    pub(super) forwarded: Flag,
    pub(super) frequently_forwarded: Flag,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Button<'a> {
    #[serde(borrow)]
    pub(super) payload: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct System<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UserIdUpdate<'a> {
    #[serde(borrow)]
    pub(super) wa_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_id: Object<Ids<'a>>,
    #[serde(borrow)]
    pub(super) timestamp: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ids<'a> {
    #[serde(borrow)]
    pub(super) previous: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status<'a> {
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    #[serde(borrow)]
    pub(super) biz_opaque_callback_data: Text<'a>,
    #[serde(borrow)]
    pub(super) errors: Objects<Failure<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure<'a> {
    #[serde(borrow)]
    pub(super) code: Text<'a>,
}
