//! A number at Meta.

use password_reset::Locale;
use password_reset_whatsapp::{Algorithm, Authentication, Encoding, Meta, MetaApi, Template, WebhookPost};
use serde_json::json;

use crate::error::SettingsError;
use crate::reader::Reader;
use crate::secret::Secret;

#[derive(Clone, Debug)]
pub(super) struct MetaSettings {
    phone_number_id: String,
    business_account_id: String,
    pub(super) app_secret: Secret,
    verify_token: Secret,
    access_token: Secret,
}

/// A template of this name in English (`en`) and Indonesian (`id`).
pub(super) fn template(name: &str) -> Template {
    Template::meta(name, Locale::INDONESIAN, "id").and_meta(name, Locale::ENGLISH, "en")
}

impl MetaSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let phone_number_id = reader.required("whatsapp.phone_number_id", "1234567890");
        let business_account_id = reader.required("whatsapp.business_account_id", "1234567890");
        let app_secret = reader.required_secret("whatsapp.app_secret");
        let verify_token = reader.required_secret("whatsapp.verify_token");
        let access_token = reader.required_secret("whatsapp.access_token");
        Some(Self {
            phone_number_id: phone_number_id?,
            business_account_id: business_account_id?,
            app_secret: app_secret?,
            verify_token: verify_token?,
            access_token: access_token?,
        })
    }

    pub(super) fn api(&self) -> Result<MetaApi, SettingsError> {
        MetaApi::new(&self.phone_number_id, self.access_token.expose())
            .map_err(|error| SettingsError::one("whatsapp", error))
    }

    pub(super) fn provider(&self) -> Result<Meta, SettingsError> {
        let (secret, token) = (self.app_secret.expose(), self.verify_token.expose());
        Meta::new(secret, token, &self.phone_number_id, &self.business_account_id)
            .map_err(|error| SettingsError::one("whatsapp", error))
    }

    /// Without a change, so that nothing is in it.
    pub(super) fn post(&self) -> Result<WebhookPost, SettingsError> {
        let signed =
            Authentication::hmac("X-Hub-Signature-256", Algorithm::Sha256, Encoding::Hex, self.app_secret.expose())
                .map_err(|error| SettingsError::one("whatsapp", error))?;
        let entry = json!([{ "id": self.business_account_id, "changes": [] }]);
        let body = json!({ "object": "whatsapp_business_account", "entry": entry });
        Ok(signed.with_prefix("sha256=").post(&body.to_string()))
    }
}
