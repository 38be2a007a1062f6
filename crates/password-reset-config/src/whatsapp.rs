//! A business number: at Meta, or at a gateway.

mod described;
mod gateway;
mod meta;

use password_reset::inbound::Assurance;
use password_reset::{Inbound, InboundMode, Lifetimes, PasswordReset, UndeliveredCodes};
use password_reset_whatsapp::{Countries, Webhook, WebhookPost, WhatsAppNotifier};

use self::gateway::GatewaySettings;
use self::meta::MetaSettings;
use crate::error::SettingsError;
use crate::reader::Reader;
use crate::secret::Secret;

/// The settings of WhatsApp.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WhatsAppSettings {
    /// The number, in E.164 form.
    pub number: String,
    /// What happens after the code arrives.
    pub mode: InboundMode,
    /// The path of the webhook below the reset pages.
    pub webhook_path: String,
    assurance: Assurance,
    provider: Provider,
    code_template: Option<String>,
    countries: Vec<String>,
    undelivered_codes: UndeliveredCodes,
}

/// Signs what nothing real signs.
const FORGING: &str = "9f3e61c8b07d4a52e18f6b30d97c25a4";

#[derive(Clone, Debug)]
enum Provider {
    Meta(MetaSettings),
    Gateway(GatewaySettings),
}

