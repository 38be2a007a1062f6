use chrono::DateTime;
use http::{HeaderMap, HeaderValue};
use password_reset::inbound::Assurance;
use serde_json::{Value, json};

use super::{Authentication, Gateway, TimeFormat};
use crate::provider::{Event, Provider, ReceiveContext, SenderInfo, TextMessage, WebhookRequest};
use crate::signature::{Algorithm, Encoding, of_test};

pub(super) const SECRET: &str = "only-the-tests-sign-with-this-01";
const BEFORE: &str = "only-the-tests-sign-with-this-02";
pub(super) const TEXT: &str = "kodeK7MX2Q";

pub(super) fn event(gateway: &Gateway, body: &Value) -> Event {
    let context = ReceiveContext::new(Some("+6281100000000"), DateTime::from_timestamp(1_790_000_000, 0).unwrap());
    let mut events =
        gateway.events(&WebhookRequest::new(&HeaderMap::new(), None, body.to_string().as_bytes()), &context);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

pub(super) fn read(gateway: &Gateway, body: &Value) -> TextMessage {
    match event(gateway, body) {
        Event::Text(text) => text,
        other => panic!("not a text: {other:?} {body}"),
    }
}

/// `right` is read as the expected message; with any one of the `wrong` values it is ignored.
fn check(gateway: &Gateway, right: &Value, wrong: &[(&str, Value)]) {
    let message = read(gateway, right);
    assert_eq!(message.from.phone.as_deref(), Some("6281200000001"));
    assert_eq!((message.text.as_str(), message.forwarded), (TEXT, false));
    assert_eq!(message.sent_at.timestamp(), 1_790_000_000);
    for (path, value) in wrong {
        let mut body = right.clone();
        let pointer = format!("/{}", path.replace('.', "/"));
        match body.pointer_mut(&pointer) {
            Some(field) => *field = value.clone(),
            None => {
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                body.pointer_mut(parent).unwrap()[name] = value.clone();
            }
        }
        assert!(matches!(event(gateway, &body), Event::Ignored(_)), "{path}: {value}");
    }
}

#[test]
fn waha() {
    let gateway = Gateway::waha(SECRET).unwrap();
    assert_eq!(gateway.assurance(), Assurance::Signed);
    let right = json!({"id": "evt_01", "timestamp": 1_790_000_000_123_u64, "event": "message", "session": "default",
        "me": {"id": "6281100000000@c.us"},
        "payload": {"id": "false_6281200000001@c.us_AAAA", "timestamp": 1_790_000_000, "from": "6281200000001@c.us",
                    "fromMe": false, "to": "6281100000000@c.us", "body": TEXT, "hasMedia": false, "participant": null,
                    "replyTo": null}});
    check(
        &gateway,
        &right,
        &[
            ("event", json!("message.any")),
            ("event", json!("message.edited")),
            ("event", json!("message.reaction")),
            ("event", Value::Null),
            ("me.id", json!("6281100000009@c.us")),
            ("me.id", Value::Null),
            ("payload.fromMe", json!(true)),
            ("payload.fromMe", Value::Null),
            ("payload.from", json!("120363000000000001@g.us")),
            ("payload.from", json!("status@broadcast")),
            ("payload.from", json!("120363@newsletter")),
            ("payload.from", json!("6281100000000@c.us")),
            ("payload.from", Value::Null),
            ("payload.participant", json!("6281200000001@c.us")),
            ("payload.hasMedia", json!(true)),
            ("payload.body", Value::Null),
            ("payload.body", json!(5)),
            ("payload.timestamp", Value::Null),
            ("payload", json!([])),
        ],
    );
    let mut withheld = right.clone();
    withheld["payload"]["from"] = "251556368777322@lid".into();
    assert_eq!(read(&gateway, &withheld).from, SenderInfo::new(None, Some("251556368777322@lid")));
}

#[test]
fn gowa() {
    let gateway = Gateway::gowa(SECRET).unwrap();
    let right = json!({"event": "message", "device_id": "6281100000000@s.whatsapp.net",
        "payload": {"id": "3EB0", "chat_id": "6281200000001@s.whatsapp.net", "from": "6281200000001@s.whatsapp.net",
                    "from_lid": "251556368777322@lid", "from_name": "Budi", "timestamp": DateTime::from_timestamp(1_790_000_000, 0).unwrap().to_rfc3339(),
                    "is_from_me": false, "body": TEXT}});
    check(
        &gateway,
        &right,
        &[
            ("event", json!("message.edited")),
            ("event", json!("message.revoked")),
            ("device_id", json!("6281100000009@s.whatsapp.net")),
            ("payload.chat_id", json!("120363402106@g.us")),
            ("payload.chat_id", Value::Null),
            ("payload.is_from_me", json!(true)),
            ("payload.from", json!("120363402106@g.us")),
            ("payload.timestamp", json!("yesterday")),
            ("payload.image", json!("statics/media/1.jpeg")),
            ("payload.video", json!({"caption": TEXT})),
            ("payload.document", json!({"caption": TEXT})),
            ("payload.contact", json!({"vcard": TEXT})),
            ("payload.body", Value::Null),
        ],
    );
    assert_eq!(read(&gateway, &right).from.id.as_deref(), Some("251556368777322@lid"));
    let mut forwarded = right.clone();
    forwarded["payload"]["forwarded"] = true.into();
    assert!(read(&gateway, &forwarded).forwarded);
    let mut of_a_device = right;
    of_a_device["payload"]["from"] = "6281200000001:12@s.whatsapp.net".into();
    assert_eq!(read(&gateway, &of_a_device).from.phone.as_deref(), Some("6281200000001"));
}

#[test]
fn fonnte() {
    let gateway = Gateway::fonnte(SECRET).unwrap();
    assert_eq!(gateway.assurance(), Assurance::SharedSecret);
    let right = json!({"secret": SECRET, "device": "6281100000000", "sender": "6281200000001", "message": TEXT, "name": "Budi",
        "member": "", "location": "", "timestamp": 1_790_000_000, "inboxid": "123", "url": "", "filename": "", "extension": ""});
    check(
        &gateway,
        &right,
        &[
            ("device", json!("6281100000009")),
            ("sender", json!("120363402106@g.us")),
            ("member", json!("6281200000001")),
            ("location", json!("-6.2,106.8")),
            ("url", json!("https://files.example/x.jpg")),
            ("message", Value::Null),
        ],
    );
    let holds = |body: &Value| {
        gateway.authenticates(&WebhookRequest::new(&HeaderMap::new(), None, body.to_string().as_bytes()))
    };
    assert!(holds(&right));
    for wrong in [json!(""), json!(BEFORE), json!(&SECRET[..31]), Value::Null, json!([SECRET]), json!(true)] {
        let mut body = right.clone();
        body["secret"] = wrong;
        assert!(!holds(&body), "{body}");
    }
    assert!(!holds(&json!({})) && !holds(&json!([SECRET])));
}

#[test]
fn wablas() {
    let gateway = Gateway::wablas(Authentication::query("secret", SECRET).unwrap());
    let right = json!({"id": "u", "phone": "6281200000001", "sender": "6281100000000", "pushName": "Budi", "message": TEXT,
        "isGroup": false, "isFromMe": false, "messageType": "text", "deviceId": "ABC123",
        "timestamp": DateTime::from_timestamp(1_790_000_000, 0).unwrap().to_rfc3339(), "group": {}});
    check(
        &gateway,
        &right,
        &[
            ("isFromMe", json!(true)),
            ("isFromMe", json!("false")),
            ("isGroup", json!(true)),
            ("messageType", json!("image")),
            ("sender", json!("6281200000001")),
            ("phone", json!("6281100000000")),
            ("timestamp", json!(5)),
        ],
    );
}

#[test]
fn qontak() {
    let gateway = Gateway::qontak(Authentication::header("X-Gateway", SECRET).unwrap(), "c-1");
    let right = json!({"webhook_event": "message_interaction", "data_event": "receive_message_from_customer", "type": "text",
        "text": TEXT, "room": {"account_uniq_id": "6281200000001", "channel_integration_id": "c-1"},
        "created_at": DateTime::from_timestamp(1_790_000_000, 0).unwrap().to_rfc3339()});
    check(
        &gateway,
        &right,
        &[
            ("data_event", json!("receive_message_from_agent")),
            ("type", json!("image")),
            ("room.channel_integration_id", json!("c-2")),
            ("room.account_uniq_id", Value::Null),
        ],
    );
}

fn holds(authentication: &Authentication, headers: &[(&'static str, &str)], query: Option<&str>, body: &str) -> bool {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_str(value).unwrap());
    }
    Gateway::new(authentication.clone(), "from", "text").authenticates(&WebhookRequest::new(
        &map,
        query,
        body.as_bytes(),
    ))
}

#[test]
fn a_shared_secret_is_compared_in_full() {
    let header = Authentication::header("x-gateway", SECRET).unwrap().with_previous_secret(BEFORE).unwrap();
    for right in [SECRET, BEFORE] {
        assert!(holds(&header, &[("x-gateway", right)], None, ""));
    }
    for wrong in ["", &SECRET[..16], &format!("{SECRET}0"), &SECRET.to_uppercase(), "*"] {
        assert!(!holds(&header, &[("x-gateway", wrong)], None, ""), "{wrong}");
    }
    assert!(!holds(&header, &[("x-other", SECRET)], None, "") && !holds(&header, &[], None, ""));
    assert!(!holds(&header, &[("x-gateway", SECRET), ("x-gateway", SECRET)], None, ""));

    let query = Authentication::query("secret", SECRET).unwrap();
    assert!(holds(&query, &[], Some(&format!("a=1&secret={SECRET}")), ""));
    for wrong in [
        None,
        Some(""),
        Some("secret="),
        Some("secret"),
        Some("secret=only-the-tests-s"),
        Some("Secret=only-the-tests-sign-with-this-01"),
    ] {
        assert!(!holds(&query, &[], wrong, ""), "{wrong:?}");
    }
    assert!(!holds(&query, &[], Some(&format!("secret=x&secret={SECRET}")), ""));

    let none = Authentication::none();
    assert!(holds(&none, &[], None, "") && none.assurance() == Assurance::None);
    assert!(none.with_previous_secret(BEFORE).is_err());
}

#[test]
fn an_hmac_is_over_the_raw_body() {
    // WAHA's published vector, abbreviated as in its documentation; its key is too short for `Keys`.
    let keys = of_test(Algorithm::Sha512, "my-secret-key");
    let body = br#"{"event":"message","session":"default","engine":"WEBJS"}"#;
    let mac = mac("my-secret-key", body);
    assert!(mac.starts_with("208f8a55") && mac.ends_with("53fa89"), "{mac}");
    assert!(keys.verify(&[body], mac.as_bytes(), Encoding::Hex));

    let gateway = Gateway::waha(SECRET).unwrap();
    let sent = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("x-webhook-hmac", HeaderValue::from_str(value).unwrap());
        // The header that names the algorithm has no effect.
        headers.insert("x-webhook-hmac-algorithm", HeaderValue::from_static("none"));
        gateway.authenticates(&WebhookRequest::new(&headers, None, body))
    };
    let right = self::mac(SECRET, body);
    assert!(sent(&right) && !sent("") && !sent(&right[..64]) && !sent(&self::mac(BEFORE, body)));
    let prefixed =
        Authentication::hmac("x-signature", Algorithm::Sha512, Encoding::Hex, SECRET).unwrap().with_prefix("v1=");
    let body = std::str::from_utf8(body).unwrap();
    assert!(holds(&prefixed, &[("x-signature", &format!("v1={right}"))], None, body));
    assert!(!holds(&prefixed, &[("x-signature", &right)], None, body));
}

fn mac(key: &str, body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mac = Hmac::<sha2::Sha512>::new_from_slice(key.as_bytes()).unwrap().chain_update(body).finalize();
    base16ct::lower::encode_string(&mac.into_bytes())
}

#[test]
fn guessable_secrets_are_refused() {
    for secret in ["", "secret", "my-secret-key-of-the-example"] {
        assert!(Gateway::waha(secret).is_err() && Gateway::gowa(secret).is_err() && Gateway::fonnte(secret).is_err());
        assert!(Authentication::header("x", secret).is_err() && Authentication::query("x", secret).is_err());
        assert!(Authentication::query("x", SECRET).unwrap().with_previous_secret(secret).is_err());
    }
    assert!(Authentication::header("no header", SECRET).is_err());
    for gateway in [Gateway::waha(SECRET).unwrap(), Gateway::fonnte(SECRET).unwrap()] {
        assert!(!format!("{gateway:?}").contains("only-the-tests"));
    }
}

#[test]
fn times_are_read_in_the_configured_format() {
    let at = |format: TimeFormat, value: Value| {
        let gateway = Gateway::new(Authentication::none(), "from", "text").sent_at("at", format);
        match event(&gateway, &json!({"from": "6281200000001", "text": "x", "at": value})) {
            Event::Text(text) => Some(text.sent_at.timestamp()),
            _ => None,
        }
    };
    assert_eq!(at(TimeFormat::Seconds, json!("1790000001")), Some(1_790_000_001));
    assert_eq!(at(TimeFormat::Milliseconds, json!(1_790_000_001_999_u64)), Some(1_790_000_001));
    assert_eq!(at(TimeFormat::Rfc3339, json!("1970-01-01T07:00:01+07:00")), Some(1));
    for (format, value) in [
        (TimeFormat::Seconds, json!(-1.5)),
        (TimeFormat::Seconds, json!("1790000001.5")),
        (TimeFormat::Milliseconds, json!("9999999999999999999")),
        (TimeFormat::Rfc3339, json!(1_790_000_001)),
        (TimeFormat::Rfc3339, json!("2026-09-01 03:00:00")),
    ] {
        assert_eq!(at(format, value.clone()), None, "{value}");
    }
    let arrival = Gateway::new(Authentication::none(), "from", "text");
    assert_eq!(read(&arrival, &json!({"from": "+6281200000001", "text": ""})).sent_at.timestamp(), 1_790_000_000);
}

#[test]
fn malformed_bodies_are_ignored() {
    let gateway = Gateway::new(Authentication::none(), "a.b.c", "t").only_if("a", "x").unless("z").forwarded_if("q.r");
    let context = ReceiveContext::new(None, DateTime::UNIX_EPOCH);
    let deep = format!("{}1{}", "{\"a\":".repeat(40_000), "}".repeat(40_000));
    for body in [&b""[..], b"{", b"\xff", b"null", b"[]", b"{\"a\":{\"b\":5}}", deep.as_bytes()] {
        let events = gateway.events(&WebhookRequest::new(&HeaderMap::new(), None, body), &context);
        assert!(matches!(events[..], [Event::Ignored(_)]));
    }
}
