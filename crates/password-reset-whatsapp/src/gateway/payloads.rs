//! Payloads as gateways post them, one for each place of a mark; the forms are those of their documentation, of their source,
//! and of payloads in their public issues, with made-up numbers.

#![allow(clippy::needless_pass_by_value, reason = "values made by `json!` are handed over")]

use serde_json::{Value, json};

use super::tests::{SECRET, TEXT, event, read};
use super::{Authentication, Gateway, TimeFormat};
use crate::provider::{Event, Fact, Provider, SenderInfo};
use crate::signature::{Algorithm, Encoding};
use crate::{Meta, Twilio};

const NUMBER: &str = "6281200000001";
const LID: &str = "251556368777322@lid";

/// A post of WAHA around what the engine says of a message.
fn waha(engine: &str, from: &str, data: Value) -> Value {
    json!({"id": "evt_01jyewpavw2ns6gc9j48ta562t", "timestamp": 1_790_000_000_123_u64, "session": "default",
        "event": "message", "engine": engine, "metadata": {},
        "me": {"id": "6281100000000@c.us", "pushName": "Toko", "lid": "77820596330581@lid", "jid": "6281100000000:20@s.whatsapp.net"},
        "payload": {"id": format!("false_{from}_3EB0"), "timestamp": 1_790_000_000, "from": from, "fromMe": false,
                    "source": "app", "body": TEXT, "to": null, "participant": null, "hasMedia": false, "media": null,
                    "ack": 2, "ackName": "DEVICE", "location": null, "vCards": null, "replyTo": null, "_data": data},
        "environment": {"version": "2026.4.1", "engine": engine, "tier": "PLUS", "browser": null}})
}

fn noweb(message: Value) -> Value {
    waha(
        "NOWEB",
        &format!("{NUMBER}@c.us"),
        json!({"key": {"remoteJid": format!("{NUMBER}@s.whatsapp.net"), "fromMe": false, "id": "3EB0"},
            "messageTimestamp": 1_790_000_000, "pushName": "Budi", "broadcast": false, "message": message, "status": 3}),
    )
}

fn webjs(data: Value) -> Value {
    let mut all = json!({"id": {"fromMe": false, "remote": format!("{NUMBER}@c.us"), "id": "3EB0"}, "viewed": false, "body": TEXT,
        "type": "chat", "t": 1_790_000_000, "notifyName": "Budi", "from": format!("{NUMBER}@c.us"), "to": "6281100000000@c.us",
        "ack": 1, "isNewMsg": true, "star": false, "isForwarded": false, "forwardingScore": 0, "hasReaction": false});
    for (name, value) in data.as_object().unwrap() {
        all[name] = value.clone();
    }
    waha("WEBJS", &format!("{NUMBER}@c.us"), all)
}

fn gows(message: Value) -> Value {
    waha(
        "GOWS",
        &format!("{NUMBER}@c.us"),
        json!({"Info": {"Chat": format!("{NUMBER}@s.whatsapp.net"), "Sender": format!("{NUMBER}@s.whatsapp.net"),
            "SenderAlt": LID, "IsFromMe": false, "IsGroup": false, "ID": "3EB0", "Type": "text", "PushName": "Budi",
            "Timestamp": "2026-09-21T14:13:20Z"},
            "Message": message, "IsEphemeral": false, "IsViewOnce": false, "IsEdit": false, "RawMessage": {}}),
    )
}

fn text(context: Value) -> Value {
    json!({"extendedTextMessage": {"text": TEXT, "previewType": "NONE", "contextInfo": context}})
}

