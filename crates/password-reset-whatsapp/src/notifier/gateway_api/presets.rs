//! Presets for known gateways.
//!
//! WAHA and GOWA as in their source, Fonnte and Wablas as in their documentation, Qontak as in programs that send through
//! it and in the description of Mekari's signatures.

use password_reset_http_api::basic;
use serde_json::json;
use zeroize::Zeroizing;

use super::GatewayApi;
use super::answer::Refusal;
use super::signing::Signing;
use crate::error::WhatsAppConfigError;
use crate::secret::checked;

impl GatewayApi {
    /// WAHA at this address, with the name of its session (`default`) and its API key.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for an address that is neither `https` nor loopback, a session that is no name, and a key that is
    /// empty, short or from an example.
    pub fn waha(url: &str, session: &str, api_key: &str) -> Result<Self, WhatsAppConfigError> {
        checked("API key", api_key)?;
        named("session", session)?;
        Self::new(url)?
            .with_header("X-Api-Key", api_key)?
            // No preview: it would be an image of the page behind the link.
            .with_text_of(
                "/api/sendText",
                json!({"session": session, "chatId": "{{digits}}@c.us", "text": "{{text}}", "linkPreview": false}),
                false,
            )?
            // The engines WEBJS and NOWEB answer with a message of their own, newer versions and GOWS with WAHA's.
            .with_message_id("/id")?
            .with_message_id("/id/id")?
            .with_message_id("/key/id")
    }

    /// GOWA (go-whatsapp-web-multidevice) at this address, with user and password of its basic authentication. Of several devices
    /// name one with [`with_header`](Self::with_header), `X-Device-Id`.
    ///
    /// # Errors
    /// As [`waha`](Self::waha).
    pub fn gowa(url: &str, user: &str, password: &str) -> Result<Self, WhatsAppConfigError> {
        checked("gateway password", password)?;
        if user.is_empty() || user.contains(':') {
            return Err(WhatsAppConfigError::new("gateway user", "must be a name without a colon"));
        }
        Self::new(url)?
            .with_header("Authorization", &basic(user, password))?
            .with_text_of("/send/message", json!({"phone": "{{digits}}", "message": "{{text}}"}), false)?
            // "Phone … is not on whatsapp": it says the same where it could not ask WhatsApp in time.
            .with_refusal("/code", "INVALID_JID", Refusal::Busy)?
            // Not the key: the number is not connected, or not signed in.
            .with_refusal("/code", "AUTHENTICATION_ERROR", Refusal::Operator)?
            .with_refusal("/code", "INVALID_WA_CLI", Refusal::Operator)?
            // WhatsApp does not let this number write to new people for now.
            .with_refusal("/code", "WA_REACHOUT_TIMELOCK", Refusal::Never)?
            .with_message_id("/results/message_id")
    }

    /// Fonnte, with the token of the device.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a token that is empty, short or from an example.
    pub fn fonnte(token: &str) -> Result<Self, WhatsAppConfigError> {
        checked("device token", token)?;
        Self::new("https://api.fonnte.com")?
            .with_header("Authorization", token)?
            // A country code of 0: the number is complete.
            .with_text_of("/send", json!({"target": "{{digits}}", "message": "{{text}}", "countryCode": "0"}), true)?
            // Every answer has the status 200.
            .with_accepted("/status", "true")?
            .with_refusal("/reason", "target invalid", Refusal::NoSuchContact)?
            .with_message_id("/id/0")
    }

    /// Wablas at the address of your server (`https://….wablas.com`), with the token of the device and its secret key.
    ///
    /// # Errors
    /// As [`waha`](Self::waha).
    pub fn wablas(url: &str, token: &str, secret_key: &str) -> Result<Self, WhatsAppConfigError> {
        checked("device token", token)?;
        if secret_key.is_empty() {
            return Err(WhatsAppConfigError::new("secret key", "is empty: copy it from the device's settings"));
        }
        let authorization = Zeroizing::new(format!("{token}.{secret_key}"));
        Self::new(url)?
            .with_header("Authorization", &authorization)?
            .with_text_of(
                "/api/v2/send-message",
                json!({"data": [{"phone": "{{digits}}", "message": "{{text}}"}]}),
                false,
            )?
            .with_accepted("/status", "true")?
            .with_message_id("/data/messages/0/id")
    }

    /// Mekari Qontak, with the client id and the client secret of an application at Mekari Developer that validates by HMAC, and
    /// the channel integration of the service's number: an official number, whose templates are named by their id ([`Template::meta`](crate::Template::meta)). It cannot send texts to a number, so the reply with a code
    /// goes in the code template, and the reply with a link cannot be sent. Its delivery reports are not documented.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a secret that is empty, short or from an example, and an id that is none.
    pub fn qontak(
        client_id: &str,
        client_secret: &str,
        channel_integration_id: &str,
    ) -> Result<Self, WhatsAppConfigError> {
        named("client id", client_id)?;
        let signing = Signing::new(client_id, client_secret)?;
        named("channel integration id", channel_integration_id)?;
        let mut api = Self::new("https://api.mekari.com")?.with_template(
            "/qontak/chat/v1/broadcasts/whatsapp/direct",
            &json!({
                "to_number": "{{digits}}",
                // Required, and the name of a contact that the operator's agents see.
                "to_name": "{{digits}}",
                "message_template_id": "{{template}}",
                "channel_integration_id": channel_integration_id,
                "language": {"code": "{{language}}"},
                "parameters": {
                    "body": [{"key": "{{number}}", "value": "field{{number}}", "value_text": "{{value}}"}],
                    "buttons": [{"index": "0", "type": "url", "value": "{{code}}"}],
                },
            })
            .to_string(),
        )?;
        api.signing = Some(signing);
        Ok(api.on_official_number())
    }

    /// Sets the address of the gateway, for a test server.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_base_url(mut self, url: &str) -> Result<Self, WhatsAppConfigError> {
        self.base_url = Self::new(url)?.base_url;
        Ok(self)
    }
}

/// A name that stands in a request as it is.
fn named(field: &'static str, name: &str) -> Result<(), WhatsAppConfigError> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !(1..=64).contains(&name.len()) || !name.bytes().all(is_name) {
        return Err(WhatsAppConfigError::new(field, "must be letters, digits, dashes and underscores"));
    }
    Ok(())
}