impl WhatsAppSettings {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let number = reader.text("whatsapp.number");
        let mode = reader.text("whatsapp.mode");
        let assurance = reader.text("whatsapp.assurance");
        let webhook_path = reader.text("whatsapp.webhook_path").unwrap_or_else(|| "/webhooks/whatsapp".to_owned());
        let code_template = reader.text("whatsapp.code_template");
        let countries = reader.list("whatsapp.countries").unwrap_or_default();
        let undelivered_codes = reader.text("whatsapp.undelivered_codes");
        let gateway = reader.text("whatsapp.gateway");
        // A file may keep them while WhatsApp is off, or elsewhere.
        reader.know(&["whatsapp.phone_number_id", "whatsapp.business_account_id", "whatsapp.app_secret_file"]);
        reader.know(&["whatsapp.verify_token_file", "whatsapp.access_token_file", "whatsapp.gateway_url"]);
        reader.know(&["whatsapp.gateway_session", "whatsapp.gateway_user", "whatsapp.gateway_channel"]);
        reader.know(&["whatsapp.gateway_file", "whatsapp.gateway_key_file", "whatsapp.gateway_second_key_file"]);
        reader.know(&["whatsapp.webhook_secret_file"]);
        let number = number?;
        let mode = match mode.as_deref() {
            None | Some("page_advances") => InboundMode::PageAdvances,
            Some("type_back") => InboundMode::TypeBack,
            Some("continue_on_phone") => InboundMode::ContinueOnPhone,
            Some(_) => {
                reader.fault("whatsapp.mode", "write \"page_advances\", \"type_back\" or \"continue_on_phone\"");
                return None;
            }
        };
        let assurance = match assurance.as_deref() {
            None | Some("signed") => Assurance::Signed,
            Some("shared_secret") => Assurance::SharedSecret,
            Some(_) => {
                let reason = "write \"signed\", or \"shared_secret\" to accept a gateway that does not sign its posts";
                reader.fault("whatsapp.assurance", reason);
                return None;
            }
        };
        let undelivered_codes = match undelivered_codes.as_deref() {
            None | Some("nothing") => UndeliveredCodes::Nothing,
            Some("mail") => UndeliveredCodes::Mail,
            Some(_) => {
                let reason = "write \"nothing\", or \"mail\" to send a link to the account's mailbox";
                reader.fault("whatsapp.undelivered_codes", reason);
                return None;
            }
        };
        let provider = match gateway {
            None => Provider::Meta(MetaSettings::read(reader)?),
            Some(name) => Provider::Gateway(GatewaySettings::read(reader, &name)?),
        };
        Some(Self { number, mode, webhook_path, assurance, provider, code_template, countries, undelivered_codes })
    }

    pub(crate) fn inbound(&self) -> Result<Inbound, SettingsError> {
        let inbound = match self.mode {
            InboundMode::TypeBack => Inbound::type_back(&self.number),
            InboundMode::ContinueOnPhone => Inbound::continue_on_phone(&self.number),
            _ => Inbound::page_advances(&self.number),
        };
        let inbound = inbound.map_err(|error| SettingsError::one("whatsapp.number", error))?;
        Ok(inbound.trusting(self.assurance))
    }

    pub(crate) fn undelivered_codes(&self) -> UndeliveredCodes {
        self.undelivered_codes
    }

    /// Sends from the number.
    pub(crate) fn notifier(&self, lifetimes: &Lifetimes) -> Result<WhatsAppNotifier, SettingsError> {
        let failed = |error| SettingsError::one("whatsapp", error);
        let countries: Vec<&str> = self.countries.iter().map(String::as_str).collect();
        let countries = if countries.is_empty() { Ok(Countries::any()) } else { Countries::only(&countries) };
        let countries = countries.map_err(failed)?;
        let notifier = match &self.provider {
            Provider::Meta(meta) => WhatsAppNotifier::meta(meta.api()?, countries),
            Provider::Gateway(gateway) => WhatsAppNotifier::gateway(gateway.api()?, countries),
        };
        let notifier = notifier.map_err(failed)?;
        let Some(name) = &self.code_template else { return Ok(notifier) };
        let template = match &self.provider {
            Provider::Meta(_) => meta::template(name),
            Provider::Gateway(_) => gateway::template(name),
        };
        let minutes = u8::try_from(lifetimes.whatsapp.as_secs().div_euclid(60)).unwrap_or(u8::MAX);
        notifier
            .with_code_template(template, minutes, lifetimes)
            .map_err(|error| SettingsError::one("whatsapp.code_template", error))
    }

    /// The webhook, to mount at [`webhook_path`](Self::webhook_path) below the reset pages.
    ///
    /// # Errors
    /// When a secret or an id is none, and when the mode cannot be carried by the provider.
    pub fn webhook(&self, reset: &PasswordReset) -> Result<Webhook, SettingsError> {
        let webhook = match &self.provider {
            Provider::Meta(meta) => Webhook::new(reset.clone(), meta.provider()?),
            Provider::Gateway(gateway) => Webhook::new(reset.clone(), gateway.provider()?),
        };
        webhook.map_err(|error| SettingsError::one("whatsapp", error))
    }

    /// Two posts to the webhook that say nothing: one as the provider would make it, and one that another secret authenticates.
    ///
    /// # Errors
    /// As [`webhook`](Self::webhook).
    pub fn webhook_posts(&self) -> Result<[WebhookPost; 2], SettingsError> {
        let mut forging = self.provider.clone();
        match &mut forging {
            Provider::Meta(meta) => meta.app_secret = Secret::new(FORGING),
            Provider::Gateway(gateway) => gateway.webhook_secret = Secret::new(FORGING),
        }
        Ok([self.provider.post()?, forging.post()?])
    }

    /// The name of the secret that authenticates these posts, and where the provider has it.
    #[must_use]
    pub fn webhook_secret_name(&self) -> &'static str {
        match &self.provider {
            Provider::Meta(_) => "PASSWORD_RESET_WHATSAPP_APP_SECRET: write that of the app at Meta",
            Provider::Gateway(_) => "PASSWORD_RESET_WHATSAPP_WEBHOOK_SECRET: write that of the gateway's webhook",
        }
    }
}

impl Provider {
    fn post(&self) -> Result<WebhookPost, SettingsError> {
        match self {
            Self::Meta(meta) => meta.post(),
            Self::Gateway(gateway) => Ok(gateway.provider()?.post(r#"{"event":"test"}"#)),
        }
    }
}
