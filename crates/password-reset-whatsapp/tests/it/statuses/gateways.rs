//! Delivery reports of gateways, from the id in the answer to the history, and to the next message.

use password_reset_whatsapp::{Authentication, Gateway, GatewayApi, Reports, SentMessages};

use super::{
    ANI, APP_SECRET, Account, AccountStatus, App, AuditEvent, Bytes, Contact, Countries, Request, SENT, Stage, StandIn,
    TOKEN, Value, WhatsAppNotifier, happened, json, status,
};
use crate::app::BUDI;

fn query() -> Authentication {
    Authentication::query("secret", APP_SECRET).unwrap()
}

/// A post that each of these gateways would send: signed as WAHA and GOWA do, with the secret that the others have in the URL.
pub(super) fn reported(body: &Value, secret: &str) -> Request<Bytes> {
    use hmac::{Hmac, KeyInit, Mac};
    let body = body.to_string();
    let waha = Hmac::<sha2::Sha512>::new_from_slice(secret.as_bytes()).unwrap().chain_update(&body).finalize();
    Request::post(format!("/webhooks/whatsapp?secret={secret}"))
        .header("x-webhook-hmac", base16ct::lower::encode_string(&waha.into_bytes()))
        .header("x-hub-signature-256", crate::app::signature(secret, body.as_bytes()))
        .body(Bytes::from(body))
        .unwrap()
}

/// A gateway both ways: how it sends, what it answers, how it receives; a report with a status, and of another message.
struct Both {
    name: &'static str,
    api: GatewayApi,
    answer: &'static str,
    gateway: Gateway,
    report: fn(&str) -> Value,
    of_another: Value,
}

fn all(address: &str) -> Vec<Both> {
    let waha = |id: &str, ack: &str| {
        json!({"event": "message.ack", "session": "default", "me": {"id": "6281100000000@c.us"},
            "payload": {"id": id, "from": "6281200000001@c.us", "fromMe": true, "ack": 2, "ackName": ack}})
    };
    vec![
        Both {
            name: "WAHA, with the engine GOWS",
            api: GatewayApi::waha(address, "default", TOKEN).unwrap(),
            answer: r#"{"id":"true_6281200000001@c.us_3EB0A7","ack":1,"_data":{}}"#,
            gateway: Gateway::waha(APP_SECRET).unwrap(),
            report: |status| {
                json!({"event": "message.ack", "payload": {"id": "true_251556368777322@lid_3EB0A7", "fromMe": true,
                    "ackName": status}})
            },
            of_another: waha("true_6281200000001@c.us_3EB0A8", "DEVICE"),
        },
        Both {
            name: "WAHA, with the engine NOWEB",
            api: GatewayApi::waha(address, "default", TOKEN).unwrap(),
            answer: r#"{"key":{"remoteJid":"6281200000001@s.whatsapp.net","fromMe":true,"id":"3EB0A7"},"status":"PENDING"}"#,
            gateway: Gateway::waha(APP_SECRET).unwrap(),
            report: |status| {
                json!({"event": "message.ack", "payload": {"id": "true_6281200000001@c.us_3EB0A7", "fromMe": true,
                    "ackName": status}})
            },
            of_another: waha("false_6281200000001@c.us_3EB0A8", "DEVICE"),
        },
        Both {
            name: "GOWA",
            api: GatewayApi::gowa(address, "toko", TOKEN).unwrap(),
            answer: r#"{"code":"SUCCESS","results":{"message_id":"3EB0A7","status":"sent"}}"#,
            gateway: Gateway::gowa(APP_SECRET).unwrap(),
            report: |status| {
                json!({"event": "message.ack", "device_id": "6281100000000@s.whatsapp.net",
                    "payload": {"ids": ["3EB0A6", "3EB0A7"], "chat_id": "6281200000001@s.whatsapp.net",
                        "from": "6281200000001@s.whatsapp.net", "receipt_type": status}})
            },
            of_another: json!({"event": "message.ack", "payload": {"ids": ["3EB0A8"], "receipt_type": "delivered"}}),
        },
        Both {
            name: "Fonnte",
            api: GatewayApi::fonnte(TOKEN).unwrap().with_base_url(address).unwrap(),
            answer: r#"{"detail":"success! message in queue","id":["142223099"],"process":"pending","status":true}"#,
            gateway: Gateway::fonnte(APP_SECRET).unwrap().with_authentication(query()),
            report: |status| json!({"device": "6281100000000", "id": 142_223_099, "stateid": "x", "status": status, "state": null}),
            of_another: json!({"device": "6281100000000", "id": "142223098", "stateid": "x", "status": "sent", "state": "read"}),
        },
        Both {
            name: "Wablas",
            api: GatewayApi::wablas(address, TOKEN, "tgw6gVhz").unwrap(),
            answer: r#"{"status":true,"data":{"messages":[{"id":"d-7","status":"pending"}]}}"#,
            gateway: Gateway::wablas(query()),
            report: |status| json!({"id": "d-7", "phone": "6281200000001", "status": status, "note": "", "deviceId": "ABC123"}),
            of_another: json!({"id": "d-8", "phone": "6281200000001", "status": "read", "deviceId": "ABC123"}),
        },
    ]
}

