//! How a gateway authenticates its requests.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use password_reset::inbound::Assurance;
use serde_json::Value;
use url::form_urlencoded;

use super::path::JsonPath;
use crate::error::WhatsAppConfigError;
use crate::provider::WebhookRequest;
use crate::secret::{checked, same};
use crate::signature::{Algorithm, Encoding, Keys};

/// How a [`Gateway`](crate::Gateway) authenticates its requests.
#[derive(Clone)]
pub struct Authentication(Kind);

#[derive(Clone)]
enum Kind {
    Hmac { header: HeaderName, prefix: String, encoding: Encoding, keys: Keys },
    Header { header: HeaderName, secrets: Secrets },
    Body { path: JsonPath, secrets: Secrets },
    Query { name: String, secrets: Secrets },
    Nothing,
}

/// A post to a webhook, made by [`Authentication::post`] to try it.
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookPost {
    /// The JSON.
    pub body: Vec<u8>,
    /// The header that authenticates it, if one does.
    pub header: Option<(HeaderName, String)>,
    /// The query of the URL, if that authenticates it.
    pub query: Option<String>,
}

/// Shows no secret.
impl fmt::Debug for WebhookPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookPost(…)")
    }
}

/// The current secret and, during a rotation, the previous one.
type Secrets = Vec<Arc<str>>;

impl Authentication {
    /// A header with the HMAC of the raw body: [`Assurance::Signed`].
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for an invalid header name, and a secret that is empty, short or from an example.
    pub fn hmac(
        header: &str,
        algorithm: Algorithm,
        encoding: Encoding,
        secret: &str,
    ) -> Result<Self, WhatsAppConfigError> {
        let keys = Keys::new("gateway secret", algorithm, secret)?;
        Ok(Self(Kind::Hmac { header: name(header)?, prefix: String::new(), encoding, keys }))
    }

    /// A header with a constant secret: [`Assurance::SharedSecret`].
    ///
    /// # Errors
    /// As [`hmac`](Self::hmac).
    pub fn header(header: &str, secret: &str) -> Result<Self, WhatsAppConfigError> {
        Ok(Self(Kind::Header { header: name(header)?, secrets: first(secret)? }))
    }

    /// A field of the body with a constant secret: [`Assurance::SharedSecret`]. The body has to be parsed before it is
    /// authenticated.
    ///
    /// # Errors
    /// As [`hmac`](Self::hmac).
    pub fn body(path: &str, secret: &str) -> Result<Self, WhatsAppConfigError> {
        Ok(Self(Kind::Body { path: JsonPath::new(path), secrets: first(secret)? }))
    }

    /// A query parameter with a constant secret: [`Assurance::SharedSecret`].
    ///
    /// For gateways that support nothing better.
    ///
    /// # Errors
    /// As [`hmac`](Self::hmac).
    ///
    /// # Security
    /// Servers and proxies log URLs: keep the query of this one out of your logs.
    pub fn query(name: &str, secret: &str) -> Result<Self, WhatsAppConfigError> {
        Ok(Self(Kind::Query { name: name.to_owned(), secrets: first(secret)? }))
    }

    /// No authentication: [`Assurance::None`].
    ///
    /// # Security
    /// An attacker who finds the webhook's address can take over any account with a phone number. [`Webhook::new`] refuses
    /// it unless [`Inbound::trusting`](password_reset::Inbound::trusting) allows it.
    ///
    /// [`Webhook::new`]: crate::Webhook::new
    #[must_use]
    pub fn none() -> Self {
        Self(Kind::Nothing)
    }

    /// The prefix of the HMAC in its header, such as `sha256=`. Has no effect on other kinds.
    #[must_use]
    pub fn with_prefix(mut self, text: &str) -> Self {
        if let Kind::Hmac { prefix, .. } = &mut self.0 {
            text.clone_into(prefix);
        }
        self
    }

    /// Also accepts the previous secret, during a rotation.
    ///
    /// # Errors
    /// As [`hmac`](Self::hmac); also for [`none`](Self::none).
    pub fn with_previous_secret(mut self, secret: &str) -> Result<Self, WhatsAppConfigError> {
        const FIELD: &str = "previous gateway secret";
        match &mut self.0 {
            Kind::Hmac { keys, .. } => *keys = keys.clone().and(FIELD, secret)?,
            Kind::Header { secrets, .. } | Kind::Body { secrets, .. } | Kind::Query { secrets, .. } => {
                checked(FIELD, secret)?;
                secrets.push(secret.into());
            }
            Kind::Nothing => return Err(WhatsAppConfigError::new(FIELD, "this authentication has no secret")),
        }
        Ok(self)
    }

    /// A post of this JSON object as the gateway would make it, to try a webhook with.
    ///
    /// # Security
    /// It holds the secret, or what the secret signed: send it to your own webhook alone.
    #[must_use]
    pub fn post(&self, json: &str) -> WebhookPost {
        let current = |secrets: &Secrets| secrets.first().map_or_else(String::new, |secret| secret.to_string());
        let mut body = json.as_bytes().to_vec();
        if let Kind::Body { path, secrets } = &self.0 {
            let mut fields = serde_json::from_str(json).unwrap_or_default();
            path.put(&mut fields, &current(secrets));
            body = fields.to_string().into_bytes();
        }
        let header = match &self.0 {
            Kind::Hmac { header, prefix, encoding, keys } => {
                Some((header.clone(), format!("{prefix}{}", keys.sign(&body, *encoding))))
            }
            Kind::Header { header, secrets } => Some((header.clone(), current(secrets))),
            Kind::Body { .. } | Kind::Query { .. } | Kind::Nothing => None,
        };
        let query = match &self.0 {
            Kind::Query { name, secrets } => {
                Some(form_urlencoded::Serializer::new(String::new()).append_pair(name, &current(secrets)).finish())
            }
            _ => None,
        };
        WebhookPost { body, header, query }
    }

