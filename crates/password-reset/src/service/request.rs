//! Asking for a reset.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Inner, PasswordReset};
use crate::audit::{AuditEvent, AuditRow};
use crate::channel::Channel;
use crate::error::PortError;
use crate::id::ResetId;
use crate::identifier::{Identifier, IdentifierKind};
use crate::inbound::Challenge;
use crate::locale::Locale;
use crate::ports::{Opened, Quota};
use crate::reset::{NewReset, Reset};
use crate::secret::{Digest, NamesReset, RequesterToken};
use crate::source::Source;

/// For so long the same browser gets the same reset back, so that a double click sends one message and not two.
const SAME_FOR: Duration = Duration::from_secs(60);

/// A code of 30 bits is drawn anew when the same number has it already; so often in a row it does not happen.
const MAX_COLLISIONS: usize = 8;

/// A request for a reset, as a form brings it.
#[derive(Debug)]
#[must_use = "give it to `PasswordReset::request`"]
pub struct ResetRequest {
    asked: Asked,
    identifier: Identifier,
    source: Source,
    locale: Locale,
    again: Option<RequesterToken>,
    challenge_passed: bool,
}

/// What was asked for. How inbound messages are heard is the service's to say.
#[derive(Clone, Copy, Debug)]
enum Asked {
    By(Channel),
    Inbound,
}

impl ResetRequest {
    /// Asks for a link and a code by mail, for whoever `identifier` names.
    pub fn email_link(identifier: Identifier, source: impl Into<Source>) -> Self {
        Self::new(Asked::By(Channel::EmailLink), identifier, source)
    }

    /// Asks for a code by WhatsApp, for whoever `identifier` names.
    pub fn whatsapp_code(identifier: Identifier, source: impl Into<Source>) -> Self {
        Self::new(Asked::By(Channel::WhatsAppCode), identifier, source)
    }

    /// Asks for a code that is to be *sent* from `phone`, which must be a phone number.
    pub fn whatsapp_inbound(phone: Identifier, source: impl Into<Source>) -> Self {
        Self::new(Asked::Inbound, phone, source)
    }

    fn new(asked: Asked, identifier: Identifier, source: impl Into<Source>) -> Self {
        Self {
            asked,
            identifier,
            source: source.into(),
            locale: Locale::default(),
            again: None,
            challenge_passed: false,
        }
    }

    /// Says in which language the message is to be.
    pub fn locale(mut self, locale: Locale) -> Self {
        self.locale = locale;
        self
    }

    /// Brings the handle that the same browser got before. Within a minute, and for the same identifier, it gets the
    /// same reset back.
    pub fn again(mut self, requester_token: RequesterToken) -> Self {
        self.again = Some(requester_token);
        self
    }

    /// Says that the source passed the application's own challenge, such as a CAPTCHA (R11).
    pub fn challenge_passed(mut self) -> Self {
        self.challenge_passed = true;
        self
    }
}

/// The answer to a request: the same for every identifier.
#[derive(Debug)]
#[non_exhaustive]
pub struct Requested {
    /// Give it to the browser that asked, in an `HttpOnly` cookie.
    pub requester_token: RequesterToken,
    /// Until when the browser may wait.
    pub shown_until: DateTime<Utc>,
    /// What is to be sent, where the proof is a message.
    pub challenge: Option<Challenge>,
}

impl Requested {
    /// All parts; the service makes them, and tests of pages.
    #[must_use]
    pub fn new(requester_token: RequesterToken, shown_until: DateTime<Utc>, challenge: Option<Challenge>) -> Self {
        Self { requester_token, shown_until, challenge }
    }
}

/// A request was refused; never because of what the account is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Something else than a phone number was typed where one is needed.
    #[error("a phone number is needed")]
    PhoneNeeded,
    /// No notifier reaches what this channel needs.
    #[error("this way of resetting a password is not set up here")]
    ChannelOff,
    /// The source must pass the application's challenge first.
    #[error("pass the challenge, and ask again")]
    ChallengeRequired,
    /// Too many requests, from this source or in all.
    #[error("too many requests; ask again in {} seconds", retry_after.as_secs())]
    TooMany {
        /// When to ask again.
        retry_after: Duration,
    },
    /// The store or the random source failed. Nothing was changed.
    #[error("this cannot be done now; try again")]
    Unavailable(#[source] PortError),
}

impl From<PortError> for RequestError {
    fn from(error: PortError) -> Self {
        Self::Unavailable(error)
    }
}

