//! A business number at Meta.

use password_reset::{Inbound, InboundMode, Lifetimes, Locale, PasswordReset};
use password_reset_whatsapp::{Countries, Meta, MetaApi, Template, Webhook, WhatsAppNotifier};

use crate::error::SettingsError;
use crate::reader::Reader;
use crate::secret::Secret;

/// The settings of WhatsApp.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WhatsAppSettings {
    /// The number, in E.164 form.
    pub number: String,
    /// Its id at Meta.
    pub phone_number_id: String,
    /// The id of the business account.
    pub business_account_id: String,
    /// What happens after someone sends the code.
    pub mode: InboundMode,
    /// The path of the webhook below the reset pages.
    pub webhook_path: String,
    /// The secret that signs incoming requests.
    pub app_secret: Secret,
    verify_token: Secret,
    access_token: Secret,
    code_template: Option<String>,
    countries: Vec<String>,
}

impl WhatsAppSettings {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let number = reader.text("whatsapp.number");
        let mode = reader.text("whatsapp.mode");
        let webhook_path = reader.text("whatsapp.webhook_path").unwrap_or_else(|| "/webhooks/whatsapp".to_owned());
        let code_template = reader.text("whatsapp.code_template");
        let countries = reader.list("whatsapp.countries").unwrap_or_default();
        let Some(number) = number else {
            // Known, so that a file may keep them while WhatsApp is off.
            for setting in ["whatsapp.phone_number_id", "whatsapp.business_account_id"] {
                reader.text(setting);
            }
            for setting in ["whatsapp.app_secret", "whatsapp.verify_token", "whatsapp.access_token"] {
                reader.secret(setting);
            }
            return None;
        };
        let mode = match mode.as_deref() {
            None | Some("page_advances") => InboundMode::PageAdvances,
            Some("type_back") => InboundMode::TypeBack,
            Some("continue_on_phone") => InboundMode::ContinueOnPhone,
            Some(_) => {
                reader.fault("whatsapp.mode", "write \"page_advances\", \"type_back\" or \"continue_on_phone\"");
                return None;
            }
        };
        let phone_number_id = reader.required("whatsapp.phone_number_id", "1234567890");
        let business_account_id = reader.required("whatsapp.business_account_id", "1234567890");
        let app_secret = reader.required_secret("whatsapp.app_secret");
        let verify_token = reader.required_secret("whatsapp.verify_token");
        let access_token = reader.required_secret("whatsapp.access_token");
        Some(Self {
            number,
            phone_number_id: phone_number_id?,
            business_account_id: business_account_id?,
            mode,
            webhook_path,
            app_secret: app_secret?,
            verify_token: verify_token?,
            access_token: access_token?,
            code_template,
            countries,
        })
    }

    pub(crate) fn inbound(&self) -> Result<Inbound, SettingsError> {
        let inbound = match self.mode {
            InboundMode::TypeBack => Inbound::type_back(&self.number),
            InboundMode::ContinueOnPhone => Inbound::continue_on_phone(&self.number),
            _ => Inbound::page_advances(&self.number),
        };
        inbound.map_err(|error| SettingsError::one("whatsapp.number", error))
    }

    /// Sends from the number. Codes need a template with the name of the setting, in English (`en`) and Indonesian (`id`).
    pub(crate) fn notifier(&self, lifetimes: &Lifetimes) -> Result<WhatsAppNotifier, SettingsError> {
        let failed = |error| SettingsError::one("whatsapp", error);
        let api = MetaApi::new(&self.phone_number_id, self.access_token.expose()).map_err(failed)?;
        let countries: Vec<&str> = self.countries.iter().map(String::as_str).collect();
        let countries = if countries.is_empty() { Ok(Countries::any()) } else { Countries::only(&countries) };
        let notifier = WhatsAppNotifier::meta(api, countries.map_err(failed)?).map_err(failed)?;
        let Some(name) = &self.code_template else { return Ok(notifier) };
        let template = Template::meta(name, Locale::Indonesian, "id").and_meta(name, Locale::English, "en");
        let minutes = u8::try_from(lifetimes.whatsapp.as_secs().div_euclid(60)).unwrap_or(u8::MAX);
        notifier.with_code_template(template, minutes, lifetimes).map_err(failed)
    }

    /// The webhook, to mount at [`webhook_path`](Self::webhook_path) below the reset pages.
    ///
    /// # Errors
    /// When a secret or an id is none.
    pub fn webhook(&self, reset: &PasswordReset) -> Result<Webhook, SettingsError> {
        let failed = |error| SettingsError::one("whatsapp", error);
        let (secret, token) = (self.app_secret.expose(), self.verify_token.expose());
        let meta = Meta::new(secret, token, &self.phone_number_id, &self.business_account_id).map_err(failed)?;
        Webhook::new(reset.clone(), meta).map_err(failed)
    }
}
