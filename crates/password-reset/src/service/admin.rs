//! What an administrator starts for another account: a reset, or the correction of a contact.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::flow::Event;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::identity::account::{Account, AccountStatus};
use crate::identity::id::AccountId;
use crate::identity::locale::Locale;
use crate::identity::source::Source;
use crate::ports::{AdminAction, AdminContext, AdminDecision, Opened, PermitTaken, Quota, RiskPolicy};
use crate::resets::Resets;
use crate::service::contacts::ConfirmationError;
use crate::service::status::Showing;

/// The most characters of an administrator's reason.
const MAX_REASON: usize = 200;

/// What an administrator requests for another account, as an administration page brings it.
#[derive(Debug)]
#[must_use = "give it to `PasswordReset::request_for` or `send_confirmation_for`"]
pub struct AdminRequest {
    actor: AccountId,
    target: AccountId,
    reason: String,
    source: Source,
    locale: Locale,
    authenticated_at: Option<DateTime<Utc>>,
}

impl AdminRequest {
    /// `actor`, who is signed in as an administrator, requests it for `target` and says why in 1 to 200 characters.
    ///
    /// The reason goes into the audit trail as it is: ask for a ticket or a few words, not for what is personal.
    pub fn new(
        actor: impl Into<AccountId>,
        target: impl Into<AccountId>,
        reason: impl Into<String>,
        source: impl Into<Source>,
    ) -> Self {
        Self {
            actor: actor.into(),
            target: target.into(),
            reason: reason.into(),
            source: source.into(),
            locale: Locale::default(),
            authenticated_at: None,
        }
    }

    /// Says in which language the message is to be, where the account has none.
    pub fn locale(mut self, locale: Locale) -> Self {
        self.locale = locale;
        self
    }

    /// Says when the administrator last proved who they are, so that the risk policy can ask for it again.
    pub fn authenticated_at(mut self, at: DateTime<Utc>) -> Self {
        self.authenticated_at = Some(at);
        self
    }
}

impl AdminRequest {
    fn reason(&self) -> Result<&str, AdminRequestError> {
        let reason = self.reason.trim();
        let fits = (1..=MAX_REASON).contains(&reason.chars().count()) && !reason.chars().any(char::is_control);
        if fits { Ok(reason) } else { Err(AdminRequestError::BadReason) }
    }
}

/// Nothing was started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminRequestError {
    /// The reason is empty, too long, or has line breaks or other controls.
    #[error("`reason` must be 1 to 200 characters")]
    BadReason,
    /// No notifier reaches a contact of any kind.
    #[error("no notifier can deliver a link: configure one")]
    ChannelOff,
    /// There is no such account, or the risk policy denied it to the administrator: one answer for both.
    #[error("not allowed to reset this account")]
    Denied,
    /// The account is disabled, and a reset does not change that.
    #[error("account is disabled")]
    Disabled,
    /// The account has neither a confirmed mailbox nor a confirmed number, or they are not reached here.
    #[error("account has no confirmed contact that a notifier reaches")]
    NoContact,
    /// The transport refused the message to a new contact: there is no such mailbox or number, or it takes no such message.
    /// `why` is for logs.
    #[error("message rejected: {why}")]
    NotSent {
        /// A short reason without an address.
        why: String,
    },
    /// Too many resets or corrections were requested for this account, or too many messages for the new contact.
    #[error("rate limit reached: retry in {} s", retry_after.as_secs())]
    TooMany {
        /// When to ask again.
        retry_after: Duration,
    },
    /// A port failed. Nothing was sent.
    #[error("storage or another port is unavailable")]
    Unavailable(#[source] PortError),
}

impl From<PortError> for AdminRequestError {
    fn from(error: PortError) -> Self {
        Self::Unavailable(error)
    }
}

impl From<ConfirmationError> for AdminRequestError {
    fn from(error: ConfirmationError) -> Self {
        match error {
            ConfirmationError::ChannelOff => Self::ChannelOff,
            ConfirmationError::TooMany { retry_after } => Self::TooMany { retry_after },
            ConfirmationError::NotSent { why } => Self::NotSent { why },
            ConfirmationError::Unavailable(error) => Self::Unavailable(error),
        }
    }
}

/// Starts what administrators request.
#[derive(Debug)]
pub(crate) struct Administrating {
    pub(crate) resets: Arc<Resets>,
    pub(crate) showing: Arc<Showing>,
    pub(crate) risk_policy: Option<Arc<dyn RiskPolicy>>,
}