#[tokio::test]
async fn the_reports_of_gateways_reach_the_history_and_not_the_page() {
    // What each says of a message: nothing new, that it failed, that it arrived.
    let words = |name: &str| match name {
        "GOWA" => ("sender", None, "read"),
        "Fonnte" => ("processing", Some(("invalid", AuditEvent::NoSuchContact)), "delivered"),
        "Wablas" => ("sent", Some(("reject", AuditEvent::SendFailed)), "received"),
        _ => ("SERVER", Some(("ERROR", AuditEvent::SendFailed)), "DEVICE"),
    };
    for at in 0..5 {
        let stand_in = StandIn::default();
        let both = all(&stand_in.start().await).remove(at);
        let (name, report) = (both.name, both.report);
        let sent = SentMessages::new();
        stand_in.answer(201, both.answer);
        let notifier = WhatsAppNotifier::gateway(both.api.reporting(&sent).unwrap(), Countries::any()).unwrap();
        let app = App::new(notifier, both.gateway.reporting(&sent).unwrap());
        let asked = app.ask().await;
        assert_eq!(app.history().await, happened(&SENT), "{name}: accepted, but not yet delivered");

        let (nothing, failed, arrived) = words(name);
        let forged = reported(&report(arrived), "only-the-tests-sign-with-this-09");
        assert_eq!(status(&app.webhook.handle(forged).await), 401, "{name}");
        for ignored in [report(nothing), report("no word of theirs"), both.of_another] {
            assert_eq!(status(&app.webhook.handle(reported(&ignored, APP_SECRET)).await), 200, "{name}");
        }
        assert_eq!(app.history().await, happened(&SENT), "{name}");
        let mut expected = happened(&SENT);
        for (word, event) in failed.into_iter().chain([(arrived, AuditEvent::Arrived)]) {
            // Gateways repeat reports.
            for _ in 0..2 {
                assert_eq!(status(&app.webhook.handle(reported(&report(word), APP_SECRET)).await), 200, "{name}");
            }
            expected.push((event, (event != AuditEvent::Arrived).then(|| word.to_ascii_lowercase())));
            assert_eq!(app.history().await, expected, "{name}");
        }
        assert_eq!(app.stage(&asked).await, Stage::Waiting);
    }
}

#[tokio::test]
async fn after_a_report_that_there_is_no_such_number_the_next_message_goes_to_another_contact() {
    let stand_in = StandIn::default();
    let sent = SentMessages::new();
    let api = GatewayApi::fonnte(TOKEN).unwrap().with_base_url(&stand_in.start().await).unwrap();
    let notifier = WhatsAppNotifier::gateway(api.reporting(&sent).unwrap(), Countries::any()).unwrap();
    let account =
        Account::new("7", AccountStatus::Active).with_contact(Contact::phone(ANI)).with_contact(Contact::phone(BUDI));
    let gateway = Gateway::fonnte(APP_SECRET).unwrap().with_authentication(query()).reporting(&sent).unwrap();
    let app = App::of(account, notifier, gateway);
    let targets = || {
        let target = |body: &str| {
            url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "target").unwrap().1.to_string()
        };
        stand_in.sent().iter().map(|sent| target(&sent.body)).collect::<Vec<_>>()
    };
    let answer = |id: u32| stand_in.answer(200, &json!({"id": [id], "status": true, "process": "pending"}).to_string());
    // The code, and the notice to the account's other number.
    answer(1);
    answer(2);
    app.ask().await;
    assert_eq!(targets()[0], &ANI[1..]);
    let codes = targets().len();
    let invalid = json!({"device": "6281100000000", "id": "1", "status": "invalid", "state": "invalid"});
    assert_eq!(status(&app.webhook.handle(reported(&invalid, APP_SECRET)).await), 200);
    app.ask().await;
    assert_eq!(targets()[codes], &BUDI[1..], "{:?}", targets());
}

#[tokio::test]
async fn a_gateway_that_hands_the_reference_back_needs_no_memory() {
    let stand_in = StandIn::default();
    let api = GatewayApi::new(&stand_in.start().await)
        .unwrap()
        .with_text("/", r#"{"to": "{{to}}", "text": "{{text}}", "ref": "{{reference}}"}"#)
        .unwrap();
    let reports =
        Reports::new("ref", "status").only_if("type", "status").delivered(&["arrived"]).no_such_contact(&["unknown"]);
    let gateway = Gateway::new(query(), "from", "text").with_reports(reports);
    let app = App::new(WhatsAppNotifier::gateway(api, Countries::any()).unwrap(), gateway);
    app.ask().await;
    let message: Value = serde_json::from_str(&stand_in.sent().last().unwrap().body).unwrap();
    for (kind, reference, word) in [
        ("status", message["ref"].clone(), "Unknown"),
        ("status", message["ref"].clone(), "ARRIVED"),
        ("message", message["ref"].clone(), "unknown"),
        ("status", json!("reset:00"), "unknown"),
        ("status", Value::Null, "unknown"),
        ("status", json!([{}]), "unknown"),
    ] {
        let report = json!({"type": kind, "ref": reference, "status": word, "from": "6281200000001", "text": "x"});
        assert_eq!(status(&app.webhook.handle(reported(&report, APP_SECRET)).await), 200);
    }
    let reported = [(AuditEvent::NoSuchContact, Some("unknown")), (AuditEvent::Arrived, None)];
    assert_eq!(app.history().await, happened(&[&SENT[..], &reported].concat()));
}
