//! The webhook of WhatsApp: what Meta signs is taken, and nothing else.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use super::Doctor;

impl Doctor<'_> {
    pub(super) async fn post_to_the_webhook(&mut self) {
        let Some(whatsapp) = self.settings.whatsapp().cloned() else { return };
        let url = format!("{}{}", self.settings.site().base_url(), whatsapp.webhook_path);
        // Says nothing: no message and no status.
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": whatsapp.business_account_id, "changes": [] }] });
        let body = body.to_string().into_bytes();
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(whatsapp.app_secret.expose().as_bytes()) else { return };
        mac.update(&body);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let signature = hex(&mac.finalize().into_bytes());
        let forged = hex(&[0x5a; 32]);
        for (is_right, signature) in [(true, signature), (false, forged)] {
            let header = format!("sha256={signature}");
            let answered = self.client.post(&url, body.clone(), &[("x-hub-signature-256", &header)]).await;
            let status = answered.map(|answer| answer.status);
            let is_taken = status.as_ref().is_ok_and(http::StatusCode::is_success);
            let said = status.map_or_else(|error| error, |status| status.to_string());
            match (is_right, is_taken) {
                (true, false) => self.find(
                    "webhook_refused",
                    format!("a rightly signed post to {} is answered {said}", whatsapp.webhook_path),
                    "PASSWORD_RESET_WHATSAPP_APP_SECRET: write that of the app at Meta; whatsapp.webhook_path: where it is mounted",
                ),
                (false, true) => self.find(
                    "webhook_forged",
                    format!("a post with a forged signature to {} is taken", whatsapp.webhook_path),
                    "whatsapp.webhook_path: mount the webhook of the settings there, which checks signatures",
                ),
                _ => {}
            }
        }
    }
}
