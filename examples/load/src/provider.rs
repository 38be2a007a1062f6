//! Stands in for Meta: delivers messages of owners in signed requests.

use anyhow::Result;
use hmac::{Hmac, KeyInit, Mac};
use password_reset_whatsapp::{Meta, WhatsAppConfigError};
use serde_json::json;
use sha2::Sha256;

/// The service number.
pub const NUMBER: &str = "+6281100000000";
/// The path of the webhook.
pub const WEBHOOK: &str = "/reset/webhooks/whatsapp";
pub const SIGNATURE: &str = "x-hub-signature-256";
const SECRET: &str = "only-this-program-signs-with-it";
const NUMBER_ID: &str = "300000000000001";
const ACCOUNT_ID: &str = "200000000000001";

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
