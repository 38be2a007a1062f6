//! How a gateway proves that a post is its own.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use password_reset::Assurance;
use serde_json::Value;
use url::form_urlencoded;

use super::Place;
use crate::error::WhatsAppConfigError;
use crate::provider::Post;
use crate::secret::{checked, same};
use crate::signature::{Algorithm, Encoding, Keys};

/// How a [`Gateway`](crate::Gateway) proves that a post is its own.
#[derive(Clone)]
pub struct Authentication(Kind);

#[derive(Clone)]
enum Kind {
    Hmac { header: HeaderName, prefix: String, encoding: Encoding, keys: Keys },
    Header { header: HeaderName, secrets: Secrets },
    Body { place: Place, secrets: Secrets },
    Query { name: String, secrets: Secrets },
    Nothing,
}

/// One secret, and a second while it is being replaced.
type Secrets = Vec<Arc<str>>;

impl Authentication {
    /// A header with the HMAC of the raw body: [`Assurance::Signed`].
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a name that is no header's, and a secret that is empty, short or from an example.
    pub fn hmac(
        header: &str,
        algorithm: Algorithm,
        encoding: Encoding,
        secret: &str,
    ) -> Result<Self, WhatsAppConfigError> {
        let keys = Keys::new("gateway secret", algorithm, secret)?;
        Ok(Self(Kind::Hmac { header: name(header)?, prefix: String::new(), encoding, keys }))
    }

    /// A header with a secret that is always the same: [`Assurance::SharedSecret`].
    ///
    /// # Errors
    /// As [`hmac`](Self::hmac).
    pub fn header(header: &str, secret: &str) -> Result<Self, WhatsAppConfigError> {
        Ok(Self(Kind::Header { header: name(header)?, secrets: first(secret)? }))
    }

    /// A place in the body with a secret that is always the same: [`Assurance::SharedSecret`]. The body must be parsed to
    /// find it.
    ///
    /// # Errors
    /// As [`hmac`](Self::hmac).
    pub fn body(place: &str, secret: &str) -> Result<Self, WhatsAppConfigError> {
        Ok(Self(Kind::Body { place: Place::new(place), secrets: first(secret)? }))
    }

    /// A parameter in the URL with a secret that is always the same: [`Assurance::SharedSecret`].
    ///
    /// For gateways that can do nothing else.
    ///
    /// # Errors
    /// As [`hmac`](Self::hmac).
    ///
    /// # Security
    /// URLs are logged by servers and proxies: keep the query of this one out of your logs.
    pub fn query(name: &str, secret: &str) -> Result<Self, WhatsAppConfigError> {
        Ok(Self(Kind::Query { name: name.to_owned(), secrets: first(secret)? }))
    }

    /// Nothing: [`Assurance::None`].
    ///
    /// # Security
    /// Whoever finds the webhook can take over any account with a phone number. A service refuses it unless its
    /// [`Inbound`](password_reset::Inbound) was told to trust it.
    #[must_use]
    pub fn none() -> Self {
        Self(Kind::Nothing)
    }

    /// What stands before an HMAC in its header, such as `sha256=`. Nothing elsewhere.
    #[must_use]
    pub fn with_prefix(mut self, text: &str) -> Self {
        if let Kind::Hmac { prefix, .. } = &mut self.0 {
            text.clone_into(prefix);
        }
        self
    }

    /// Also takes the secret before this one, while it is being replaced.
    ///
    /// # Errors
    /// As [`hmac`](Self::hmac); also when there is no secret at all.
    pub fn with_previous_secret(mut self, secret: &str) -> Result<Self, WhatsAppConfigError> {
        const FIELD: &str = "previous gateway secret";
        self.0 = match self.0 {
            Kind::Hmac { header, prefix, encoding, keys } => {
                Kind::Hmac { header, prefix, encoding, keys: keys.and(FIELD, secret)? }
            }
            Kind::Header { header, secrets } => Kind::Header { header, secrets: and(secrets, secret)? },
            Kind::Body { place, secrets } => Kind::Body { place, secrets: and(secrets, secret)? },
            Kind::Query { name, secrets } => Kind::Query { name, secrets: and(secrets, secret)? },
            Kind::Nothing => return Err(WhatsAppConfigError::new(FIELD, "this gateway has no secret")),
        };
        Ok(self)
    }

    pub(super) fn assurance(&self) -> Assurance {
        match self.0 {
            Kind::Hmac { .. } => Assurance::Signed,
            Kind::Header { .. } | Kind::Body { .. } | Kind::Query { .. } => Assurance::SharedSecret,
            Kind::Nothing => Assurance::None,
        }
    }

    pub(super) fn holds(&self, post: &Post<'_>) -> bool {
        match &self.0 {
            Kind::Hmac { header, prefix, encoding, keys } => {
                let mac = post.header(header.as_str()).and_then(|value| value.strip_prefix(prefix.as_bytes()));
                mac.is_some_and(|mac| keys.verify(&[post.body], mac, *encoding))
            }
            Kind::Header { header, secrets } => {
                post.header(header.as_str()).is_some_and(|said| is_one_of(said, secrets))
            }
            Kind::Body { place, secrets } => {
                let parsed: Option<Value> = serde_json::from_slice(post.body).ok();
                let said = parsed.as_ref().and_then(|parsed| place.of(parsed)?.as_str());
                said.is_some_and(|said| is_one_of(said.as_bytes(), secrets))
            }
            Kind::Query { name, secrets } => {
                let query = post.query.unwrap_or_default();
                let mut said = form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
                matches!((said.next(), said.next()), (Some((_, said)), None) if is_one_of(said.as_bytes(), secrets))
            }
            Kind::Nothing => true,
        }
    }
}

/// Shows how, never with what.
impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Hmac { header, keys, .. } => write!(f, "Hmac({header}, {keys:?})"),
            Kind::Header { header, .. } => write!(f, "Header({header})"),
            Kind::Body { place, .. } => write!(f, "Body({place:?})"),
            Kind::Query { name, .. } => write!(f, "Query({name})"),
            Kind::Nothing => f.write_str("Nothing"),
        }
    }
}

fn name(header: &str) -> Result<HeaderName, WhatsAppConfigError> {
    header.parse().map_err(|_says_no_more| WhatsAppConfigError::new("gateway header", "it is not the name of a header"))
}

fn first(secret: &str) -> Result<Secrets, WhatsAppConfigError> {
    checked("gateway secret", secret)?;
    Ok(vec![secret.into()])
}

fn and(mut secrets: Secrets, secret: &str) -> Result<Secrets, WhatsAppConfigError> {
    checked("previous gateway secret", secret)?;
    secrets.push(secret.into());
    Ok(secrets)
}

/// Compares with all of them, so that the time tells nothing of which.
fn is_one_of(said: &[u8], secrets: &Secrets) -> bool {
    secrets.iter().fold(false, |found, secret| same(said, secret.as_bytes()) | found)
}