#[test]
fn waha_marks_forwarded_messages_where_its_engine_does() {
    let gateway = Gateway::waha(SECRET).unwrap();
    let mark = || json!({"isForwarded": true, "forwardingScore": 1});
    let ephemeral = |inner: Value| json!({"ephemeralMessage": {"message": inner}});
    for forwarded in [
        noweb(text(mark())),
        noweb(text(json!({"isForwarded": true}))),
        noweb(text(json!({"forwardingScore": 127}))),
        noweb(ephemeral(text(mark()))),
        webjs(json!({"isForwarded": true})),
        webjs(json!({"isForwarded": true, "forwardingScore": 5})),
        webjs(json!({"forwardingScore": 2})),
        gows(text(mark())),
        gows(text(json!({"isForwarded": true}))),
        gows(text(json!({"forwardingScore": 127}))),
        gows(ephemeral(text(mark()))),
        gows(json!({"extendedTextMessage": {"text": TEXT, "contextInfo": {"IsForwarded": true}}})),
    ] {
        assert!(read(&gateway, &forwarded).forwarded, "{forwarded}");
    }
    let quoting = json!({"stanzaId": "3EA0", "participant": LID, "quotedMessage": text(mark())});
    for written in [
        noweb(json!({"conversation": TEXT})),
        noweb(text(json!({"expiration": 7_776_000}))),
        noweb(text(json!({"isForwarded": false, "forwardingScore": 0}))),
        noweb(text(quoting.clone())),
        webjs(json!({})),
        webjs(json!({"quotedMsg": {"type": "chat", "isForwarded": true}})),
        gows(json!({"conversation": TEXT})),
        gows(text(quoting)),
    ] {
        let message = read(&gateway, &written);
        assert!(!message.forwarded && message.text == TEXT, "{written}");
    }
}

#[test]
fn waha_names_a_hidden_sender_by_the_number_that_its_engine_knows() {
    let gateway = Gateway::waha(SECRET).unwrap();
    let noweb = |key: Value| waha("NOWEB", LID, json!({"key": key, "message": {"conversation": TEXT}}));
    let gows = |info: Value| waha("GOWS", LID, json!({"Info": info, "Message": {"conversation": TEXT}}));
    for hidden in [
        noweb(
            json!({"remoteJid": LID, "remoteJidAlt": format!("{NUMBER}@s.whatsapp.net"), "fromMe": false, "id": "3EB0"}),
        ),
        noweb(json!({"remoteJid": LID, "senderPn": format!("{NUMBER}@s.whatsapp.net"), "fromMe": false, "id": "3EB0"})),
        gows(json!({"Sender": LID, "SenderAlt": format!("{NUMBER}@s.whatsapp.net"), "IsFromMe": false})),
        gows(json!({"Sender": LID, "SenderAlt": format!("{NUMBER}:12@s.whatsapp.net"), "IsFromMe": false})),
    ] {
        assert_eq!(read(&gateway, &hidden).from, SenderInfo::new(Some(NUMBER), Some(LID)), "{hidden}");
    }
    for unknown in [
        noweb(json!({"remoteJid": LID, "fromMe": false})),
        noweb(json!({"remoteJid": LID, "remoteJidAlt": ""})),
        noweb(json!({"remoteJid": LID, "remoteJidAlt": null})),
        gows(json!({"Sender": LID, "SenderAlt": ""})),
        waha("WEBJS", LID, json!({"from": LID})),
    ] {
        assert_eq!(read(&gateway, &unknown).from, SenderInfo::new(None, Some(LID)), "{unknown}");
    }
    // A number with another beside it, and a group beside a user, are no sender.
    let other = "6281200000009@s.whatsapp.net";
    for odd in [
        waha("NOWEB", &format!("{NUMBER}@c.us"), json!({"key": {"remoteJidAlt": other}})),
        waha("NOWEB", LID, json!({"key": {"remoteJidAlt": format!("{NUMBER}@s.whatsapp.net"), "senderPn": other}})),
        waha("NOWEB", LID, json!({"key": {"remoteJidAlt": "120363402106@g.us"}})),
        waha("NOWEB", LID, json!({"key": {"remoteJidAlt": "6281100000000@s.whatsapp.net"}})),
    ] {
        assert!(matches!(event(&gateway, &odd), Event::Ignored(_)), "{odd}");
    }
}

