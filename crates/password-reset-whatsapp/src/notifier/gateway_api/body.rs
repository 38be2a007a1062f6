//! What a gateway is sent: JSON or a form, with placeholders.

use std::borrow::Cow;

use serde_json::{Map, Value};
use url::form_urlencoded;

/// The placeholders, and where they have a value: in both bodies, in that of texts, in that of templates.
const IN_BOTH: [&str; 3] = ["to", "digits", "reference"];
const IN_TEXTS: [&str; 1] = ["text"];
const IN_TEMPLATES: [&str; 5] = ["template", "language", "code", "number", "value"];

/// A body with placeholders.
#[derive(Clone, Debug)]
pub(super) struct Body {
    json: Value,
    is_form: bool,
}

/// What a message puts in their place.
#[derive(Debug, Default)]
pub(super) struct Filling<'a> {
    /// The number, with a plus.
    pub(super) to: &'a str,
    pub(super) reference: String,
    pub(super) text: Option<&'a str>,
    /// The template and its language.
    pub(super) template: Option<(&'a str, &'a str)>,
    /// The template's fields; a code is the only one of its template.
    pub(super) fields: Vec<&'a str>,
    pub(super) code: Option<&'a str>,
}

impl Body {
    /// A body of texts.
    pub(super) fn of_texts(json: Value, is_form: bool) -> Result<Self, &'static str> {
        let body = Self::with(json, is_form, &IN_TEXTS)?;
        if !body.has(&["text"]) {
            return Err("needs {{text}}");
        }
        Ok(body)
    }

    /// A body of templates.
    pub(super) fn of_templates(json: Value) -> Result<Self, &'static str> {
        let body = Self::with(json, false, &IN_TEMPLATES)?;
        if !body.has(&["template"]) || !body.has(&["value"]) {
            return Err("needs {{template}}, and {{value}} in an array of one element");
        }
        Ok(body)
    }

    fn with(json: Value, is_form: bool, more: &[&str]) -> Result<Self, &'static str> {
        if !json.is_object() {
            return Err("must be a JSON object");
        }
        let known = |name: &str| IN_BOTH.contains(&name) || more.contains(&name);
        if !texts(&json).iter().all(|text| placeholders(text).is_some_and(|names| names.into_iter().all(known))) {
            return Err("has an unknown placeholder: see GatewayApi for those that there are");
        }
        let body = Self { json, is_form };
        if !body.has(&["to", "digits"]) {
            return Err("needs {{to}} or {{digits}}, the recipient's number");
        }
        Ok(body)
    }

    fn has(&self, any: &[&str]) -> bool {
        let texts = texts(&self.json);
        texts.iter().filter_map(|text| placeholders(text)).flatten().any(|name| any.contains(&name))
    }

    pub(super) fn content_type(&self) -> &'static str {
        if self.is_form { "application/x-www-form-urlencoded" } else { "application/json" }
    }

    pub(super) fn filled(&self, filling: &Filling<'_>) -> String {
        let json = fill(&self.json, filling, None).unwrap_or_default();
        if !self.is_form {
            return json.to_string();
        }
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in json.as_object().into_iter().flatten() {
            match value {
                Value::String(text) => form.append_pair(name, text),
                other => form.append_pair(name, &other.to_string()),
            };
        }
        form.finish()
    }
}

impl Filling<'_> {
    /// The value of a placeholder; `None` where the message has none. `each` is the field that stands now.
    fn value(&self, name: &str, each: Option<(usize, &str)>) -> Option<Cow<'_, str>> {
        Some(match name {
            "to" => self.to.into(),
            "digits" => self.to.trim_start_matches('+').into(),
            "reference" => self.reference.as_str().into(),
            "text" => self.text?.into(),
            "template" => self.template?.0.into(),
            "language" => self.template?.1.into(),
            "code" => self.code?.into(),
            "number" => each?.0.to_string().into(),
            "value" => each?.1.to_owned().into(),
            _ => return None,
        })
    }
}

/// Fills a value; `None` for what is only a placeholder without a value, and for an array that nothing is left of.
fn fill(json: &Value, filling: &Filling<'_>, each: Option<(usize, &str)>) -> Option<Value> {
    Some(match json {
        Value::String(text) => match only(text) {
            Some(name) => filling.value(name, each)?.into_owned().into(),
            None => filled(text, filling, each).into(),
        },
        Value::Array(values) => {
            let filled: Vec<Value> = match values.as_slice() {
                [one] if each.is_none() && mentions_value(one) => {
                    let fields = (1_usize..).zip(&filling.fields);
                    fields.filter_map(|(number, field)| fill(one, filling, Some((number, field)))).collect()
                }
                // An element without its value, such as a button without its code, is left out whole.
                all => {
                    let has_all = |value: &&Value| {
                        let names = texts(value).into_iter().filter_map(placeholders).flatten();
                        names.into_iter().all(|name| filling.value(name, each).is_some())
                    };
                    all.iter().filter(has_all).filter_map(|value| fill(value, filling, each)).collect()
                }
            };
            if filled.is_empty() && !values.is_empty() {
                return None;
            }
            Value::Array(filled)
        }
        Value::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, value)| Some((name.clone(), fill(value, filling, each)?)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        other => other.clone(),
    })
}

