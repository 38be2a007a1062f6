//! Stands in for Meta: takes codes for owners at once, and delivers messages of owners in signed requests.

use std::net::SocketAddr;

use anyhow::Result;
use axum::extract::State;
use axum::{Json, Router};
use hmac::{Hmac, KeyInit, Mac};
use password_reset::message::NoticeKind;
use password_reset::{Lifetimes, Locale};
use password_reset_whatsapp::{
    Countries, Meta, MetaApi, SendingCaps, Template, TemplateField, WhatsAppConfigError, WhatsAppNotifier,
};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

use crate::mailboxes::Mailboxes;

/// The service number.
pub const NUMBER: &str = "+6281100000000";
/// The path of the webhook.
pub const WEBHOOK: &str = "/reset/webhooks/whatsapp";
pub const SIGNATURE: &str = "x-hub-signature-256";
const SECRET: &str = "only-this-program-signs-with-it";
const CODE: &str = "reset_code";
const NUMBER_ID: &str = "300000000000001";
const ACCOUNT_ID: &str = "200000000000001";

/// Serves the API until the program ends.
pub async fn serve(mailboxes: &Mailboxes) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let api = Router::new().fallback(take).with_state(mailboxes.clone());
    tokio::spawn(async move { axum::serve(listener, api).await });
    Ok(address)
}

async fn take(State(mailboxes): State<Mailboxes>, Json(message): Json<Value>) -> Json<Value> {
    let is_code = message.pointer("/template/name").is_some_and(|name| name == CODE);
    let code = message.pointer("/template/components/0/parameters/0/text").and_then(Value::as_str).filter(|_| is_code);
    if let (Some(to), Some(code)) = (message.get("to").and_then(Value::as_str), code) {
        mailboxes.arrived(to, code.to_owned());
    }
    Json(json!({"messaging_product": "whatsapp", "messages": [{"id": "wamid.OUT"}]}))
}

/// The notifier with which a node sends codes by it, without caps: all owners have numbers of one range.
pub fn notifier(api: SocketAddr) -> Result<WhatsAppNotifier> {
    let api = MetaApi::new(NUMBER_ID, SECRET)?.with_base_url(&format!("http://{api}"))?;
    let mut caps = SendingCaps::default();
    (caps.per_prefix, caps.total) = (u32::MAX, u32::MAX);
    let notifier = WhatsAppNotifier::meta(api, Countries::only(&["+62"])?)?.with_caps(caps);
    let notifier = notifier.with_code_template(template(CODE), 10, &Lifetimes::default())?;
    Ok(NoticeKind::ALL.iter().try_fold(notifier, |notifier, kind| {
        notifier.with_utility_template(*kind, template("notice"), &[TemplateField::Service])
    })?)
}

fn template(name: &str) -> Template {
    Template::meta(name, Locale::ENGLISH, "en").and_meta(name, Locale::INDONESIAN, "id")
}

/// The settings with which a node receives from it.
pub fn settings() -> Result<Meta, WhatsAppConfigError> {
    Meta::new(SECRET, SECRET, NUMBER_ID, ACCOUNT_ID)
}

/// The body of a request for a text from this number, now.
pub fn message(from: &str, text: &str) -> String {
    let (from, at) = (from.trim_start_matches('+'), chrono::Utc::now().timestamp());
    json!({"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT_ID, "changes": [{"field": "messages",
        "value": {"messaging_product": "whatsapp",
            "metadata": {"display_phone_number": NUMBER.trim_start_matches('+'), "phone_number_id": NUMBER_ID},
            "contacts": [{"profile": {"name": "Contoh"}, "wa_id": from}],
            "messages": [{"from": from, "id": format!("wamid.{:032x}", rand::random::<u128>()),
                          "timestamp": at.to_string(), "type": "text", "text": {"body": text}}]}}]}]})
    .to_string()
}

/// The signature of a body.
pub fn signature(body: &str) -> Result<String> {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?.chain_update(body).finalize();
    Ok(format!("sha256={}", base16ct::lower::encode_string(&mac.into_bytes())))
}

/// A signature that anybody can write.
pub fn forged() -> String {
    format!("sha256={}", "00".repeat(32))
}
