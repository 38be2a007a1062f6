use chrono::DateTime;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use sha2::Sha256;

use super::Meta;
use crate::provider::{Event, Provider, ReceiveContext, SenderInfo, TextMessage, WebhookRequest};

mod reports;

const SECRET: &str = "only-the-tests-sign-with-this-01";
const BEFORE: &str = "only-the-tests-sign-with-this-02";
const TOKEN: &str = "verify-token-of-the-tests";

fn meta() -> Meta {
    Meta::new(SECRET, TOKEN, "300000000000001", "200000000000001").unwrap().with_previous_secret(BEFORE).unwrap()
}

fn sign(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body).finalize();
    base16ct::lower::encode_string(&mac.into_bytes())
}

fn signed_with(value: Option<&str>, body: &[u8]) -> bool {
    let mut headers = HeaderMap::new();
    if let Some(value) = value {
        headers.insert("X-Hub-Signature-256", HeaderValue::from_str(value).unwrap());
    }
    meta().authenticates(&WebhookRequest::new(&headers, None, body))
}

fn events_of(body: &[u8]) -> Vec<Event> {
    let headers = HeaderMap::new();
    let context = ReceiveContext::new(Some("+6281100000000"), DateTime::UNIX_EPOCH);
    meta().events(&WebhookRequest::new(&headers, None, body), &context)
}

fn change(value: Value) -> Value {
    let mut value = value;
    value["messaging_product"] = "whatsapp".into();
    value["metadata"] = json!({"display_phone_number": "6281100000000", "phone_number_id": "300000000000001"});
    json!({"field": "messages", "value": value})
}

fn post(changes: &[Value]) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "200000000000001", "changes": changes}]})
}

fn text() -> Value {
    json!({"from": "6281200000001", "id": "wamid.A", "timestamp": "1790000000", "type": "text",
           "text": {"body": "kodeK7MX2Q"}})
}

fn contact() -> Value {
    json!({"profile": {"name": "Budi", "username": "budi.contoh"}, "wa_id": "6281200000001",
           "user_id": "ID.13491208650000000001", "identity_key_hash": "DF2lS5v2W6x0="})
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut message = text();
    change(&mut message);
    message
}

#[expect(clippy::needless_pass_by_value, reason = "callers make it for this")]
fn of(message: Value) -> Event {
    let mut events = events_of(post(&[change(json!({"messages": [message]}))]).to_string().as_bytes());
    assert_eq!(events.len(), 1, "{events:?}");
    events.remove(0)
}

fn read(event: Event) -> TextMessage {
    match event {
        Event::Text(text) => text,
        other => panic!("not a text: {other:?}"),
    }
}

fn why(event: &Event) -> &'static str {
    match event {
        Event::Ignored(why) => why,
        other => panic!("not ignored: {other:?}"),
    }
}

#[test]
fn a_handshake_needs_the_right_token() {
    let ask = |query: &str| meta().handshake(query);
    let right = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify-token-of-the-tests";
    assert_eq!(ask(right).as_deref(), Some("1158201444"));
    assert_eq!(
        ask("hub.verify_token=verify%2dtoken-of-the-tests&hub.mode=subscribe&hub.challenge=7").as_deref(),
        Some("7")
    );
    for wrong in [
        "".to_owned(),
        right.replace("subscribe", "unsubscribe"),
        right.replace("tests", "testz"),
        right.replace("verify-token-of-the-tests", ""),
        right.replace("hub.verify_token", "hub_verify_token"),
        right.replace("1158201444", ""),
        right.replace("1158201444", "%3Cscript%3E1"),
        right.replace("1158201444", "-1"),
        right.replace("1158201444", &"1".repeat(65)),
        format!("{right}&hub.challenge=2"),
        format!("hub.verify_token=x&{right}"),
        format!("{right}&hub.mode=subscribe"),
    ] {
        assert_eq!(ask(&wrong), None, "{wrong}");
    }
}

