//! Requests to Meta's Cloud API.

use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use password_reset::{Message, PortError};
use password_reset_http_api::{ApiSecret, base_url, sensitive};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::template::Version;
use super::{Content, not_a_request};
use crate::error::WhatsAppConfigError;
use crate::meta::id;
use crate::sent::MessageOf;

/// The version of the Graph API that this code was written for; Meta supports it into 2028.
const VERSION: &str = "v25.0";

/// Access to Meta's Cloud API.
#[derive(Debug)]
pub struct MetaApi {
    base_url: String,
    version: String,
    phone_number_id: String,
    access_token: ApiSecret,
}

impl MetaApi {
    /// Sends from a phone number, with the token of a system user that has the permission
    /// `whatsapp_business_messaging` for it.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for an id that is not a number, and a token that is empty, short or from an example.
    pub fn new(phone_number_id: &str, access_token: &str) -> Result<Self, WhatsAppConfigError> {
        let access_token =
            ApiSecret::new(access_token).map_err(|error| WhatsAppConfigError::new("access token", error.why))?;
        Ok(Self {
            base_url: "https://graph.facebook.com".to_owned(),
            version: VERSION.to_owned(),
            phone_number_id: id("phone number id", phone_number_id)?,
            access_token,
        })
    }

    /// Sets the version of the API; the default is `v25.0`.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for another format.
    pub fn with_version(mut self, version: &str) -> Result<Self, WhatsAppConfigError> {
        let number = version.strip_prefix('v').unwrap_or_default();
        let parts: Vec<&str> = number.split('.').collect();
        let all_numbers = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        if parts.len() != 2 || !all_numbers {
            return Err(WhatsAppConfigError::new("version", "must be a version like v25.0"));
        }
        version.clone_into(&mut self.version);
        Ok(self)
    }

    /// Sets the address of the API: of a provider with the same API, or of a test server.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] unless it is `https` (`http` for loopback alone).
    pub fn with_base_url(mut self, url: &str) -> Result<Self, WhatsAppConfigError> {
        self.base_url = base_url(url).map_err(|error| WhatsAppConfigError::new("base URL", error.why))?;
        Ok(self)
    }

    pub(super) fn request(&self, message: &Message, content: &Content<'_>) -> Result<Request<Bytes>, PortError> {
        let uri = format!("{}/{}/{}/messages", self.base_url, self.version, self.phone_number_id);
        let authorization = Zeroizing::new(format!("Bearer {}", self.access_token.expose()));
        let body = Bytes::from(self.body(message, content).to_string());
        Request::post(uri)
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, sensitive(&authorization)?)
            .body(body)
            .map_err(not_a_request)
    }

    fn body(&self, message: &Message, content: &Content<'_>) -> Value {
        let mut body = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": message.to().value(),
            // Meta returns this with every status of the message.
            "biz_opaque_callback_data": MessageOf::new(message).reference(),
        });
        let (kind, value) = match content {
            Content::Text(text) => ("text", json!({"preview_url": false, "body": text})),
            Content::Code { version, code } => {
                let parameters = json!([{"type": "text", "text": code}]);
                // The template takes the code twice: for the text, and for the button that copies it.
                let components = json!([
                    {"type": "body", "parameters": parameters},
                    {"type": "button", "sub_type": "url", "index": "0", "parameters": parameters},
                ]);
                ("template", template(version, components))
            }
            Content::Fields { version, fields } => {
                let parameters: Vec<Value> =
                    fields.iter().map(|field| json!({"type": "text", "text": field})).collect();
                ("template", template(version, json!([{"type": "body", "parameters": parameters}])))
            }
        };
        if let Some(body) = body.as_object_mut() {
            body.insert("type".to_owned(), kind.into());
            body.insert(kind.to_owned(), value);
        }
        body
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it becomes part of the value")]
fn template(version: &Version, components: Value) -> Value {
    match version {
        Version::Meta { name, language } => {
            json!({"name": name, "language": {"code": language}, "components": components})
        }
        // `Template::check` refuses this at configuration.
        Version::Twilio { .. } => Value::Null,
    }
}