    pub(super) fn assurance(&self) -> Assurance {
        match self.0 {
            Kind::Hmac { .. } => Assurance::Signed,
            Kind::Header { .. } | Kind::Body { .. } | Kind::Query { .. } => Assurance::SharedSecret,
            Kind::Nothing => Assurance::None,
        }
    }

    pub(super) fn is_in_body(&self) -> bool {
        matches!(self.0, Kind::Body { .. })
    }

    /// Whether headers and query, without the body, leave it possible that [`verify`](Self::verify) agrees.
    pub(super) fn may_have_sent(&self, head: &WebhookRequest<'_>) -> bool {
        match &self.0 {
            Kind::Hmac { header, prefix, .. } => {
                let mac = head.header(header.as_str()).and_then(|value| value.strip_prefix(prefix.as_bytes()));
                mac.is_some_and(|mac| !mac.is_empty())
            }
            Kind::Header { .. } | Kind::Query { .. } | Kind::Nothing => self.verify(head),
            Kind::Body { .. } => true,
        }
    }

    pub(super) fn verify(&self, request: &WebhookRequest<'_>) -> bool {
        match &self.0 {
            Kind::Hmac { header, prefix, encoding, keys } => {
                let mac = request.header(header.as_str()).and_then(|value| value.strip_prefix(prefix.as_bytes()));
                mac.is_some_and(|mac| keys.verify(&[request.body], mac, *encoding))
            }
            Kind::Header { header, secrets } => {
                request.header(header.as_str()).is_some_and(|given| is_one_of(given, secrets))
            }
            Kind::Body { path, secrets } => {
                let parsed: Option<Value> = serde_json::from_slice(request.body).ok();
                let given = parsed.as_ref().and_then(|parsed| path.get(parsed)?.as_str());
                given.is_some_and(|given| is_one_of(given.as_bytes(), secrets))
            }
            Kind::Query { name, secrets } => {
                let query = request.query.unwrap_or_default();
                let mut given = form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
                matches!((given.next(), given.next()), (Some((_, given)), None) if is_one_of(given.as_bytes(), secrets))
            }
            Kind::Nothing => true,
        }
    }
}

/// Shows the kind, never the secret.
impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Hmac { header, keys, .. } => write!(f, "Hmac({header}, {keys:?})"),
            Kind::Header { header, .. } => write!(f, "Header({header})"),
            Kind::Body { path, .. } => write!(f, "Body({path:?})"),
            Kind::Query { name, .. } => write!(f, "Query({name})"),
            Kind::Nothing => f.write_str("Nothing"),
        }
    }
}

fn name(header: &str) -> Result<HeaderName, WhatsAppConfigError> {
    header.parse().map_err(|_has_no_detail| WhatsAppConfigError::new("gateway header", "not a valid header name"))
}

fn first(secret: &str) -> Result<Secrets, WhatsAppConfigError> {
    checked("gateway secret", secret)?;
    Ok(vec![secret.into()])
}

/// Compares with every secret, so that the time does not reveal which one matches.
fn is_one_of(given: &[u8], secrets: &Secrets) -> bool {
    secrets.iter().fold(false, |found, secret| same(given, secret.as_bytes()) | found)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    #[test]
    fn a_post_is_authenticated_and_one_of_another_secret_is_not() {
        let (right, other) = ("plainly made up secret 1&2", "plainly made up secret 3&4");
        let kinds: [fn(&str) -> Authentication; 7] = [
            |secret| Authentication::hmac("X-Sign", Algorithm::Sha1, Encoding::Hex, secret).unwrap(),
            |secret| Authentication::hmac("X-Sign", Algorithm::Sha256, Encoding::Base64, secret).unwrap(),
            |secret| {
                Authentication::hmac("X-Sign", Algorithm::Sha512, Encoding::Hex, secret).unwrap().with_prefix("v=")
            },
            |secret| Authentication::header("X-Token", secret).unwrap(),
            |secret| Authentication::body("token", secret).unwrap(),
            |secret| Authentication::body("event.auth.token", secret).unwrap(),
            |secret| Authentication::query("token", secret).unwrap(),
        ];
        for kind in kinds {
            for (secret, is_taken) in [(right, true), (other, false)] {
                let post = kind(secret).post(r#"{"event":"test"}"#);
                let headers: HeaderMap =
                    post.header.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
                let request = WebhookRequest { headers: &headers, query: post.query.as_deref(), body: &post.body };
                assert_eq!(kind(right).verify(&request), is_taken, "{:?}", kind(right));
                assert!(!format!("{post:?}").contains("made up"));
            }
        }
    }

    #[test]
    fn a_secret_that_stands_twice_is_still_one_of_them() {
        let secrets = [first("plainly made up secret 1").unwrap(), first("plainly made up secret 1").unwrap()].concat();
        assert!(is_one_of(b"plainly made up secret 1", &secrets));
        assert!(!is_one_of(b"plainly made up secret 2", &secrets));
    }
}
