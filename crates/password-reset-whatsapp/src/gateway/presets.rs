//! Gateways that are known.
//!
//! Where things stand was read from the gateways' own documentation (WAHA, GOWA, Fonnte), or, where that could not be
//! had (Wablas, Qontak), from programs that take their posts. Look at a post of your own before you rely on one.

use super::{Authentication, Gateway, TimeFormat};
use crate::error::WhatsAppConfigError;
use crate::signature::{Algorithm, Encoding};

impl Gateway {
    /// WAHA, with the key of its webhook's HMAC (`hmac.key`), which must be switched on.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a key that is empty, short or from an example.
    pub fn waha(key: &str) -> Result<Self, WhatsAppConfigError> {
        // Its header with the algorithm's name is not asked.
        let signed = Authentication::hmac("X-Webhook-Hmac", Algorithm::Sha512, Encoding::Hex, key)?;
        Ok(Self::new(signed, "payload.from", "payload.body")
            .sent_at("payload.timestamp", TimeFormat::Seconds)
            .own_number_at("me.id")
            .only_if("event", "message")
            .only_if("payload.fromMe", false)
            .unless("payload.participant")
            .unless("payload.hasMedia")
            .forwarded_if("payload.isForwarded"))
    }

    /// GOWA (go-whatsapp-web-multidevice), with its webhook's secret. The word that it has when none was set is refused.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a secret that is empty, short or from an example.
    pub fn gowa(secret: &str) -> Result<Self, WhatsAppConfigError> {
        let signed = Authentication::hmac("X-Hub-Signature-256", Algorithm::Sha256, Encoding::Hex, secret)?;
        let gateway = Self::new(signed.with_prefix("sha256="), "payload.from", "payload.body")
            .sender_id_at("payload.from_lid")
            .sent_at("payload.timestamp", TimeFormat::Rfc3339)
            .own_number_at("device_id")
            .only_if("event", "message")
            .only_if("payload.is_from_me", false)
            .direct_at("payload.chat_id")
            .forwarded_if("payload.forwarded");
        // A caption stands where a text does.
        let others = [
            "image",
            "video",
            "video_note",
            "audio",
            "document",
            "sticker",
            "contact",
            "contacts_array",
            "location",
            "live_location",
            "list",
            "order",
            "poll",
        ];
        Ok(others.into_iter().fold(gateway, |gateway, other| gateway.unless(&format!("payload.{other}"))))
    }

    /// Fonnte, with the secret that it puts into every post.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a secret that is empty, short or from an example.
    pub fn fonnte(secret: &str) -> Result<Self, WhatsAppConfigError> {
        Ok(Self::new(Authentication::body("secret", secret)?, "sender", "message")
            .sent_at("timestamp", TimeFormat::Seconds)
            .own_number_at("device")
            .unless("member")
            .unless("location")
            .unless("url")
            .unless("filename"))
    }

    /// Wablas. It signs nothing that is known: put a secret into the webhook's URL and name its parameter in an
    /// [`Authentication::query`].
    #[must_use]
    pub fn wablas(authentication: Authentication) -> Self {
        // What it calls the sender is the device; the person is the phone.
        Self::new(authentication, "phone", "message")
            .sent_at("timestamp", TimeFormat::Rfc3339)
            .own_number_at("sender")
            .only_if("isFromMe", false)
            .only_if("isGroup", false)
            .only_if("messageType", "text")
    }

    /// Mekari Qontak, for the channel integration that has the service's number. It signs nothing that is known; see
    /// [`wablas`](Self::wablas).
    #[must_use]
    pub fn qontak(authentication: Authentication, channel_integration_id: &str) -> Self {
        Self::new(authentication, "room.account_uniq_id", "text")
            .sent_at("created_at", TimeFormat::Rfc3339)
            // Messages of our own agents come to the same webhook.
            .only_if("data_event", "receive_message_from_customer")
            .only_if("type", "text")
            .only_if("room.channel_integration_id", channel_integration_id)
    }
}