#[test]
fn waha_refuses_what_is_no_direct_text_in_every_engine() {
    let gateway = Gateway::waha(SECRET).unwrap();
    for right in [noweb(json!({"conversation": TEXT})), webjs(json!({})), gows(json!({"conversation": TEXT}))] {
        assert_eq!(read(&gateway, &right).from.phone.as_deref(), Some(NUMBER));
        for (pointer, value) in [
            ("/event", json!("message.any")),
            ("/payload/fromMe", json!(true)),
            ("/payload/from", json!("120363402106@g.us")),
            ("/payload/participant", json!(LID)),
            ("/payload/hasMedia", json!(true)),
            ("/me/id", json!("6281100000009@c.us")),
        ] {
            let mut other = right.clone();
            *other.pointer_mut(pointer).unwrap() = value;
            assert!(matches!(event(&gateway, &other), Event::Ignored(_)), "{other}");
        }
    }
}

#[test]
fn a_gateway_of_ones_own_has_a_place_for_every_mark() {
    let gateway = Gateway::new(Authentication::none(), "from", "text")
        .or_sender_at("alt.one")
        .or_sender_at("alt.two")
        .sent_at("at", TimeFormat::Seconds)
        .group_if("group")
        .own_if("mine")
        .forwarded_if("fwd.a")
        .forwarded_if("fwd.b")
        .forwarded_below("raw", &["Forwarded"]);
    assert!(gateway.cannot_say().is_empty());
    let right = json!({"from": LID, "alt": {"two": NUMBER}, "text": TEXT, "at": 1_790_000_000});
    let with = |name: &str, value: Value| {
        let mut body = right.clone();
        body[name] = value;
        body
    };
    let message = read(&gateway, &right);
    assert_eq!((message.from, message.forwarded), (SenderInfo::new(Some(NUMBER), Some(LID)), false));
    for forwarded in [
        with("fwd", json!({"a": 1})),
        with("fwd", json!({"b": "yes"})),
        with("fwd", json!({"a": false, "b": true})),
        with("raw", json!([{"deep": {"forwarded": true}}])),
    ] {
        assert!(read(&gateway, &forwarded).forwarded, "{forwarded}");
    }
    for ignored in [with("group", json!("120363@g.us")), with("mine", json!(true))] {
        assert!(matches!(event(&gateway, &ignored), Event::Ignored(_)), "{ignored}");
    }
    assert!(!read(&gateway, &with("raw", json!({"forwarded": false, "quotedMessage": {"forwarded": true}}))).forwarded);
}

/// Every provider with what it cannot say. The README has this table.
#[test]
fn each_provider_says_what_it_cannot_say_and_the_readme_shows_it() {
    let query = || Authentication::query("secret", SECRET).unwrap();
    let hmac = || Authentication::hmac("X-Signature", Algorithm::Sha256, Encoding::Hex, SECRET).unwrap();
    let meta = Meta::new(SECRET, SECRET, "300000000000001", "200000000000001").unwrap();
    let twilio = Twilio::new(SECRET, &format!("AC{}", "0".repeat(32)), "https://toko.example/hook").unwrap();
    let providers: [(&str, Vec<Fact>); 8] = [
        ("`Meta`", meta.cannot_say()),
        ("`Twilio`", twilio.cannot_say()),
        ("`Gateway::waha`", Gateway::waha(SECRET).unwrap().cannot_say()),
        ("`Gateway::gowa`", Gateway::gowa(SECRET).unwrap().cannot_say()),
        ("`Gateway::fonnte`", Gateway::fonnte(SECRET).unwrap().cannot_say()),
        ("`Gateway::wablas`", Gateway::wablas(query()).cannot_say()),
        ("`Gateway::qontak`", Gateway::qontak(query(), "c-1").cannot_say()),
        ("`Gateway::new`, as described", Gateway::new(hmac(), "from", "text").cannot_say()),
    ];
    let heads: Vec<&str> = Fact::ALL.iter().map(|fact| fact.words()).collect();
    let mut table = format!("| provider | {} |\n|{}\n", heads.join(" | "), " --- |".repeat(heads.len() + 1));
    for (name, cannot) in providers {
        let cells = Fact::ALL.iter().map(|fact| match (cannot.contains(fact), name.contains("Gateway::new")) {
            (false, _) => "yes",
            (true, false) => "**no**",
            (true, true) => "if described",
        });
        table.push_str(&format!("| {name} | {} |\n", cells.collect::<Vec<_>>().join(" | ")));
    }
    assert!(include_str!("../../README.md").contains(&table), "the README has another table than this:\n\n{table}");
}
