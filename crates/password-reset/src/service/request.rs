//! Asking for a reset.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Inner, PasswordReset, contact_kind};
use crate::audit::{AuditEvent, AuditRow};
use crate::channel::Channel;
use crate::config::Limits;
use crate::error::PortError;
use crate::id::ResetId;
use crate::identifier::Identifier;
use crate::locale::Locale;
use crate::ports::{Opened, SourceCount};
use crate::reset::{NewReset, Reset};
use crate::secret::{Handle, NamesReset};
use crate::source::Source;

/// For so long the same browser gets the same reset back, so that a double click sends one message and not two.
const SAME_FOR: Duration = Duration::from_secs(60);

/// A request for a reset, as a form brings it.
#[derive(Debug)]
#[must_use = "give it to `PasswordReset::request`"]
pub struct ResetRequest {
    channel: Channel,
    identifier: Identifier,
    source: Source,
    locale: Locale,
    again: Option<Handle>,
    challenge_passed: bool,
}

impl ResetRequest {
    /// Asks for a link and a code by mail, for whoever `identifier` names.
    pub fn email_link(identifier: Identifier, source: impl Into<Source>) -> Self {
        Self {
            channel: Channel::EmailLink,
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
    pub fn again(mut self, handle: Handle) -> Self {
        self.again = Some(handle);
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
    pub handle: Handle,
    /// Until when the browser may wait.
    pub shown_until: DateTime<Utc>,
}

/// A request was refused; never because of what the account is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
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
        let kind = contact_kind(request.channel).ok_or(RequestError::ChannelOff)?;
        inner.notifier(kind).ok_or(RequestError::ChannelOff)?;
        inner.node.check(now, inner.limits.requests_per_minute).map_err(|retry_after| {
            tracing::warn!("this node is over its limit of requests a minute");
            RequestError::TooMany { retry_after }
        })?;
        if let Some(same) = inner.same_again(&request, now).await? {
            return Ok(inner.requested(&same)?);
        }
        let challenge_from = inner.limits.challenge_from.filter(|_| !request.challenge_passed);
        let limit = challenge_from.unwrap_or(inner.limits.requests_per_source);
        let source = inner.secrets.source(&request.source);
        let count = SourceCount::new(source, limit, Limits::SOURCE_WINDOW, now);
        let reset = inner.new_reset(request.channel, request.identifier, request.locale, &request.source, now)?;
        let requested = inner.requested(&reset)?;
        let audit = [AuditRow::new(now, AuditEvent::Requested).of(&reset)];
        match inner.store.open(&reset, Some(&count), &audit).await? {
            Opened::Stored => {
                inner.node.count(now);
                inner.wake.raise();
                Ok(requested)
            }
            Opened::Limited if challenge_from.is_some() => Err(RequestError::ChallengeRequired),
            // Only logged: an audit row for each would let a stranger fill the table.
            Opened::Limited => {
                tracing::warn!(source = ?count.source, "a source is over its limit of requests");
                Err(RequestError::TooMany { retry_after: crate::time::until(now, count.window_end()) })
            }
        }
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
        let mut nonce = [0; 32];
        self.random.fill(&mut nonce)?;
        let subject = self.secrets.identifier(&identifier);
        Ok(Reset::open(NewReset::new(
            ResetId::generate(now, self.random.as_ref())?,
            channel,
            identifier,
            locale,
            self.secrets.issuing_key(),
            nonce,
            self.secrets.source(source),
            subject,
            now,
            crate::time::later(now, self.lifetimes.link),
        )))
    }

    fn requested(&self, reset: &Reset) -> Result<Requested, PortError> {
        Ok(Requested { handle: self.secrets.handle(reset)?, shown_until: reset.shown_until() })
    }

    /// The reset that the same browser asked for a moment ago. Decided by its own times and names alone, so that
    /// whatever happened to it since does not show (I4).
    async fn same_again(&self, request: &ResetRequest, now: DateTime<Utc>) -> Result<Option<Reset>, PortError> {
        let Some(handle) = &request.again else { return Ok(None) };
        let same = self.store.load(handle.reset_id()).await?.filter(|reset| {
            self.secrets.is_handle(handle, reset)
                && reset.channel() == request.channel
                && reset.identifier() == request.identifier
                && now < crate::time::later(reset.created_at(), SAME_FOR)
                && now < reset.shown_until()
        });
        Ok(same)
    }
}