#[test]
fn the_signature_is_over_the_raw_bytes_and_in_full_length() {
    let body = "{\"text\":\"\\u00e4 \u{1f389} \\/\"}".as_bytes();
    let right = format!("sha256={}", sign(SECRET, body));
    assert!(signed_with(Some(&right), body));
    assert!(signed_with(Some(&format!("sha256={}", sign(BEFORE, body))), body), "the previous secret");
    assert!(signed_with(Some(&format!("sha256={}", sign(SECRET, body).to_uppercase())), body));
    let reserialised = serde_json::from_slice::<Value>(body).unwrap().to_string();
    assert!(!signed_with(Some(&right), reserialised.as_bytes()), "the raw bytes are signed, not the parsed JSON");
    for wrong in [
        None,
        Some(""),
        Some("sha256="),
        Some("sha256"),
        Some(&right[..right.len() - 2]),
        Some(&right[..9]),
        Some(&format!("{right}00")),
        Some(&right["sha256=".len()..]),
        Some(&right.replace("sha256=", "sha1=")),
        Some(&right.replace("sha256=", "SHA256=")),
        Some(&right.replace("sha256=", "sha256= ")),
        Some(&format!("{right},{right}")),
        Some(&format!("sha256={}", sign("only-the-tests-sign-with-this-03", body))),
        Some(&format!("sha256={}", sign("", body))),
        Some(&format!("sha256={}", "0".repeat(64))),
        Some(&format!("sha256={}", "g".repeat(64))),
    ] {
        assert!(!signed_with(wrong, body), "{wrong:?}");
    }
    assert!(!signed_with(Some(&right), b"") && !signed_with(Some(&right), &body[..body.len() - 1]));
    let mut headers = HeaderMap::new();
    for _ in 0..2 {
        headers.append("X-Hub-Signature-256", HeaderValue::from_str(&right).unwrap());
    }
    assert!(!meta().authenticates(&WebhookRequest::new(&headers, None, body)), "two headers");
    let mut headers = HeaderMap::new();
    headers.insert("X-Hub-Signature", HeaderValue::from_str(&right).unwrap());
    assert!(!meta().authenticates(&WebhookRequest::new(&headers, None, body)), "the old header");
}

#[test]
fn guessable_secrets_are_refused() {
    for secret in ["", "secret", "your-app-secret-here"] {
        assert!(Meta::new(secret, TOKEN, "1", "1").is_err());
        assert!(Meta::new(SECRET, secret, "1", "1").is_err());
        assert!(meta().with_previous_secret(secret).is_err());
    }
    for id in ["", SECRET, "+62811", "1 2"] {
        assert!(Meta::new(SECRET, TOKEN, id, "1").is_err() && Meta::new(SECRET, TOKEN, "1", id).is_err());
    }
    let shown = format!("{:?}", meta());
    assert!(!shown.contains("only-the-tests") && !shown.contains("of-the-tests"), "{shown}");
}

#[test]
fn a_direct_text_message_is_read() {
    let message = read(of(text()));
    assert_eq!(message.from, SenderInfo::new(Some("6281200000001"), None));
    assert_eq!((message.text.as_str(), message.forwarded, message.identity), ("kodeK7MX2Q", false, None));
    assert_eq!(message.sent_at.timestamp(), 1_790_000_000);
    // A reply to one of our messages is a text like any other.
    assert!(!read(of(with(|text| text["context"] = json!({"from": "6281100000000", "id": "wamid.X"})))).forwarded);
    assert_eq!(read(of(with(|text| text["timestamp"] = json!(1_790_000_001)))).sent_at.timestamp(), 1_790_000_001);
    assert_eq!(
        read(of(with(|text| text["from"] = "+6281200000001".into()))).from.phone.as_deref(),
        Some("+6281200000001")
    );
    let odd = "\u{202e}kode \u{200b}k7mx2q 🎉 ١٢٣ \" \\ \u{0}";
    assert_eq!(read(of(with(|text| text["text"]["body"] = odd.into()))).text, odd, "untouched");
}

