//! The webhooks of mail services, in which they say later what became of a mail.

use std::fmt;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use serde_json::Value;

use crate::bounce::auth::{Key, Login};
use crate::bounce::error::BounceWebhookError;
use crate::bounce::{Bounce, mailgun, postmark, resend, sendgrid, ses};
use crate::error::MailConfigError;

/// The largest request that is read: SendGrid sends up to 768 kB of events at once, the others one event.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Reads the bounce webhook of one mail service, built from the secret that the service and the application share.
///
/// Show each POST of the address that the service calls to [`read`](Self::read), and hand each [`Bounce`] to
/// [`Reports::bounce`](password_reset::operations::Reports::bounce).
///
/// ```
/// use http::HeaderMap;
/// use password_reset::ports::{Clock, SystemClock};
/// use password_reset::{PasswordReset, PortError};
/// use password_reset_mail::{BounceWebhook, BounceWebhookError};
///
/// /// The status of the answer.
/// async fn posted(
///     reset: &PasswordReset,
///     service: &BounceWebhook,
///     headers: &HeaderMap,
///     body: &[u8],
/// ) -> Result<u16, PortError> {
///     match service.read(headers, body, SystemClock.now()) {
///         Ok(bounces) => {
///             for bounce in bounces {
///                 reset.reports().bounce(bounce.reset, bounce.message, bounce.report).await?;
///             }
///             Ok(200)
///         }
///         // With `WWW-Authenticate: Basic realm="bounces"`, for which Amazon SNS waits.
///         Err(BounceWebhookError::NotAuthentic | BounceWebhookError::Stale) => Ok(401),
///         Err(_) => Ok(400),
///     }
/// }
/// ```
///
/// | service | what proves the sender | how the mail is found |
/// | --- | --- | --- |
/// | Postmark | user and password in the webhook's settings | metadata |
/// | Resend | the signing secret (`whsec_…`) | a tag or header |
/// | SendGrid | user and password in the webhook's address | `Message-ID`, or a custom argument |
/// | Mailgun | the webhook signing key | `Message-ID`, or a variable |
/// | Amazon SES, through SNS or as the bare event | user and password in the subscription's address | `Message-ID` among the original headers, or a tag |
///
/// The field of metadata, tags, arguments and variables is [`Bounce::FIELD`].
///
/// # Security
/// A forged bounce could send the owner's next code to another confirmed contact. So an event counts only with the service's
/// secret, *and* only with the reference of the mail that it is about. Signatures are compared in constant time, and hold for
/// five minutes. Use HTTPS alone.
#[derive(Clone)]
pub struct BounceWebhook {
    name: &'static str,
    proof: Proof,
    read: Read,
}

/// The bounces of an event; `None` for what is no event of the service.
type Read = fn(&Value) -> Option<Vec<Bounce>>;

/// What proves the sender.
#[derive(Clone)]
enum Proof {
    Password(Login),
    Svix(Key),
    /// A signature that stands in the body.
    InBody(Key),
}

impl BounceWebhook {
    /// Postmark, with the user and password of *HTTP authentication* in the webhook's settings.
    ///
    /// # Errors
    /// When the user is empty or has a colon, or the password is shorter than 16 characters.
    pub fn postmark(user: &str, password: &str) -> Result<Self, MailConfigError> {
        Ok(Self { name: "Postmark", proof: Proof::Password(Login::new(user, password)?), read: postmark::read })
    }

    /// SendGrid's event webhook, with the user and password in its address: `https://user:password@toko.example/bounces`.
    ///
    /// # Errors
    /// When the user is empty or has a colon, or the password is shorter than 16 characters.
    pub fn sendgrid(user: &str, password: &str) -> Result<Self, MailConfigError> {
        Ok(Self { name: "SendGrid", proof: Proof::Password(Login::new(user, password)?), read: sendgrid::read })
    }

    /// Amazon SES, through an SNS subscription with the user and password in its address, with or without raw delivery. Let
    /// the notifications include the original headers. The address that confirms a new subscription is logged.
    ///
    /// # Errors
    /// When the user is empty or has a colon, or the password is shorter than 16 characters.
    pub fn ses(user: &str, password: &str) -> Result<Self, MailConfigError> {
        Ok(Self { name: "SES", proof: Proof::Password(Login::new(user, password)?), read: ses::read })
    }

    /// Mailgun, with the account's *HTTP webhook signing key*.
    ///
    /// # Errors
    /// When the key is shorter than 16 characters.
    pub fn mailgun(signing_key: &str) -> Result<Self, MailConfigError> {
        Ok(Self { name: "Mailgun", proof: Proof::InBody(Key::new(signing_key.as_bytes())?), read: mailgun::read })
    }

    /// Resend, with the webhook's signing secret, `whsec_…`.
    ///
    /// # Errors
    /// When the secret is not `whsec_` and base64 of 16 bytes or more.
    pub fn resend(signing_secret: &str) -> Result<Self, MailConfigError> {
        Ok(Self { name: "Resend", proof: Proof::Svix(Key::svix(signing_secret)?), read: resend::read })
    }

    /// Reads a request: its headers and raw body. The list is empty for events of another kind, for delays, and for mails of
    /// another application.
    ///
    /// # Errors
    /// When the request does not come from the service, is too old, too large, or no event of this service. Nothing is to be
    /// done then.
    pub fn read(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Vec<Bounce>, BounceWebhookError> {
        if body.len() > MAX_BODY_BYTES {
            return Err(BounceWebhookError::TooLarge);
        }
        match &self.proof {
            Proof::Password(login) => login.check(headers)?,
            Proof::Svix(key) => key.check_svix(headers, body, now)?,
            Proof::InBody(_) => {}
        }
        // Nested deeper than 128 levels is an error of serde_json, so that it costs no stack.
        let event: Value = serde_json::from_slice(body).map_err(|_why| BounceWebhookError::Malformed)?;
        if let Proof::InBody(key) = &self.proof {
            mailgun::check(key, &event, now)?;
        }
        (self.read)(&event).ok_or(BounceWebhookError::Malformed)
    }
}

impl fmt::Debug for BounceWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BounceWebhook({})", self.name)
    }
}
