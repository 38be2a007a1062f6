//! Policies as JSON.

use password_reset::{Language, PasswordPolicy};
use serde_json::{Map, Value, json};

/// A policy as JSON, for pages and programs in other languages.
///
/// `rules` has an object for each rule, in the policy's order: its `code`, its `value` where it has a number, and its
/// `text` in the language. `normalization` is `nfc` or `as_typed`, and `passwordrules` is the value of that HTML attribute.
/// The blocklist is not included.
#[must_use]
pub fn to_json(policy: &PasswordPolicy, language: &Language) -> Value {
    let rules: Vec<Value> = policy
        .rules()
        .iter()
        .map(|rule| {
            let mut shown = Map::new();
            shown.insert("code".to_owned(), json!(rule.kind().code()));
            if let Some(value) = rule.value() {
                shown.insert("value".to_owned(), json!(value));
            }
            shown.insert("text".to_owned(), json!(rule.sentence(language)));
            Value::Object(shown)
        })
        .collect();
    json!({
        "rules": rules,
        "normalization": policy.normalization().code(),
        "passwordrules": policy.passwordrules(),
    })
}
