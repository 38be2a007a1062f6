//! Requests as each service makes them, with made-up secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeZone, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use password_reset_mail::BounceWebhook;
use serde_json::{Value, json};
use sha2::Sha256;

pub(super) const USER: &str = "bounces";
pub(super) const PASSWORD: &str = "only-the-tests-use-this";
const OTHER: &str = "only-an-attacker-uses-this";
/// Of the message and the reset that consist of sevens.
pub(super) const REFERENCE: &str = "07070707070707070707070707070707-07070707070707070707070707070707";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Postmark,
    Resend,
    SendGrid,
    Mailgun,
    /// The bare event.
    Ses,
    /// The event in the envelope of SNS.
    Sns,
}

pub(super) const ALL: [Service; 6] =
    [Service::Postmark, Service::Resend, Service::SendGrid, Service::Mailgun, Service::Ses, Service::Sns];

pub(super) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 6, 50, 9).unwrap()
}

pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn hmac(key: &str, text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

impl Service {
    pub(super) fn webhook(self) -> BounceWebhook {
        match self {
            Self::Postmark => BounceWebhook::postmark(USER, PASSWORD),
            Self::SendGrid => BounceWebhook::sendgrid(USER, PASSWORD),
            Self::Ses | Self::Sns => BounceWebhook::ses(USER, PASSWORD),
            Self::Mailgun => BounceWebhook::mailgun(PASSWORD),
            Self::Resend => BounceWebhook::resend(&format!("whsec_{}", STANDARD.encode(PASSWORD))),
        }
        .unwrap()
    }

    /// How the service shows who it is.
    pub(super) fn webhook_kind(self) -> &'static str {
        match self {
            Self::Mailgun => "signature in the body",
            Self::Resend => "signature in a header",
            _ => "password",
        }
    }

    pub(super) fn request(self, event: &Value, at: DateTime<Utc>) -> (HeaderMap, Vec<u8>) {
        self.signed(PASSWORD, event, at)
    }

    /// By one who knows all but the secret.
    pub(super) fn forged(self, event: &Value, at: DateTime<Utc>) -> (HeaderMap, Vec<u8>) {
        self.signed(OTHER, event, at)
    }

    fn signed(self, secret: &str, event: &Value, at: DateTime<Utc>) -> (HeaderMap, Vec<u8>) {
        let body = match self {
            Self::Sns => json!({
                "Type": "Notification",
                "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
                "TopicArn": "arn:aws:sns:ap-southeast-3:123456789012:bounces",
                "Message": event.to_string(),
                "Timestamp": "2026-11-21T06:50:09.000Z",
                "SignatureVersion": "1",
                "Signature": "EXAMPLE",
            })
            .to_string(),
            _ => event.to_string(),
        };
        self.signed_text(secret, &body, at)
    }

    pub(super) fn request_of_text(self, event: &str, at: DateTime<Utc>) -> (HeaderMap, Vec<u8>) {
        self.signed_text(PASSWORD, event, at)
    }

    fn signed_text(self, secret: &str, body: &str, at: DateTime<Utc>) -> (HeaderMap, Vec<u8>) {
        let mut headers = HeaderMap::new();
        let time = at.timestamp();
        let mut body = body.to_owned();
        match self {
            Self::Mailgun => {
                let token = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607182";
                let code = hmac(secret, &format!("{time}{token}"));
                let code: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
                let signature = json!({"timestamp": time.to_string(), "token": token, "signature": code});
                body = format!("{{\"signature\":{signature},\"event-data\":{body}}}");
            }
            Self::Resend => {
                let code = STANDARD.encode(hmac(secret, &format!("msg_1.{time}.{body}")));
                headers.insert("svix-id", "msg_1".parse().unwrap());
                headers.insert("svix-timestamp", time.to_string().parse().unwrap());
                headers.insert("svix-signature", format!("v1,{code}").parse().unwrap());
            }
            _ => {
                headers.insert(http::header::AUTHORIZATION, basic(USER, secret).parse().unwrap());
            }
        }
        (headers, body.into_bytes())
    }
}
