//! Asking for a reset.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::flow::reset::Reset;
use crate::identity::identifier::{Identifier, IdentifierKind};
use crate::identity::locale::Locale;
use crate::identity::shown;
use crate::identity::source::Source;
use crate::inbound::Challenge;
use crate::node::alarm::Alarm;
use crate::node::node_limit::NodeLimit;
use crate::ports::{Opened, Quota};
use crate::resets::Resets;
use crate::secret::{NamesReset, RequesterToken};
use crate::service::status::Showing;
use crate::time::MAX_CLOCK_SKEW;

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
    challenge: ChallengeOutcome,
    device: Option<String>,
}

/// What came of the application's own challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChallengeOutcome {
    NotPassed,
    Passed,
    Unavailable,
}

/// What was asked for. How inbound messages are received is the service's to say.
#[derive(Clone, Copy, Debug)]
enum Asked {
    By(Channel),
    Inbound,
}

impl ResetRequest {
    /// Asks for a link and a code by mail, for the account that `identifier` names.
    pub fn email_link(identifier: Identifier, source: impl Into<Source>) -> Self {
        Self::new(Asked::By(Channel::EmailLink), identifier, source)
    }

    /// Asks for a code by WhatsApp, for the account that `identifier` names.
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
            challenge: ChallengeOutcome::NotPassed,
            device: None,
        }
    }

    /// Says in which language the message is to be.
    pub fn locale(mut self, locale: Locale) -> Self {
        self.locale = locale;
        self
    }

    /// Describes the device on which the reset is asked for, and its place where that is known: "Firefox (Android), Surabaya". The
    /// message says it, and so do notices, so that the owner can tell their own request from a stranger's.
    ///
    /// Keeps at most 80 letters, digits, spaces and `-,()`, so that a forged browser name can put neither a link nor markup
    /// into a message. The recipient may be another person than the requester, who chose these words: take them from a list of
    /// your own rather than from a header.
    pub fn from_device(mut self, words: &str) -> Self {
        self.device = shown::device(words);
        self
    }

    /// Brings the token that the same browser got before. Within a minute, and for the same identifier, it gets the
    /// same reset back.
    pub fn again(mut self, requester_token: RequesterToken) -> Self {
        self.again = Some(requester_token);
        self
    }

    /// Says that the source passed the application's own challenge, such as a CAPTCHA.
    pub fn challenge_passed(mut self) -> Self {
        self.challenge = ChallengeOutcome::Passed;
        self
    }

    /// Says that the application's own challenge cannot be taken or checked now: its service does not answer. The limits are
    /// then those of a service without [`challenge_from`](crate::Limits::challenge_from), so that an owner behind a busy
    /// address is not shut out by another's failure. What is reserved for networks that asked for little stays reserved.
    pub fn challenge_unavailable(mut self) -> Self {
        self.challenge = ChallengeOutcome::Unavailable;
        self
    }

    fn passed_challenge(&self) -> bool {
        self.challenge == ChallengeOutcome::Passed
    }

    fn may_take_challenge(&self) -> bool {
        self.challenge == ChallengeOutcome::NotPassed
    }
}

/// The answer to a request: the same for every identifier.
#[derive(Debug)]
#[non_exhaustive]
pub struct Requested {
    /// Give it to the browser that asked, in an `HttpOnly` cookie.
    pub requester_token: RequesterToken,
    /// By which letters its messages are known: [`ResetId::reference`](crate::ResetId::reference).
    pub reference: String,
    /// Until when the browser may wait.
    pub shown_until: DateTime<Utc>,
    /// What is to be sent, where the proof is a message.
    pub challenge: Option<Challenge>,
}

/// A request was refused; never because of what the account is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Something else than a phone number was typed where one is needed.
    #[error("this method needs a phone number")]
    PhoneNeeded,
    /// No notifier reaches what this channel needs.
    #[error("this reset method is not configured")]
    ChannelOff,
    /// The source must pass the application's challenge first.
    #[error("challenge required: solve it and send the request again")]
    ChallengeRequired,
    /// Too many requests, from this source or in all.
    #[error("rate limit reached: retry in {} s", retry_after.as_secs())]
    TooMany {
        /// When to ask again.
        retry_after: Duration,
    },
    /// The store or the random source failed, or did not answer in time. A request that was stored all the same sends its
    /// message.
    #[error("storage or another port is unavailable")]
    Unavailable(#[from] PortError),
}