/// Fills a text once: what a message says is not read for placeholders.
fn filled(text: &str, filling: &Filling<'_>, each: Option<(usize, &str)>) -> String {
    let mut parts = text.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        out.push_str(&filling.value(name, each).unwrap_or_default());
        out.push_str(rest);
    }
    out
}

fn mentions_value(json: &Value) -> bool {
    texts(json).into_iter().filter_map(placeholders).flatten().any(|name| name == "value")
}

/// The name of the placeholder that is the whole text.
fn only(text: &str) -> Option<&str> {
    text.strip_prefix("{{")?.strip_suffix("}}").filter(|name| !name.contains("{{"))
}

/// The names of the placeholders in a text; `None` for one that is not closed.
fn placeholders(text: &str) -> Option<Vec<&str>> {
    text.split("{{").skip(1).map(|rest| Some(rest.split_once("}}")?.0)).collect()
}

/// All texts in a JSON value.
fn texts(json: &Value) -> Vec<&str> {
    match json {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Body, Filling};

    fn template<'a>(fields: &[&'a str], code: Option<&'a str>) -> Filling<'a> {
        let to = "+6281200000001";
        Filling { to, template: Some(("t-1", "id")), fields: fields.to_vec(), code, ..Filling::default() }
    }

    fn body() -> Body {
        Body::of_templates(
            json!({"to": "{{digits}}", "t": "{{template}}", "n": 1, "language": {"code": "{{language}}"},
            "parameters": {"body": [{"key": "{{number}}", "text": "{{value}}", "fix": "x"}],
                           "buttons": [{"index": "0", "value": "{{code}}"}]}}),
        )
        .unwrap()
    }

    fn filled(body: &Body, filling: &Filling<'_>) -> Value {
        serde_json::from_str(&body.filled(filling)).unwrap()
    }

    #[test]
    fn fields_repeat_an_element_and_a_button_without_a_code_is_left_out() {
        let field = |key: &str, text: &str| json!({"key": key, "text": text, "fix": "x"});
        assert_eq!(
            filled(&body(), &template(&["49381726"], Some("49381726"))),
            json!({"to": "6281200000001", "t": "t-1", "n": 1, "language": {"code": "id"},
                "parameters": {"body": [field("1", "49381726")], "buttons": [{"index": "0", "value": "49381726"}]}})
        );
        let two = filled(&body(), &template(&["{{to}}", "b\"\n"], None));
        assert_eq!(two["parameters"], json!({"body": [field("1", "{{to}}"), field("2", "b\"\n")]}));
        assert_eq!(filled(&body(), &template(&[], None))["parameters"], json!({}));
    }

    #[test]
    fn a_form_has_the_fields_of_the_object() {
        let body = Body::of_texts(json!({"target": "{{digits}}", "message": "> {{text}} <", "n": 0}), true).unwrap();
        let text = Some("satu & dua\n{{to}}");
        let form = body.filled(&Filling { to: "+6281200000001", text, ..Filling::default() });
        let mut form: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        form.sort();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(form, [pair("message", "> satu & dua\n{{to}} <"), pair("n", "0"), pair("target", "6281200000001")]);
        assert_eq!(body.content_type(), "application/x-www-form-urlencoded");
    }

    #[test]
    fn a_body_without_what_a_message_needs_is_refused() {
        for wrong in [
            json!([]),
            json!({}),
            json!({"to": "{{to}}"}),
            json!({"text": "{{text}}"}),
            json!({"to": "{{to}}", "text": "{{text}}", "x": "{{code}}"}),
            json!({"to": "{{to}}", "text": "{{text}}", "x": [{"y": "{{ to }}"}]}),
            json!({"to": "{{to}}", "text": "{{text}}", "x": "{{to"}),
        ] {
            assert!(Body::of_texts(wrong.clone(), false).is_err(), "{wrong}");
        }
        for wrong in [
            json!({"to": "{{to}}", "t": "{{template}}"}),
            json!({"to": "{{to}}", "v": ["{{value}}"]}),
            json!({"t": "{{template}}", "v": ["{{value}}"]}),
            json!({"to": "{{to}}", "t": "{{template}}", "v": ["{{value}}"], "x": "{{text}}"}),
        ] {
            assert!(Body::of_templates(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
