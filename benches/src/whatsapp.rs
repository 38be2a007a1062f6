//! Webhook requests, signed as Meta signs them.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use password_reset_whatsapp::{Meta, WhatsAppConfigError};
use sha2::Sha256;

/// The service number.
pub const NUMBER: &str = "+6281100000000";
const SECRET: &str = "only-the-bench-signs-with-this-1";
const PHONE_NUMBER_ID: &str = "300000000000001";
const BUSINESS_ACCOUNT_ID: &str = "200000000000001";

/// The provider for the bodies of [`text_message`] and the signatures of [`signature`].
pub fn provider() -> Result<Meta, WhatsAppConfigError> {
    Meta::new(SECRET, SECRET, PHONE_NUMBER_ID, BUSINESS_ACCOUNT_ID)
}

/// A body as Meta sends one for each message, with the fields of a current WhatsApp user.
pub fn text_message(from: &str, text: &str, at: DateTime<Utc>) -> String {
    let at = at.timestamp();
    let own = NUMBER.trim_start_matches('+');
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"{BUSINESS_ACCOUNT_ID}","changes":[{{"field":"messages","value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"{own}","phone_number_id":"{PHONE_NUMBER_ID}"}},"contacts":[{{"profile":{{"name":"Budi","username":"budi.contoh"}},"wa_id":"{from}","user_id":"ID.13491208{from}","identity_key_hash":"DF2lS5v2W6x0="}}],"messages":[{{"from":"{from}","from_user_id":"ID.13491208{from}","id":"wamid.HBgNNjI4MTIwMDAwMDAwMRUCABIYFDNB","timestamp":"{at}","type":"text","text":{{"body":"{text}"}}}}]}}}}]}}]}}"#
    )
}

/// The bare HMAC of a body.
pub fn mac(body: &[u8]) -> impl AsRef<[u8]> {
    Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length").chain_update(body).finalize().into_bytes()
}

/// The signature header of a body.
pub fn signature(body: &[u8]) -> String {
    format!("sha256={}", base16ct::lower::encode_string(mac(body).as_ref()))
}
