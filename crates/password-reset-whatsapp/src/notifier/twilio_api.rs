//! Requests to Twilio's API.

use std::fmt;

use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use password_reset::{Message, PortError};
use password_reset_http_api::{base_url, basic, checked_url, sensitive};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::countries::is_e164;
use super::template::Version;
use super::{Content, not_a_request};
use crate::error::WhatsAppConfigError;
use crate::secret::checked;
use crate::sent::MessageOf;
use crate::twilio::{MESSAGE, sid};

/// Access to Twilio's API.
pub struct TwilioApi {
    base_url: String,
    account_sid: String,
    auth_token: Zeroizing<String>,
    from: String,
    status_url: Option<Url>,
}

impl TwilioApi {
    /// Sends from a number (`+62811…`) that is a WhatsApp sender of the account.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for an invalid account SID or number, and a token that is empty, short or from an example.
    pub fn new(account_sid: &str, auth_token: &str, from: &str) -> Result<Self, WhatsAppConfigError> {
        checked("auth token", auth_token)?;
        if !is_e164(from) {
            return Err(WhatsAppConfigError::new("sender number", "must be a plus and digits only, like +62811…"));
        }
        Ok(Self {
            base_url: "https://api.twilio.com".to_owned(),
            account_sid: sid(account_sid)?,
            auth_token: Zeroizing::new(auth_token.to_owned()),
            from: from.to_owned(),
            status_url: None,
        })
    }

    /// Asks Twilio to report delivery statuses to a [`Webhook`](crate::Webhook), at the URL that
    /// [`Twilio::new`](crate::Twilio::new) has.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] unless it is `https` (`http` for loopback alone), without user, query and fragment: each message
    /// has a query of its own.
    pub fn with_status_url(mut self, url: &str) -> Result<Self, WhatsAppConfigError> {
        let checked = checked_url(url).map_err(|error| WhatsAppConfigError::new("status URL", error.why))?;
        self.status_url = Some(checked);
        Ok(self)
    }

    /// Sets the address of the API, for a test server.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] unless it is `https` (`http` for loopback alone).
    pub fn with_base_url(mut self, url: &str) -> Result<Self, WhatsAppConfigError> {
        self.base_url = base_url(url).map_err(|error| WhatsAppConfigError::new("base URL", error.why))?;
        Ok(self)
    }

    pub(super) fn request(&self, message: &Message, content: &Content<'_>) -> Result<Request<Bytes>, PortError> {
        let uri = format!("{}/2010-04-01/Accounts/{}/Messages.json", self.base_url, self.account_sid);
        let authorization = sensitive(&basic(&self.account_sid, &self.auth_token))?;
        Request::post(uri)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, authorization)
            .body(Bytes::from(self.form(message, content)))
            .map_err(not_a_request)
    }

    fn form(&self, message: &Message, content: &Content<'_>) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("From", &format!("whatsapp:{}", self.from));
        form.append_pair("To", &format!("whatsapp:{}", message.to().value()));
        let mut template = |version: &Version, fields: &[&str]| {
            let numbered = (1_usize..).zip(fields).map(|(number, field)| (number.to_string(), Value::from(*field)));
            let variables = Value::Object(numbered.collect::<Map<_, _>>()).to_string();
            if let Version::Twilio { content_sid } = version {
                form.append_pair("ContentSid", content_sid).append_pair("ContentVariables", &variables);
            }
        };
        match content {
            Content::Code { version, code } => template(version, &[*code]),
            Content::Fields { version, fields } => {
                template(version, &fields.iter().map(String::as_str).collect::<Vec<_>>());
            }
            Content::Text(text) => {
                form.append_pair("Body", text);
            }
        }
        if let Some(url) = &self.status_url {
            // Twilio calls this URL and signs it whole, so an attacker cannot change the query.
            let reference = MessageOf::new(message).reference();
            form.append_pair("StatusCallback", &format!("{url}?{MESSAGE}={reference}"));
        }
        form.finish()
    }
}

/// Does not show the token.
impl fmt::Debug for TwilioApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioApi")
            .field("base_url", &self.base_url)
            .field("account_sid", &self.account_sid)
            .finish_non_exhaustive()
    }
}
