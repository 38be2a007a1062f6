//! The webhook of WhatsApp: what the provider signs is taken, and nothing else.

use hmac::{Hmac, KeyInit as _, Mac as _};
use password_reset_config::{GatewayKind, WebhookSecret};
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

use super::Doctor;

/// A post that says nothing: no message and no status.
struct Post {
    body: Vec<u8>,
    /// Where the authentication stands: a header with a prefix, or `?secret=` in the URL.
    header: Option<(&'static str, &'static str)>,
    authentication: String,
}

impl Doctor<'_> {
    pub(super) async fn post_to_the_webhook(&mut self) {
        let Some(whatsapp) = self.settings.whatsapp().cloned() else { return };
        let url = format!("{}{}", self.settings.site().base_url(), whatsapp.webhook_path);
        let Some(right) = post(&whatsapp.webhook_secret()) else { return };
        let change = match whatsapp.webhook_secret() {
            WebhookSecret::Meta { .. } => "PASSWORD_RESET_WHATSAPP_APP_SECRET: write that of the app at Meta",
            _ => "PASSWORD_RESET_WHATSAPP_WEBHOOK_SECRET: write that of the gateway's webhook",
        };
        let forged = "5a".repeat(right.authentication.len().div_euclid(2));
        for (is_right, authentication) in [(true, right.authentication.clone()), (false, forged)] {
            let (url, header) = match right.header {
                Some((name, prefix)) => (url.clone(), Some((name, format!("{prefix}{authentication}")))),
                None => (format!("{url}?secret={authentication}"), None),
            };
            let headers: Vec<(&str, &str)> = header.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answered = self.client.post(&url, right.body.clone(), &headers).await;
            let status = answered.map(|answer| answer.status);
            let is_taken = status.as_ref().is_ok_and(http::StatusCode::is_success);
            let said = status.map_or_else(|error| error, |status| status.to_string());
            match (is_right, is_taken) {
                (true, false) => self.find(
                    "webhook_refused",
                    format!("a rightly signed post to {} is answered {said}", whatsapp.webhook_path),
                    format!("{change}; whatsapp.webhook_path: where it is mounted"),
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

/// As the provider would send it; `None` for one that this command does not know.
fn post(secret: &WebhookSecret<'_>) -> Option<Post> {
    let nothing = json!({ "event": "doctor" });
    Some(match secret {
        WebhookSecret::Meta { app_secret, business_account_id } => {
            let entry = json!([{ "id": business_account_id, "changes": [] }]);
            let body = json!({ "object": "whatsapp_business_account", "entry": entry });
            signed_by_meta(&body, app_secret.expose())?
        }
        WebhookSecret::Gateway(GatewayKind::Gowa, secret) => signed_by_meta(&nothing, secret.expose())?,
        WebhookSecret::Gateway(GatewayKind::Waha, secret) => {
            let body = nothing.to_string().into_bytes();
            let mac = Hmac::<Sha512>::new_from_slice(secret.expose().as_bytes()).ok()?.chain_update(&body);
            let authentication = hex(&mac.finalize().into_bytes());
            Post { body, header: Some(("x-webhook-hmac", "")), authentication }
        }
        WebhookSecret::Gateway(GatewayKind::Described, _) => return None,
        WebhookSecret::Gateway(_, secret) => {
            let encoded = url::form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect();
            Post { body: nothing.to_string().into_bytes(), header: None, authentication: encoded }
        }
        _ => return None,
    })
}

fn signed_by_meta(body: &Value, secret: &str) -> Option<Post> {
    let body = body.to_string().into_bytes();
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?.chain_update(&body);
    let authentication = hex(&mac.finalize().into_bytes());
    Some(Post { body, header: Some(("x-hub-signature-256", "sha256=")), authentication })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