#[test]
fn number_and_user_id_are_read_from_message_and_contact() {
    let of_two = |contacts: Value, message: Value| {
        let body = post(&[change(json!({"contacts": contacts, "messages": [message]}))]).to_string();
        read(events_of(body.as_bytes()).remove(0))
    };
    let id = "ID.13491208650000000001";
    let both = with(|text| text["from_user_id"] = id.into());
    let id_alone = with(|text| {
        text.as_object_mut().unwrap().remove("from");
        text["from_user_id"] = id.into();
    });
    let other = json!({"wa_id": "6281200000009", "user_id": "ID.9", "identity_key_hash": "other"});
    let message = of_two(json!([other, contact()]), both.clone());
    assert_eq!(message.from, SenderInfo::new(Some("6281200000001"), Some(id)));
    assert_eq!(message.identity.as_deref(), Some("DF2lS5v2W6x0="));
    // A name that was cut within a letter is not read.
    let cut = post(&[change(json!({"contacts": [contact()], "messages": [text()]}))]).to_string();
    let message = read(events_of(cut.replace("Budi", "\\ud83c").as_bytes()).remove(0));
    assert_eq!(message.identity.as_deref(), Some("DF2lS5v2W6x0="));
    // Only the contact has the user id.
    assert_eq!(of_two(json!([other, contact()]), text()).from, SenderInfo::new(Some("6281200000001"), Some(id)));
    // No contact, or only another user's.
    assert_eq!(of_two(json!([]), both).from, SenderInfo::new(Some("6281200000001"), Some(id)));
    let message = of_two(json!([other, 5, "x", {}]), text());
    assert_eq!((message.from, message.identity), (SenderInfo::new(Some("6281200000001"), None), None));
    // The number is withheld; none is taken from anywhere else.
    let withheld = json!({"user_id": id, "wa_id": "6281200000001", "identity_key_hash": "h"});
    let message = of_two(json!([withheld]), id_alone);
    assert_eq!((message.from, message.identity.as_deref()), (SenderInfo::new(None, Some(id)), Some("h")));
}

#[test]
fn forwarded_messages_are_marked() {
    for flag in ["forwarded", "frequently_forwarded"] {
        assert!(read(of(with(|text| text["context"] = json!({flag: true})))).forwarded, "{flag}");
        assert!(!read(of(with(|text| text["context"] = json!({flag: false})))).forwarded, "{flag}");
    }
}

#[test]
fn only_a_direct_text_message_is_a_text() {
    let body = json!({"body": "kodeK7MX2Q"});
    for kind in [
        "image",
        "video",
        "document",
        "audio",
        "sticker",
        "reaction",
        "edit",
        "revoke",
        "unsupported",
        "interactive",
        "order",
        "contacts",
        "location",
        "request_welcome",
        "something new",
        "Text",
        "",
    ] {
        let message = with(|text| {
            text["type"] = kind.into();
            text["image"] = json!({"caption": "kodeK7MX2Q"});
            text["edit"] = json!({"message": {"type": "text", "text": body}});
            text["interactive"] = json!({"button_reply": {"title": "kodeK7MX2Q"}});
        });
        assert_eq!(why(&of(message)), "not a text message", "{kind}");
    }
    assert_eq!(why(&of(with(|text| text["type"] = json!(["text"])))), "not a text message");
    assert_eq!(why(&of(with(|text| text["group_id"] = "120363@g.us".into()))), "in a group");
    assert_eq!(why(&of(with(|text| text["errors"] = json!([{"code": 131051}])))), "with an error");
    assert_eq!(why(&of(with(|text| text["text"] = json!({})))), "without a text");
    assert_eq!(why(&of(with(|text| text["text"] = "kodeK7MX2Q".into()))), "without a text");
    assert_eq!(why(&of(with(|text| text["timestamp"] = "soon".into()))), "without a time");
    assert_eq!(why(&of(with(|text| text["timestamp"] = Value::Null))), "without a time");
    assert_eq!(why(&of(with(|text| text["from"] = "6281100000000".into()))), "an echo of a message of the service");
    let button = with(|text| {
        text["type"] = "button".into();
        text["button"] = json!({"payload": "kodeK7MX2Q", "text": "kodeK7MX2Q"});
    });
    assert_eq!(why(&of(button)), "another button");
}