impl RequestError {
    /// The variant, for metrics.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::PhoneNeeded => "phone_needed",
            Self::ChannelOff => "channel_off",
            Self::ChallengeRequired => "challenge_required",
            Self::TooMany { .. } => "too_many",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

/// When the reset of an answer was made.
enum Made {
    New,
    Before,
}

/// Takes requests for resets, and limits them.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) resets: Arc<Resets>,
    pub(crate) showing: Arc<Showing>,
    pub(crate) node: NodeLimit,
    pub(crate) of_source: Alarm,
    pub(crate) of_node: Alarm,
}

impl Asking {
    pub(crate) async fn request(&self, request: ResetRequest) -> Result<Requested, RequestError> {
        let now = self.resets.now();
        let channel = self.channel_of(&request)?;
        let (limit, network) = (self.resets.limits.requests_per_minute, request.source.network());
        let room = self.node.take(now, limit, &network, request.passed_challenge()).map_err(|retry_after| {
            self.of_node.raise(now);
            match self.resets.limits.challenge_from {
                Some(_) if request.may_take_challenge() => RequestError::ChallengeRequired,
                _ => RequestError::TooMany { retry_after },
            }
        })?;
        let asked = self.same_or_new(&request, channel, now).await;
        if !matches!(asked, Ok((_, Made::New))) {
            self.node.give_back(now, limit, &network, room);
        }
        asked.map(|(requested, _)| requested)
    }

    async fn same_or_new(
        &self,
        request: &ResetRequest,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<(Requested, Made), RequestError> {
        if let Some(same) = self.same_again(request, channel, now).await? {
            return Ok((self.requested(&same)?, Made::Before));
        }
        let challenge_from = self.resets.limits.challenge_from.filter(|_| request.may_take_challenge());
        let burst = challenge_from.unwrap_or(self.resets.limits.requests_per_source);
        let source = self.resets.secrets.digests.source(&request.source);
        let quota = Quota::new(source, burst, self.resets.limits.source_refill(), now);
        for _ in 0..MAX_COLLISIONS {
            let (identifier, locale) = (request.identifier.clone(), request.locale);
            let mut new = self.resets.new_row(channel, identifier, locale, source, now)?;
            new.device.clone_from(&request.device);
            let reset = Reset::open(new);
            let requested = self.requested(&reset)?;
            let audit = [AuditRow::new(now, AuditEvent::Requested).of(&reset)];
            match self.resets.open(&reset, Some(&quota), &audit, now).await? {
                Opened::Stored => {
                    self.resets.handover.expect_worker();
                    return Ok((requested, Made::New));
                }
                // No audit row for each: a stranger could fill the table.
                Opened::RateLimited { next_at } => {
                    self.of_source.raise(now);
                    return Err(match challenge_from {
                        Some(_) => RequestError::ChallengeRequired,
                        None => RequestError::TooMany { retry_after: crate::time::until(now, next_at) },
                    });
                }
                Opened::DuplicateKey => {}
            }
        }
        Err(PortError::transient("no unused inbound code found for this number").into())
    }

    fn channel_of(&self, request: &ResetRequest) -> Result<Channel, RequestError> {
        let channel = match (request.asked, &self.showing.inbound) {
            (Asked::By(channel), _) => channel,
            (Asked::Inbound, Some(inbound)) => Channel::WhatsAppInbound(inbound.mode()),
            (Asked::Inbound, None) => return Err(RequestError::ChannelOff),
        };
        if !self.showing.offers(channel) {
            return Err(RequestError::ChannelOff);
        }
        if channel.is_inbound() && request.identifier.kind() != IdentifierKind::Phone {
            return Err(RequestError::PhoneNeeded);
        }
        Ok(channel)
    }

    fn requested(&self, reset: &Reset) -> Result<Requested, PortError> {
        Ok(Requested {
            requester_token: self.resets.secrets.requester_token(reset)?,
            reference: reset.id().reference(),
            shown_until: reset.shown_until(),
            challenge: self.showing.challenge(reset)?,
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
        let ended = |created_at| {
            let end = crate::time::later(created_at, SAME_FOR);
            crate::time::has_come(now, end, SAME_FOR.saturating_add(MAX_CLOCK_SKEW))
        };
        let same = self.resets.load(requester_token.reset_id()).await?.filter(|reset| {
            self.resets.secrets.is_requester_token(requester_token, reset)
                && reset.channel() == channel
                && reset.identifier() == request.identifier
                && !ended(reset.created_at())
                && now < reset.shown_until()
        });
        Ok(same)
    }
}