impl PasswordReset {
    /// Asks for a reset. Looks nothing up and sends nothing: it stores one row, wakes the worker and returns, whoever
    /// was named and whatever the mail server does (R1, R2, I5).
    ///
    /// # Errors
    /// [`RequestError`]; limits count before anything is stored, and count everybody alike.
    pub async fn request(&self, request: ResetRequest) -> Result<Requested, RequestError> {
        let inner = &self.inner;
        let now = inner.now();
        let channel = inner.channel_of(&request)?;
        inner.node.check(now, inner.limits.requests_per_minute).map_err(|retry_after| {
            inner.alarms.requests_of_node.raise(now);
            RequestError::TooMany { retry_after }
        })?;
        if let Some(same) = inner.same_again(&request, channel, now).await? {
            return Ok(inner.requested(&same)?);
        }
        let challenge_from = inner.limits.challenge_from.filter(|_| !request.challenge_passed);
        let limit = challenge_from.unwrap_or(inner.limits.requests_per_source);
        let source = inner.secrets.source(&request.source);
        let quota = Quota::new(source, limit, inner.limits.source_refill(), now);
        for _ in 0..MAX_COLLISIONS {
            let (identifier, locale) = (request.identifier.clone(), request.locale);
            let reset = inner.new_reset(channel, identifier, locale, &request.source, now)?;
            let requested = inner.requested(&reset)?;
            let audit = [AuditRow::new(now, AuditEvent::Requested).of(&reset)];
            match inner.open(&reset, Some(&quota), &audit, now).await? {
                Opened::Stored => {
                    inner.node.count(now);
                    return Ok(requested);
                }
                Opened::RateLimited { .. } if challenge_from.is_some() => {
                    inner.alarms.requests_of_source.raise(now);
                    return Err(RequestError::ChallengeRequired);
                }
                // No audit row for each: a stranger could fill the table.
                Opened::RateLimited { next_at } => {
                    inner.alarms.requests_of_source.raise(now);
                    return Err(RequestError::TooMany { retry_after: crate::time::until(now, next_at) });
                }
                Opened::DuplicateKey => {}
            }
        }
        Err(PortError::transient("no free code was found for a number").into())
    }
}

impl Inner {
    /// A new row, with a nonce of its own.
    pub(super) fn new_reset(
        &self,
        channel: Channel,
        identifier: Identifier,
        locale: Locale,
        source: &Source,
        now: DateTime<Utc>,
    ) -> Result<Reset, PortError> {
        self.new_row(channel, identifier, locale, self.secrets.source(source), now)
    }

    /// The same, where the digest of the source is known.
    pub(super) fn new_row(
        &self,
        channel: Channel,
        identifier: Identifier,
        locale: Locale,
        source: Digest,
        now: DateTime<Utc>,
    ) -> Result<Reset, PortError> {
        let mut nonce = [0; 32];
        self.random.fill(&mut nonce)?;
        let id = ResetId::generate(now, self.random.as_ref())?;
        let (key_id, subject) = (self.secrets.issuing_key(), self.secrets.identifier(&identifier));
        let key = match channel.is_inbound() {
            true => {
                let code = self.secrets.inbound_code(key_id, id, &nonce)?;
                Some(self.secrets.inbound_key(&code, &self.secrets.sender_number(&identifier)))
            }
            false => None,
        };
        let until = crate::time::later(now, self.waits(channel));
        let mut new = NewReset::new(id, channel, identifier, locale, key_id, nonce, source, subject, now, until);
        new.inbound_key = key;
        Ok(Reset::open(new))
    }

    /// How long a reset waits for its proof.
    fn waits(&self, channel: Channel) -> Duration {
        match channel {
            Channel::EmailLink | Channel::AdminLink | Channel::CurrentPassword => self.lifetimes.link,
            Channel::WhatsAppCode => self.lifetimes.whatsapp,
            Channel::WhatsAppInbound(_) => self.lifetimes.inbound,
        }
    }

    fn channel_of(&self, request: &ResetRequest) -> Result<Channel, RequestError> {
        let channel = match (request.asked, &self.inbound) {
            (Asked::By(channel), _) => channel,
            (Asked::Inbound, Some(inbound)) => Channel::WhatsAppInbound(inbound.mode()),
            (Asked::Inbound, None) => return Err(RequestError::ChannelOff),
        };
        if !self.offers(channel) {
            return Err(RequestError::ChannelOff);
        }
        if channel.is_inbound() && request.identifier.kind() != IdentifierKind::Phone {
            return Err(RequestError::PhoneNeeded);
        }
        Ok(channel)
    }

    fn requested(&self, reset: &Reset) -> Result<Requested, PortError> {
        Ok(Requested {
            requester_token: self.secrets.requester_token(reset)?,
            shown_until: reset.shown_until(),
            challenge: self.challenge(reset)?,
        })
    }

    /// The reset that the same browser asked for a moment ago. Decided by its own times and names alone, so that
    /// whatever happened to it since does not show (I4).
    async fn same_again(
        &self,
        request: &ResetRequest,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<Option<Reset>, PortError> {
        let Some(requester_token) = &request.again else { return Ok(None) };
        let same = self.load(requester_token.reset_id()).await?.filter(|reset| {
            self.secrets.is_requester_token(requester_token, reset)
                && reset.channel() == channel
                && reset.identifier() == request.identifier
                && now < crate::time::later(reset.created_at(), SAME_FOR)
                && now < reset.shown_until()
        });
        Ok(same)
    }
}
