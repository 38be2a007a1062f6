//! Presets for known gateways.
//!
//! The fields are those of the gateways' documentation (WAHA, GOWA, Fonnte) or, where there is none (Wablas, Qontak), of
//! programs that receive their requests. Check a request from your own gateway before you rely on a preset.

use super::{Authentication, Gateway, Reports, TimeFormat};
use crate::error::WhatsAppConfigError;
use crate::provider::Fact;
use crate::signature::{Algorithm, Encoding};

impl Gateway {
    /// WAHA, with the key of its webhook's HMAC (`hmac.key`). Switch the HMAC on at the gateway.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a key that is empty, short or from an example.
    pub fn waha(key: &str) -> Result<Self, WhatsAppConfigError> {
        // The header that names the algorithm is not read: an attacker could choose it.
        let signed = Authentication::hmac("X-Webhook-Hmac", Algorithm::Sha512, Encoding::Hex, key)?;
        Ok(Self::new(signed, "payload.from", "payload.body")
            // A hidden sender's number, in the engines NOWEB (newer, older) and GOWS.
            .or_sender_at("payload._data.key.remoteJidAlt")
            .or_sender_at("payload._data.key.senderPn")
            .or_sender_at("payload._data.Info.SenderAlt")
            .sent_at("payload.timestamp", TimeFormat::Seconds)
            .service_number_at("me.id")
            .only_if("event", "message")
            .only_if("payload.fromMe", false)
            .says(Fact::OwnMessage)
            .group_if("payload.participant")
            .unless("payload.hasMedia")
            // WAHA has no field of its own for it. `_data` is the engine's message: WEBJS has the mark in it, NOWEB below
            // `message` and GOWS below `Message`, one level deeper in chats with disappearing messages.
            .forwarded_below("payload._data", &["isForwarded", "forwardingScore"])
            .with_reports(
                Reports::new("payload.id", "payload.ackName")
                    .only_if("event", "message.ack")
                    .only_if("payload.fromMe", true)
                    .delivered(&["DEVICE", "READ", "PLAYED"])
                    .failed(&["ERROR"]),
            ))
    }

    /// GOWA (go-whatsapp-web-multidevice), with its webhook's secret. GOWA's default secret is refused.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a secret that is empty, short or from an example.
    pub fn gowa(secret: &str) -> Result<Self, WhatsAppConfigError> {
        let signed = Authentication::hmac("X-Hub-Signature-256", Algorithm::Sha256, Encoding::Hex, secret)?;
        let gateway = Self::new(signed.with_prefix("sha256="), "payload.from", "payload.body")
            .sender_id_at("payload.from_lid")
            .sent_at("payload.timestamp", TimeFormat::Rfc3339)
            .service_number_at("device_id")
            .only_if("event", "message")
            .only_if("payload.is_from_me", false)
            .says(Fact::OwnMessage)
            .direct_at("payload.chat_id")
            .forwarded_if("payload.forwarded")
            // GOWA reports no failures.
            .with_reports(
                Reports::new("payload.ids", "payload.receipt_type").only_if("event", "message.ack").delivered(&[
                    "delivered",
                    "read",
                    "played",
                ]),
            );
        // GOWA puts the caption of a medium into the field of the text.
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

    /// Fonnte, with the secret that it puts into the body of each message. Its reports have none: for
    /// [`reporting`](Self::reporting), put one into the addresses of both webhooks
    /// ([`with_authentication`](Self::with_authentication)).
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a secret that is empty, short or from an example.
    pub fn fonnte(secret: &str) -> Result<Self, WhatsAppConfigError> {
        Ok(Self::new(Authentication::body("secret", secret)?, "sender", "message")
            .sent_at("timestamp", TimeFormat::Seconds)
            .service_number_at("device")
            .group_if("member")
            .unless("location")
            .unless("url")
            .unless("filename")
            .with_reports(
                Reports::new("id", "state")
                    .or_status_at("status")
                    .unless("message")
                    .delivered(&["delivered", "read"])
                    .failed(&["expired"])
                    .no_such_contact(&["invalid"])
                    .without_body_secret(),
            ))
    }

    /// Wablas. It has no documented signature: put a secret into the webhook's URL and name its parameter in an
    /// [`Authentication::query`].
    #[must_use]
    pub fn wablas(authentication: Authentication) -> Self {
        // Wablas calls the service's number `sender` and the user's number `phone`.
        Self::new(authentication, "phone", "message")
            .sent_at("timestamp", TimeFormat::Rfc3339)
            .service_number_at("sender")
            .only_if("isFromMe", false)
            .says(Fact::OwnMessage)
            .only_if("isGroup", false)
            .says(Fact::Group)
            .only_if("messageType", "text")
            .with_reports(
                Reports::new("id", "status")
                    .unless("message")
                    .delivered(&["delivered", "received", "read"])
                    .failed(&["reject", "cancel"]),
            )
    }

    /// Mekari Qontak, for the channel integration of the service's number. It has no documented signature; see
    /// [`wablas`](Self::wablas). Its delivery reports are not documented, so they are not read.
    #[must_use]
    pub fn qontak(authentication: Authentication, channel_integration_id: &str) -> Self {
        Self::new(authentication, "room.account_uniq_id", "text")
            .sent_at("created_at", TimeFormat::Rfc3339)
            // The messages of the operator's agents come to the same webhook.
            .only_if("data_event", "receive_message_from_customer")
            .says(Fact::OwnMessage)
            .only_if("type", "text")
            .only_if("room.channel_integration_id", channel_integration_id)
    }
}