#[test]
fn only_messages_to_the_service_number_count() {
    let right = post(&[change(json!({"messages": [text()]}))]);
    let spoilt = |spoil: &dyn Fn(&mut Value)| {
        let mut body = right.clone();
        spoil(&mut body);
        let events = events_of(body.to_string().as_bytes());
        assert!(events.iter().all(|event| matches!(event, Event::Ignored(_))), "{body} {events:?}");
    };
    read(events_of(right.to_string().as_bytes()).remove(0));
    spoilt(&|body| body["object"] = "page".into());
    spoilt(&|body| body["object"] = Value::Null);
    spoilt(&|body| body["entry"][0]["id"] = "0".into());
    spoilt(&|body| body["entry"][0]["id"] = "200000000000002".into());
    for field in ["smb_message_echoes", "account_update", "message_template_status_update", "history", "flows", "new"] {
        spoilt(&|body| body["entry"][0]["changes"][0]["field"] = field.into());
    }
    let metadata = |body: &mut Value, field: &str, value: Value| {
        body["entry"][0]["changes"][0]["value"]["metadata"][field] = value;
    };
    spoilt(&|body| metadata(body, "phone_number_id", "300000000000002".into()));
    spoilt(&|body| metadata(body, "phone_number_id", Value::Null));
    spoilt(&|body| metadata(body, "display_phone_number", "6281100000009".into()));
    spoilt(&|body| body["entry"][0]["changes"][0]["value"]["metadata"] = Value::Null);
    for written in ["+62 811-0000-0000", "6281100000000"] {
        let mut body = right.clone();
        metadata(&mut body, "display_phone_number", written.into());
        read(events_of(body.to_string().as_bytes()).remove(0));
    }
}

#[test]
fn an_unreadable_message_does_not_lose_the_others_of_a_batch() {
    let numbered = |number: u32| with(|text| text["text"]["body"] = format!("message {number}").into());
    let value = |messages: Vec<Value>| change(json!({"messages": messages}));
    let mut body = post(&[
        value(vec![numbered(1), json!(5), json!({"from": {}, "type": 7, "text": []}), numbered(2)]),
        value(vec![json!(null), numbered(3)]),
    ]);
    let entry = json!({"id": "200000000000001", "changes": [value(vec![numbered(4)]), {"field": "new"}, value(vec![numbered(5)])]});
    body["entry"].as_array_mut().unwrap().extend([json!("x"), json!({}), entry]);
    let texts = |body: &str| {
        let read = events_of(body.as_bytes()).into_iter().filter_map(|event| match event {
            Event::Text(text) => Some(text.text),
            _ => None,
        });
        read.collect::<Vec<_>>()
    };
    assert_eq!(texts(&body.to_string()), ["message 1", "message 2", "message 3", "message 4", "message 5"]);
    // Half a surrogate pair, as in a name cut to length, loses only the element that contains it.
    let cut = body.to_string().replace("message 2", "\\ud83c").replace("message 4", "\\ud83c\\u0041");
    assert_eq!(texts(&cut), ["message 1", "message 3", "message 5"]);
    // So does a field that is nested too deep.
    let deep = format!("{}{}", "[".repeat(300_000), "]".repeat(300_000));
    let deep = body.to_string().replace("\"message 2\"", &deep).replace("\"message 4\"", "1e400");
    assert_eq!(texts(&deep), ["message 1", "message 3", "message 5"]);
    // The same name twice.
    let twice = body.to_string().replacen("\"type\":\"text\"", "\"type\":\"text\",\"type\":\"image\"", 1);
    assert_eq!(texts(&twice), ["message 2", "message 3", "message 4", "message 5"]);
}

