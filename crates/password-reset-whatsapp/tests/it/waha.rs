//! WAHA's signed posts, from the webhook to the reset.

use std::sync::Arc;

use axum::body::Bytes;
use http::Request;
use password_reset::{Requested, Stage};
use password_reset_whatsapp::{Gateway, Webhook};
use serde_json::{Value, json};

use crate::app::{ANI, App, page, status};

const KEY: &str = "only-the-tests-sign-with-this-01";

fn signed(body: &Value) -> Request<Bytes> {
    use hmac::{Hmac, KeyInit, Mac};
    let body = body.to_string();
    let mac = Hmac::<sha2::Sha512>::new_from_slice(KEY.as_bytes()).unwrap().chain_update(&body).finalize();
    let mac = base16ct::lower::encode_string(&mac.into_bytes());
    Request::post("/").header("x-webhook-hmac", mac).body(Bytes::from(body)).unwrap()
}

/// The text of a challenge as WAHA posts it, with what the engine says of it.
#[allow(clippy::needless_pass_by_value, reason = "values made by `json!` are handed over")]
fn post(app: &App, asked: &Requested, from: &str, data: Value) -> Request<Bytes> {
    let text = asked.challenge.as_ref().unwrap().code();
    signed(&json!({"event": "message", "session": "default", "me": {"id": "6281100000000@c.us"},
        "payload": {"id": "false_3EB0", "timestamp": app.now().timestamp(), "from": from, "fromMe": false, "body": text,
                    "hasMedia": false, "participant": null, "_data": data}}))
}

#[tokio::test]
async fn a_forwarded_message_proves_nothing_and_a_hidden_sender_is_known_by_the_number() {
    let app = App::new(page());
    let waha = Gateway::waha(KEY).unwrap();
    let webhook = Webhook::new(app.reset.clone(), waha).unwrap().with_clock(Arc::new(app.clock.clone()));
    let user = format!("{}@c.us", &ANI[1..]);
    let context = json!({"extendedTextMessage": {"contextInfo": {"isForwarded": true, "forwardingScore": 1}}});
    let asked = app.ask(ANI).await;
    for forwarded in [json!({"message": context}), json!({"isForwarded": true}), json!({"Message": context})] {
        assert_eq!(status(&webhook.handle(post(&app, &asked, &user, forwarded)).await), 200);
        assert_eq!(app.stage(&asked).await, Stage::Waiting, "a forwarded text is not its sender's");
    }
    // A number that is not the one that was typed is no better for being named elsewhere.
    let other = json!({"key": {"remoteJidAlt": "6281200000099@s.whatsapp.net"}});
    assert_eq!(status(&webhook.handle(post(&app, &asked, "251556368777322@lid", other)).await), 200);
    assert_eq!(app.stage(&asked).await, Stage::Waiting);
    let number = json!({"key": {"remoteJidAlt": format!("{}@s.whatsapp.net", &ANI[1..])}});
    assert_eq!(status(&webhook.handle(post(&app, &asked, "251556368777322@lid", number)).await), 200);
    assert_eq!(app.stage(&asked).await, Stage::Proved);
}
