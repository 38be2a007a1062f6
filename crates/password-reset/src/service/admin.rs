//! What administrators do for an account: start a reset, have a contact corrected, read what happened, export and erase.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::PortError;
use crate::flow::Event;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::identity::account::{Account, AccountStatus, Contact};
use crate::identity::id::AccountId;
use crate::identity::locale::Locale;
use crate::identity::source::Source;
use crate::message::SecretUrl;
use crate::ports::{AdminAction, AdminContext, AdminDecision, Opened, PermitTaken, Quota, RiskPolicy};
use crate::resets::Resets;
use crate::service::Parts;
use crate::service::contacts::ConfirmationError;
use crate::service::deliveries::{LastDelivery, NotSent};
use crate::service::export::AccountExport;
use crate::service::status::Showing;

/// The most characters of an administrator's reason.
const MAX_REASON: usize = 200;

/// What pages of administrators call for one account, from [`PasswordReset::admin`](crate::PasswordReset::admin); also when the account is
/// deleted, or its owner asks for their data.
///
/// The application makes sure that an administrator calls; its [risk policy](crate::ports::RiskPolicy::authorize_admin) says what each may
/// start. What is read here is never for strangers.
#[derive(Clone, Copy, Debug)]
#[must_use = "it does nothing by itself"]
pub struct Admin<'a> {
    pub(super) parts: &'a Parts,
}

impl Admin<'_> {
    /// Starts a reset for another account: a link goes to the account's confirmed mailbox, or to its
    /// number where there is no mailbox or it is known to fail, its other contacts are notified, and
    /// the administrator learns nothing but that. The [risk policy](crate::ports::RiskPolicy::authorize_admin) decides; without one
    /// every administrator is denied. Who asked for whom and why, and what came of it, is on record.
    ///
    /// It takes none of the owner's messages; it has a budget of its own.
    ///
    /// # Errors
    /// [`AdminRequestError`].
    pub async fn request(self, request: AdminRequest) -> Result<(), AdminRequestError> {
        self.parts.resets.in_time("admin.request", self.parts.administrating.request(&request)).await
    }

    /// As [`Contacts::send_confirmation`](crate::contacts::Contacts::send_confirmation), asked for by an administrator: the contact on record
    /// does not work, and its owner says which one does. Nothing changes until the new contact confirms.
    ///
    /// The [risk policy](crate::ports::RiskPolicy::authorize_admin) decides, as for a reset; without one every administrator is
    /// denied. Who asked and why is on record. When the contact is confirmed, call
    /// [`Contacts::changed`](crate::contacts::Contacts::changed): it notifies the previous contact and closes live resets.
    ///
    /// # Errors
    /// [`AdminRequestError`].
    ///
    /// # Security
    /// Who reads the new contact can reset the password from then on. Let the administrator make sure of the owner first.
    pub async fn send_confirmation(
        self,
        request: AdminRequest,
        new: &Contact,
        link: SecretUrl,
        lives: Duration,
    ) -> Result<(), AdminRequestError> {
        let sending = async {
            let account = self.parts.administrating.authorize_correction(&request).await?;
            Ok(self.parts.changing_contacts.send_confirmation(&account, new, link, lives).await?)
        };
        self.parts.resets.contained("admin.send_confirmation", sending).await
    }

    /// What became of the last message to each contact of an account: for administrators. Contacts to which nothing was
    /// sent, as far as the audit trail reaches, are not in it.
    ///
    /// # Errors
    /// When the accounts or the store cannot be read.
    pub async fn deliveries(self, account: &AccountId) -> Result<Vec<LastDelivery>, PortError> {
        self.parts.resets.in_time("admin.deliveries", self.parts.trail.deliveries(account)).await
    }

    /// Why nothing was sent when a reset was last requested for an account; `None` where a message was to go out. For
    /// administrators.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn not_sent(self, account: &AccountId) -> Result<Option<NotSent>, PortError> {
        self.parts.resets.in_time("admin.not_sent", self.parts.trail.not_sent(account)).await
    }

    /// What happened to an account's resets, newest first: for administrators, never for strangers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn history(self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        self.parts.resets.in_time("admin.history", self.parts.resets.history(account, limit)).await
    }

    /// Whether a row of the trail was caused from this address, or its network: rows have digests of sources alone.
    #[must_use]
    pub fn is_from(self, row: &AuditRow, source: impl Into<Source>) -> bool {
        let source = source.into();
        let mut digests = self.parts.resets.secrets.digests.under_each_key();
        digests.any(|digests| row.source == Some(digests.source(&source)))
    }

    /// All that is kept about an account, without secrets: for the person who asks for their data. It is what
    /// [`erase`](Self::erase) deletes; call it while the account's row is still there, for the same reason.
    ///
    /// # Errors
    /// When the accounts or the store cannot be read.
    pub async fn export(self, account: &AccountId) -> Result<AccountExport, PortError> {
        let resets = &self.parts.resets;
        let reading = async { resets.store.export(account, &resets.keys_of(account).await?).await };
        Ok(AccountExport::of(resets.contained("admin.export", reading).await?))
    }

    /// Deletes everything that is kept about an account. Call it when the account is deleted, while its row is still
    /// there: requests for its addresses and numbers that no worker has looked up yet are found by its contacts alone.
    ///
    /// # Errors
    /// When the accounts cannot be read, or the store cannot be written.
    pub async fn erase(self, account: &AccountId) -> Result<(), PortError> {
        let resets = &self.parts.resets;
        let erasing = async { resets.store.erase(account, &resets.keys_of(account).await?).await };
        resets.contained("admin.erase", erasing).await
    }
}

/// What an administrator requests for another account, as an administration page brings it.
#[derive(Debug)]
#[must_use = "give it to `Admin::request` or `Admin::send_confirmation`"]
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
    Unavailable(#[from] PortError),
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
    pub(crate) async fn request(&self, request: &AdminRequest) -> Result<(), AdminRequestError> {
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