impl Administrating {
    pub(crate) async fn request_for(&self, request: &AdminRequest) -> Result<(), AdminRequestError> {
        let reason = request.reason()?;
        if !self.showing.offers(Channel::AdminLink) {
            return Err(AdminRequestError::ChannelOff);
        }
        let now = self.resets.now();
        let account = self.authorize(request, AdminAction::Reset, now).await?;
        match self.open_for(&account, request, reason, now).await? {
            true => Ok(()),
            false => {
                self.record(AuditEvent::AdminRefused, request, "no_contact", now).await?;
                Err(AdminRequestError::NoContact)
            }
        }
    }

    /// The account, if the administrator may have a contact of it corrected; the request is then on record.
    pub(crate) async fn authorize_correction(&self, request: &AdminRequest) -> Result<Account, AdminRequestError> {
        let (reason, now) = (request.reason()?, self.resets.now());
        let account = self.authorize(request, AdminAction::CorrectContact, now).await?;
        self.record(AuditEvent::CorrectionRequested, request, reason, now).await?;
        Ok(account)
    }

    /// The account, if the risk policy lets the administrator act on it, it is active, and there is a permit.
    async fn authorize(
        &self,
        request: &AdminRequest,
        action: AdminAction,
        now: DateTime<Utc>,
    ) -> Result<Account, AdminRequestError> {
        let refused = |why: &'static str| self.record(AuditEvent::AdminRefused, request, why, now);
        let Some(account) = self.resets.accounts.load(&request.target).await? else {
            return Err(AdminRequestError::Denied);
        };
        let (actor, reason) = (request.actor.clone(), request.reason()?);
        let mut asking = AdminContext::new(actor, account.clone(), reason, request.authenticated_at, now);
        asking.action = action;
        let admission = match &self.risk_policy {
            Some(risk_policy) => risk_policy.authorize_admin(&asking).await?,
            None => AdminDecision::Deny,
        };
        if admission == AdminDecision::Deny {
            refused("denied").await?;
            return Err(AdminRequestError::Denied);
        }
        if account.status() != AccountStatus::Active {
            refused("disabled").await?;
            return Err(AdminRequestError::Disabled);
        }
        let key = self.resets.secrets.digests.quotas().admin_asks(account.id());
        let quota = Quota::new(key, self.resets.limits.admin_burst, self.resets.limits.admin_refill, now);
        if let PermitTaken::RateLimited { next_at } = self.resets.store.take_permit(&quota).await? {
            refused("capped").await?;
            return Err(AdminRequestError::TooMany { retry_after: crate::time::until(now, next_at) });
        }
        Ok(account)
    }

    /// Writes what the administrator did, or was refused.
    async fn record(
        &self,
        event: AuditEvent,
        request: &AdminRequest,
        detail: &str,
        now: DateTime<Utc>,
    ) -> Result<(), PortError> {
        let mut row = AuditRow::new(now, event).account(&request.target).actor(&request.actor).detail(detail);
        row.channel = Some(Channel::AdminLink);
        row.source = Some(self.resets.secrets.digests.source(&request.source));
        self.resets.store.record(&row).await
    }

    /// Stores the reset as issued: the account is known already. `false` without a contact to send to.
    async fn open_for(
        &self,
        account: &Account,
        request: &AdminRequest,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, PortError> {
        let locale = self.resets.language_of(account, request.locale);
        let named = self.resets.named(account)?;
        let asked = self.resets.new_reset(Channel::AdminLink, named, locale, &request.source, now)?;
        let failing = self.showing.delivering.failing(account.id(), now).await?;
        let Some(to) = self.showing.delivering.destination(account, &asked, &failing) else { return Ok(false) };
        let binding = self.resets.binding(account, &asked, to, None, now)?;
        let event = Event::Issue { binding, subject: self.resets.secrets.digests.account(account.id()) };
        let issued = crate::flow::next(&asked, &event, now)
            .map_err(|illegal| PortError::permanent("reset not issued").because(illegal))?;
        let audit = [
            AuditRow::new(now, AuditEvent::Requested).of(&issued).actor(&request.actor).detail(reason),
            AuditRow::new(now, AuditEvent::Issued).of(&issued),
        ];
        match self.resets.open(&issued, None, &audit, now).await? {
            Opened::Stored => {}
            Opened::RateLimited { .. } | Opened::DuplicateKey => {
                return Err(PortError::permanent("reset not opened"));
            }
        }
        Ok(true)
    }
}
