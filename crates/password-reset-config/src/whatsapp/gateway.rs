//! A number at a gateway, which receives and sends.

use password_reset::Locale;
use password_reset_whatsapp::{Authentication, Gateway, GatewayApi, SentMessages, Template, WhatsAppConfigError};

use super::described::Described;
use crate::error::SettingsError;
use crate::reader::Reader;
use crate::secret::Secret;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GatewayKind {
    Waha,
    Gowa,
    Fonnte,
    Wablas,
    Qontak,
    /// Another, which a file describes.
    Described,
}

#[derive(Clone, Debug)]
pub(super) struct GatewaySettings {
    kind: GatewayKind,
    /// What this kind needs beside its key; what it does not is empty.
    url: String,
    session: String,
    user: String,
    channel: String,
    second_key: Option<Secret>,
    described: Option<Box<Described>>,
    key: Secret,
    pub(super) webhook_secret: Secret,
    /// Both sides of this gateway, so that its reports find their messages.
    sent: SentMessages,
}

pub(super) fn know(reader: &mut Reader<'_>) {
    reader.know(&[
        "whatsapp.gateway_url",
        "whatsapp.gateway_session",
        "whatsapp.gateway_user",
        "whatsapp.gateway_channel",
        "whatsapp.gateway_file",
    ]);
    reader.know(&["whatsapp.gateway_key_file", "whatsapp.gateway_second_key_file", "whatsapp.webhook_secret_file"]);
}

/// A template by its id, which is in Indonesian.
pub(super) fn template(id: &str) -> Template {
    Template::meta(id, Locale::INDONESIAN, "id")
}

impl GatewaySettings {
    pub(super) fn read(reader: &mut Reader<'_>, name: &str) -> Option<Self> {
        use GatewayKind::{Described as InFile, Fonnte, Gowa, Qontak, Wablas, Waha};
        let kind = match name {
            "waha" => Waha,
            "gowa" => Gowa,
            "fonnte" => Fonnte,
            "wablas" => Wablas,
            "qontak" => Qontak,
            "described" => InFile,
            _ => {
                let reason = "write \"waha\", \"gowa\", \"fonnte\", \"wablas\", \"qontak\", \"described\" for another, or leave it \
                              out for Meta";
                reader.fault("whatsapp.gateway", reason);
                return None;
            }
        };
        let needs = |kinds: &[GatewayKind]| kinds.contains(&kind);
        let url = match needs(&[Waha, Gowa, Wablas, InFile]) {
            true => reader.required("whatsapp.gateway_url", "https://gateway.toko.example"),
            false => Some(String::new()),
        };
        let user = match needs(&[Gowa, Qontak]) {
            true => reader.required("whatsapp.gateway_user", "toko"),
            false => Some(String::new()),
        };
        let channel = match needs(&[Qontak]) {
            true => reader.required("whatsapp.gateway_channel", "31c076d5-…"),
            false => Some(String::new()),
        };
        let session = match needs(&[Waha]) {
            true => reader.text("whatsapp.gateway_session"),
            false => None,
        };
        let second_key = match needs(&[Wablas]) {
            true => Some(reader.required_secret("whatsapp.gateway_second_key")),
            false => None,
        };
        let described = match needs(&[InFile]) {
            true => reader
                .required("whatsapp.gateway_file", "gateway.toml")
                .map(|file| Described::read(&reader.beside(&file))),
            false => None,
        };
        let described = match described {
            Some(read) => Some(Box::new(reader.checked("whatsapp.gateway_file", read)?)),
            None if needs(&[InFile]) => return None,
            None => None,
        };
        let key = reader.required_secret("whatsapp.gateway_key");
        let webhook_secret = reader.required_secret("whatsapp.webhook_secret");
        let settings = Self {
            kind,
            url: url?,
            session: session.unwrap_or_else(|| "default".to_owned()),
            user: user?,
            channel: channel?,
            second_key: match second_key {
                Some(key) => Some(key?),
                None => None,
            },
            described,
            key: key?,
            webhook_secret: webhook_secret?,
            sent: SentMessages::new(),
        };
        if settings.described.is_some() {
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
        let made = || -> Result<GatewayApi, WhatsAppConfigError> {
            if let Some(described) = &self.described {
                return described.api(&self.url, &self.key, &self.sent);
            }
            let (url, key) = (&self.url, self.key.expose());
            match self.kind {
                GatewayKind::Waha => GatewayApi::waha(url, &self.session, key)?.reporting(&self.sent),
                GatewayKind::Gowa => GatewayApi::gowa(url, &self.user, key)?.reporting(&self.sent),
                GatewayKind::Fonnte => GatewayApi::fonnte(key)?.reporting(&self.sent),
                GatewayKind::Wablas => {
                    let second = self.second_key.as_ref().map_or("", Secret::expose);
                    GatewayApi::wablas(url, key, second)?.reporting(&self.sent)
                }
                // Its reports are not documented.
                GatewayKind::Qontak | GatewayKind::Described => GatewayApi::qontak(&self.user, key, &self.channel),
            }
        };
        made().map_err(|error| SettingsError::one("whatsapp", error))
    }

    /// How it receives.
    pub(super) fn provider(&self) -> Result<Gateway, SettingsError> {
        let secret = self.webhook_secret.expose();
        let query = || Authentication::query("secret", secret);
        let made = || -> Result<Gateway, WhatsAppConfigError> {
            if let Some(described) = &self.described {
                return described.provider(&self.webhook_secret, &self.sent);
            }
            match self.kind {
                GatewayKind::Waha => Gateway::waha(secret)?.reporting(&self.sent),
                GatewayKind::Gowa => Gateway::gowa(secret)?.reporting(&self.sent),
                // In the address: its reports have no secret in the body.
                GatewayKind::Fonnte => Gateway::fonnte(secret)?.with_authentication(query()?).reporting(&self.sent),
                GatewayKind::Wablas => Gateway::wablas(query()?).reporting(&self.sent),
                GatewayKind::Qontak | GatewayKind::Described => Ok(Gateway::qontak(query()?, &self.channel)),
            }
        };
        made().map_err(|error| SettingsError::one("whatsapp", error))
    }
}
