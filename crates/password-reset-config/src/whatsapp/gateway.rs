//! A number at a gateway, which receives and sends.

use password_reset::Locale;
use password_reset_whatsapp::{Authentication, Gateway, GatewayApi, SentMessages, Template, WhatsAppConfigError};

use super::described::Described;
use crate::error::SettingsError;
use crate::reader::Reader;
use crate::secret::Secret;

#[derive(Clone, Debug)]
pub(super) struct GatewaySettings {
    kind: Kind,
    key: Secret,
    pub(super) webhook_secret: Secret,
    /// Both sides of this gateway, so that its reports find their messages.
    sent: SentMessages,
}

/// What a kind needs beside its key.
#[derive(Clone, Debug)]
enum Kind {
    Waha {
        url: String,
        session: String,
    },
    Gowa {
        url: String,
        user: String,
    },
    Fonnte,
    Wablas {
        url: String,
        second_key: Secret,
    },
    Qontak {
        user: String,
        channel: String,
    },
    /// Another, which a file describes.
    Described {
        url: String,
        described: Box<Described>,
    },
}

/// A template by its id, which is in Indonesian.
pub(super) fn template(id: &str) -> Template {
    Template::meta(id, Locale::INDONESIAN, "id")
}

impl GatewaySettings {
    pub(super) fn read(reader: &mut Reader<'_>, name: &str) -> Option<Self> {
        let kind = Kind::read(reader, name);
        let key = reader.required_secret("whatsapp.gateway_key");
        let webhook_secret = reader.required_secret("whatsapp.webhook_secret");
        let sent = SentMessages::new();
        let settings = Self { kind: kind?, key: key?, webhook_secret: webhook_secret?, sent };
        if matches!(settings.kind, Kind::Described { .. }) {
            // What presets need is checked where it is used; of a file each mistake is named at once.
            let of_file =
                |error: SettingsError| error.faults().first().map(|fault| fault.reason.clone()).unwrap_or_default();
            reader.checked("whatsapp.gateway_file", settings.api().map_err(of_file));
            reader.checked("whatsapp.gateway_file", settings.provider().map_err(of_file));
        }
        Some(settings)
    }

    /// How it sends.
    pub(super) fn api(&self) -> Result<GatewayApi, SettingsError> {
        let (key, sent) = (self.key.expose(), &self.sent);
        let made = || -> Result<GatewayApi, WhatsAppConfigError> {
            match &self.kind {
                Kind::Waha { url, session } => GatewayApi::waha(url, session, key)?.reporting(sent),
                Kind::Gowa { url, user } => GatewayApi::gowa(url, user, key)?.reporting(sent),
                Kind::Fonnte => GatewayApi::fonnte(key)?.reporting(sent),
                Kind::Wablas { url, second_key } => GatewayApi::wablas(url, key, second_key.expose())?.reporting(sent),
                // Its reports are not documented.
                Kind::Qontak { user, channel } => GatewayApi::qontak(user, key, channel),
                Kind::Described { url, described } => described.api(url, &self.key, sent),
            }
        };
        made().map_err(|error| SettingsError::one("whatsapp", error))
    }

    /// How it receives.
    pub(super) fn provider(&self) -> Result<Gateway, SettingsError> {
        let (secret, sent) = (self.webhook_secret.expose(), &self.sent);
        let query = || Authentication::query("secret", secret);
        let made = || -> Result<Gateway, WhatsAppConfigError> {
            match &self.kind {
                Kind::Waha { .. } => Gateway::waha(secret)?.reporting(sent),
                Kind::Gowa { .. } => Gateway::gowa(secret)?.reporting(sent),
                // In the address: its reports have no secret in the body.
                Kind::Fonnte => Gateway::fonnte(secret)?.with_authentication(query()?).reporting(sent),
                Kind::Wablas { .. } => Gateway::wablas(query()?).reporting(sent),
                Kind::Qontak { channel, .. } => Ok(Gateway::qontak(query()?, channel)),
                Kind::Described { described, .. } => described.provider(&self.webhook_secret, sent),
            }
        };
        made().map_err(|error| SettingsError::one("whatsapp", error))
    }
}

impl Kind {
    /// Reads all parts before it gives up, so that all that are missing are named.
    fn read(reader: &mut Reader<'_>, name: &str) -> Option<Self> {
        let url = |reader: &mut Reader<'_>| reader.required("whatsapp.gateway_url", "https://gateway.toko.example");
        let user = |reader: &mut Reader<'_>| reader.required("whatsapp.gateway_user", "toko");
        Some(match name {
            "waha" => {
                let session = reader.text("whatsapp.gateway_session").unwrap_or_else(|| "default".to_owned());
                Self::Waha { url: url(reader)?, session }
            }
            "gowa" => {
                let (url, user) = (url(reader), user(reader));
                Self::Gowa { url: url?, user: user? }
            }
            "fonnte" => Self::Fonnte,
            "wablas" => {
                let (url, second_key) = (url(reader), reader.required_secret("whatsapp.gateway_second_key"));
                Self::Wablas { url: url?, second_key: second_key? }
            }
            "qontak" => {
                let (user, channel) = (user(reader), reader.required("whatsapp.gateway_channel", "31c076d5-…"));
                Self::Qontak { user: user?, channel: channel? }
            }
            "described" => {
                let url = url(reader);
                let file = reader.required("whatsapp.gateway_file", "gateway.toml")?;
                let described = Described::read(&reader.beside(&file));
                let described = Box::new(reader.checked("whatsapp.gateway_file", described)?);
                Self::Described { url: url?, described }
            }
            _ => {
                let reason = "write \"waha\", \"gowa\", \"fonnte\", \"wablas\", \"qontak\", \"described\" for another, or leave it \
                              out for Meta";
                reader.fault("whatsapp.gateway", reason);
                return None;
            }
        })
    }
}