#[test]
fn values_of_another_type_are_absent() {
    let odd = json!([null, true, false, 0, -7, u64::MAX, 1.5, "", "x", [], {}, [1, [2, {"body": 3}], "x", null],
        {"body": [{}], "previous": 5, "messages": [7]}]);
    let is_read = |body: &Value| {
        let last = read(events_of(body.to_string().as_bytes()).pop().unwrap());
        assert_eq!(last.text, "kodeK7MX2Q", "{body}");
    };
    for odd in odd.as_array().unwrap() {
        for field in [
            "from",
            "from_user_id",
            "timestamp",
            "type",
            "text",
            "context",
            "group_id",
            "button",
            "system",
            "errors",
            "new",
        ] {
            let changed = with(|text| text[field] = odd.clone());
            let contacts = json!([odd, {"wa_id": odd, "user_id": odd, "identity_key_hash": odd}]);
            is_read(&post(&[change(json!({"contacts": contacts, "messages": [odd, changed, text()]}))]));
        }
        for field in ["contacts", "statuses", "user_id_update", "new"] {
            let mut value = json!({"messages": [text()]});
            value[field] = odd.clone();
            let mut body = post(&[odd.clone(), json!({"field": odd, "value": odd}), change(value)]);
            let entries = body["entry"].as_array_mut().unwrap();
            entries.insert(0, odd.clone());
            entries.insert(0, json!({"id": odd, "changes": odd}));
            let statuses = json!([odd, {"status": odd, "biz_opaque_callback_data": odd, "errors": odd}]);
            entries[2]["changes"].as_array_mut().unwrap().insert(0, change(json!({"statuses": statuses})));
            let update = json!([odd, {"wa_id": odd, "user_id": odd, "timestamp": odd}]);
            let update = json!({"field": "user_id_update", "value": {"user_id_update": update}});
            entries[2]["changes"].as_array_mut().unwrap().insert(0, update);
            let events = events_of(body.to_string().as_bytes());
            let text = |event: &&Event| matches!(event, Event::Text(_));
            assert_eq!(events.iter().filter(text).count(), 1, "{body} {events:?}");
        }
    }
}

#[test]
fn malformed_bodies_are_ignored() {
    let deep = format!(
        "{{\"object\":\"whatsapp_business_account\",\"entry\":{}{}}}",
        "[".repeat(1_400_000),
        "]".repeat(1_400_000)
    );
    let deeper = text()
        .to_string()
        .replace("\"kodeK7MX2Q\"", &format!("{}{}", "{\"a\":".repeat(300_000), "1".to_owned() + &"}".repeat(300_000)));
    for body in [
        b"".as_slice(), b"{", b"null", b"[]", b"5", b"\"x\"", b"{}", b"\xff\xfe", b"{\"object\":\"\xff\"}", b"\0",
        br#"{"object":"whatsapp_business_account"}"#,
        br#"{"object":"whatsapp_business_account","entry":{}}"#,
        br#"{"object":"whatsapp_business_account","entry":[{"id":"200000000000001","changes":{}}]}"#,
        br#"{"object":"whatsapp_business_account","entry":[{"id":"200000000000001","changes":[{"field":"messages"}]}]}"#,
        deep.as_bytes(),
        format!("{{\"object\":\"whatsapp_business_account\",\"entry\":[{{\"id\":\"200000000000001\",\"changes\":[{{\"field\":\"messages\",\"value\":{deeper}}}]}}]}}").as_bytes(),
    ] {
        let events = events_of(body);
        assert!(events.iter().all(|event| matches!(event, Event::Ignored(_))), "{events:?}");
    }
    let mut body = post(&[change(json!({"messages": [text()]}))]).to_string().into_bytes();
    let at = body.windows(4).position(|window| window == b"kode").unwrap();
    body[at] = 0xff;
    assert!(events_of(&body).iter().all(|event| matches!(event, Event::Ignored(_))));
}

#[test]
fn no_more_than_a_thousand_messages_are_read() {
    let body =
        post(&[change(json!({"messages": vec![text(); 3_000]})), change(json!({"messages": vec![text(); 3_000]}))]);
    let events = events_of(body.to_string().as_bytes());
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Text(_))).count(), 1_000);
    assert!(why(events.last().unwrap()).contains("thousand"));
    let body = post(&[change(json!({"messages": vec![text(); 1_000]}))]);
    assert_eq!(events_of(body.to_string().as_bytes()).len(), 1_000);
}

proptest::proptest! {
    #[test]
    fn any_body_is_read_without_a_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400), at in 0_usize..700, byte: u8) {
        events_of(&bytes);
        let mut body = post(&[change(json!({"contacts": [contact()], "messages": [text(), text()]}))]).to_string().into_bytes();
        if let Some(place) = body.get_mut(at) {
            *place = byte;
        }
        for event in events_of(&body) {
            if let Event::Text(text) = event {
                proptest::prop_assert!(text.from != SenderInfo::default());
            }
        }
    }
}
