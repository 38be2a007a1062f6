//! What shows that a request comes from the mail service.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::bounce::error::BounceWebhookError;
use crate::error::MailConfigError;

/// The shortest secret: services generate 32 characters or more.
const MIN_SECRET: usize = 16;
/// How old or early a signature may be, as Svix and Mailgun recommend: a request that was overheard is good for no longer.
const MAX_AGE_SECONDS: u64 = 300;

/// A user and password (RFC 7617), as a hash.
#[derive(Clone)]
pub(crate) struct Login([u8; 32]);

impl Login {
    pub(crate) fn new(user: &str, password: &str) -> Result<Self, MailConfigError> {
        if user.is_empty() || user.contains(':') {
            return Err(MailConfigError::new("bounce webhook", "the user must have a character, and no colon"));
        }
        long_enough(password.as_bytes())?;
        Ok(Self(Sha256::digest(format!("{user}:{password}")).into()))
    }

    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), BounceWebhookError> {
        let shown = headers.get(AUTHORIZATION).and_then(|value| {
            let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(credentials.trim()).ok())?
        });
        // Hashes of one length: the time says nothing of how much is right.
        let is_right = shown.is_some_and(|shown| Sha256::digest(shown).as_slice().ct_eq(&self.0[..]).into());
        if is_right { Ok(()) } else { Err(BounceWebhookError::NotAuthentic) }
    }
}

/// A key of HMAC-SHA256.
#[derive(Clone)]
pub(crate) struct Key(Hmac<Sha256>);

impl Key {
    pub(crate) fn new(key: &[u8]) -> Result<Self, MailConfigError> {
        long_enough(key)?;
        let key = Hmac::new_from_slice(key)
            .map_err(|_never_for_hmac| MailConfigError::new("bounce webhook", "the secret cannot be a key"))?;
        Ok(Self(key))
    }

    /// A secret of Svix.
    pub(crate) fn svix(secret: &str) -> Result<Self, MailConfigError> {
        let why = "the signing secret starts with `whsec_`: copy it whole from the webhook's settings";
        let key = secret.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok());
        Self::new(&key.ok_or(MailConfigError::new("bounce webhook", why))?)
    }

    /// Whether one of the codes is the full HMAC of the parts, and their time is near. Compares in constant time.
    pub(crate) fn check(
        &self,
        parts: &[&[u8]],
        mut codes: impl Iterator<Item = Vec<u8>>,
        time: &str,
        now: DateTime<Utc>,
    ) -> Result<(), BounceWebhookError> {
        let mut running = self.0.clone();
        parts.iter().for_each(|part| running.update(part));
        if !codes.any(|code| running.clone().verify_slice(&code).is_ok()) {
            return Err(BounceWebhookError::NotAuthentic);
        }
        let time: i64 = time.parse().map_err(|_not_a_number| BounceWebhookError::Stale)?;
        if now.timestamp().abs_diff(time) > MAX_AGE_SECONDS {
            return Err(BounceWebhookError::Stale);
        }
        Ok(())
    }

    /// The scheme of Svix: `id.timestamp.body` is signed, and during a change of the secret twice.
    pub(crate) fn check_svix(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), BounceWebhookError> {
        let header =
            |name| headers.get(name).and_then(|value| value.to_str().ok()).ok_or(BounceWebhookError::NotAuthentic);
        let (id, time, codes) = (header("svix-id")?, header("svix-timestamp")?, header("svix-signature")?);
        let codes = codes.split(' ').filter_map(|code| STANDARD.decode(code.strip_prefix("v1,")?).ok());
        self.check(&[id.as_bytes(), b".", time.as_bytes(), b".", body], codes, time, now)
    }
}

fn long_enough(secret: &[u8]) -> Result<(), MailConfigError> {
    if secret.len() < MIN_SECRET {
        return Err(MailConfigError::new(
            "bounce webhook",
            "the secret is too short: use at least 16 random characters",
        ));
    }
    Ok(())
}
