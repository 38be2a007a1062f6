//! The rows of resets: making, reading and moving them, for the service and its worker alike.

pub(crate) mod delivering;
pub(crate) mod finishing;
mod guard;
pub(crate) mod issuing;
pub(crate) mod outcome_lines;
pub(crate) mod spans;
pub(crate) mod store;
mod written;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::config::{Lifetimes, Limits, Retention};
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::flow::reset::{Binding, NewReset, Reset};
use crate::flow::state::{CloseReason, State};
use crate::flow::{self, Event, Step};
use crate::identity::account::{Account, AccountStatus, Contact, ContactKind};
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::Identifier;
use crate::identity::locale::Locale;
use crate::identity::source::Source;
use crate::message::Site;
use crate::node::alarm::Alarm;
use crate::node::handover::Handover;
use crate::node::observers::Observers;
use crate::node::waiting::Waiting;
use crate::ports::{
    Accounts, AuditFilter, Clock, LeaseRequest, Leased, Loaded, LoadedAccount, Opened, Quota, RandomSource,
    Transitioned,
};
use crate::resets::store::Store;
use crate::secret::{NamesReset, RequesterToken, Secrets};

/// How often a step is tried again when others change the same row at the same time.
pub(crate) const MAX_CONFLICTS: usize = 16;
/// How many live resets are read at once to be closed.
const CLOSED_AT_ONCE: u32 = 100;
/// The number of the lease that a row is opened with.
const FIRST_LEASE: i64 = 1;

/// The rows of resets, and what every collaborator stands on: the ports behind them, the keys and the settings.
#[derive(Debug)]
pub(crate) struct Resets {
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn RandomSource>,
    pub(crate) secrets: Secrets,
    pub(crate) site: Site,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) limits: Limits,
    pub(crate) retention: Retention,
    pub(crate) waiting: Waiting,
    pub(crate) handover: Handover,
    pub(crate) observers: Observers,
    pub(crate) missing_keys: Alarm,
    pub(crate) panics: Alarm,
    pub(crate) unresolved: Alarm,
}

impl Resets {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        crate::time::to_millis(self.clock.now())
    }

    /// Loads a reset where its account is of no interest.
    ///
    /// # Errors
    /// Also when this node has not the key of the reset: another node may have it, so nothing is refused or closed.
    pub(crate) async fn load(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        let reset = self.store.load_reset(id).await?;
        reset.as_ref().map_or(Ok(()), |reset| self.has_key_of(reset))?;
        Ok(reset)
    }

    /// As [`load`](Self::load), with its account.
    pub(crate) async fn load_with_account(&self, id: ResetId) -> Result<Option<Loaded>, PortError> {
        let loaded = self.store.load(id).await?;
        loaded.as_ref().map_or(Ok(()), |loaded| self.has_key_of(&loaded.reset))?;
        Ok(loaded)
    }

    /// Whether this node has the key that a reset was made with; raises an alarm if not.
    pub(crate) fn has_key_of(&self, reset: &Reset) -> Result<(), PortError> {
        let has = self.secrets.has_key(reset.key_id());
        if has.is_err()
            && let Some(hits) = self.missing_keys.count(self.now())
        {
            tracing::error!(
                target: "password_reset::alert",
                key = reset.key_id(),
                hits,
                "reset refused: its signing key is not in the key ring of this node (add a key to every node before \
                 one issues with it, and keep it for `Operations::keys_are_needed_for`)"
            );
        }
        has
    }

    /// The keys that live resets need and this node has not.
    pub(crate) async fn missing_keys(&self) -> Result<Vec<String>, PortError> {
        let mut keys = self.store.keys_in_use(self.now()).await?;
        keys.retain(|key| self.secrets.has_key(key).is_err());
        keys.sort();
        Ok(keys)
    }

    /// The reset of a requester token, if it is one.
    ///
    /// Ends by the request's own times: a row with an account may be kept longer than one without, and that must not show (I5),
    /// not even where a node whose clock is ahead purges first.
    pub(crate) async fn own(&self, requester_token: &RequesterToken) -> Result<Option<Reset>, PortError> {
        let now = self.now();
        let shown_for = self.retention.resets.saturating_sub(crate::time::MAX_CLOCK_SKEW);
        let reset = self.load(requester_token.reset_id()).await?;
        Ok(reset.filter(|reset| {
            self.secrets.is_requester_token(requester_token, reset)
                && now < crate::time::later(reset.shown_until(), shown_for)
        }))
    }

    /// The account of a reset: as it was loaded, or asked of the accounts.
    pub(crate) async fn account_of(
        &self,
        loaded: LoadedAccount,
        account: &AccountId,
    ) -> Result<Option<Account>, PortError> {
        match loaded {
            LoadedAccount::Here(account) => Ok(account),
            LoadedAccount::Elsewhere => self.accounts.load(account).await,
        }
    }

    /// Whether the account still is what the reset was issued for (I8); never for one that was not issued.
    pub(crate) fn is_as_it_was(&self, account: &Account, reset: &Reset) -> Result<bool, PortError> {
        let Some(binding) = reset.binding() else { return Ok(false) };
        let fingerprint = self.secrets.fingerprint(reset.key_id(), account)?;
        Ok(account.status() == AccountStatus::Active && fingerprint == *binding.fingerprint())
    }

    /// Loads the account of a reset if it still is as it was; closes the reset if it is not. None of one that was not issued.
    pub(crate) async fn account_as_it_was(
        &self,
        reset: &Reset,
        loaded: LoadedAccount,
        now: DateTime<Utc>,
    ) -> Result<Option<Account>, PortError> {
        let Some(account) = reset.account() else { return Ok(None) };
        if let Some(account) = self.account_of(loaded, account).await?
            && self.is_as_it_was(&account, reset)?
        {
            return Ok(Some(account));
        }
        self.close_as_seen(reset, CloseReason::AccountChanged, now).await?;
        Ok(None)
    }

    /// A new reset with a nonce of its own.
    pub(crate) fn new_reset(
        &self,
        channel: Channel,
        identifier: Identifier,
        locale: Locale,
        source: &Source,
        now: DateTime<Utc>,
    ) -> Result<Reset, PortError> {
        Ok(Reset::open(self.new_row(channel, identifier, locale, self.secrets.digests.source(source), now)?))
    }

    /// What a new reset is made of, from the digest of the source.
    pub(crate) fn new_row(
        &self,
        channel: Channel,
        identifier: Identifier,
        locale: Locale,
        source: Digest,
        now: DateTime<Utc>,
    ) -> Result<NewReset, PortError> {
        // One that the site has, so that no value of a request gets into labels of metrics.
        let locale = self.site.languages().get(locale).locale();
        let mut nonce = [0; 32];
        self.random.fill(&mut nonce)?;
        let id = ResetId::generate(now, self.random.as_ref())?;
        let (key_id, subject) = (self.secrets.issuing_key(), self.secrets.digests.identifier(&identifier));
        let key = match channel.is_inbound() {
            true => {
                let code = self.secrets.inbound_code(key_id, id, &nonce)?;
                Some(self.secrets.digests.inbound_key(&code, &self.secrets.digests.sender_number(&identifier)))
            }
            false => None,
        };
        let until = crate::time::later(now, self.waits(channel));
        let mut new = NewReset::new(id, channel, identifier, locale, key_id, nonce, source, subject, now, until);
        new.inbound_key = key;
        Ok(new)
    }

    /// The language of an account, if the site has it.
    pub(crate) fn language_of(&self, account: &Account, otherwise: Locale) -> Locale {
        account.locale().filter(|own| self.site.languages().has(*own)).unwrap_or(otherwise)
    }

    /// How long a reset waits for its proof.
    fn waits(&self, channel: Channel) -> Duration {
        match channel {
            Channel::EmailLink | Channel::AdminLink | Channel::CurrentPassword => self.lifetimes.link,
            Channel::WhatsAppCode => self.lifetimes.whatsapp,
            Channel::WhatsAppInbound(_) => self.lifetimes.inbound,
        }
    }

    /// The identifier of a reset for which the requester typed none: the account's id, or a placeholder where that cannot be one.
    pub(crate) fn named(&self, account: &Account) -> Result<Identifier, PortError> {
        Identifier::username(account.id().as_str())
            .or_else(|_not_a_name| Identifier::username("-"))
            .map_err(|error| PortError::permanent("account has no valid identifier").because(error))
    }

    /// What ties a reset to the account, and how long its secrets live.
    pub(crate) fn binding(
        &self,
        account: &Account,
        reset: &Reset,
        to: &Contact,
        next_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Binding, PortError> {
        let fingerprint = self.secrets.fingerprint(reset.key_id(), account)?;
        let by = Some(self.secrets.first_contact(reset, to)?);
        if reset.channel().is_inbound() {
            let until = reset.shown_until();
            return Ok(Binding::new(account.id().clone(), fingerprint, now, until, until).by(by));
        }
        if reset.channel() == Channel::WhatsAppCode {
            // There is no link, and nothing is sent once the code has expired.
            let until = crate::time::later(now, self.lifetimes.whatsapp);
            return Ok(Binding::new(account.id().clone(), fingerprint, now, until, until).by(by));
        }
        // The message that takes the last permit carries a link that lives until the next can be sent (I4).
        let cap = crate::time::later(now, Lifetimes::LINK_CAP);
        let link_until = crate::time::later(now, self.lifetimes.link).max(next_at.unwrap_or(now)).min(cap);
        let code_lives = match to.kind() {
            ContactKind::Phone => self.lifetimes.whatsapp,
            ContactKind::Email => self.lifetimes.code,
        };
        let code_until = crate::time::later(now, code_lives);
        Ok(Binding::new(account.id().clone(), fingerprint, now, link_until, code_until).by(by))
    }

    /// Stores a new row, and hands it to this node's worker if it has tasks.
    pub(crate) async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        audit: &[AuditRow],
        now: DateTime<Utc>,
    ) -> Result<Opened, PortError> {
        let lease_until = self.handover.lease_until(now).filter(|_| !reset.tasks().is_empty());
        let opened = self.store.open(reset, permit, lease_until, audit).await?;
        match (opened, lease_until) {
            (Opened::Stored, Some(_)) => self.handover.push(Leased::new(reset.clone(), FIRST_LEASE)),
            (Opened::Stored, None) if !reset.tasks().is_empty() => self.handover.due.raise(),
            _ => {}
        }
        Ok(opened)
    }

    /// Carries a step out, hands the row to this node's worker if the step leaves work, and wakes the browsers on this node that
    /// wait for the reset.
    pub(crate) async fn transition(&self, step: Step, now: DateTime<Utc>) -> Result<(Step, Transitioned), PortError> {
        let last = step.with_account().map_or(&step, |(_, finished)| finished);
        let works = last.has_work(now);
        let lease_until = self.handover.lease_until(now).filter(|_| works);
        let step = match lease_until {
            Some(until) => step.leasing(LeaseRequest::take(until)),
            None => step,
        };
        let transitioned = self.store.transition(&step).await?;
        if transitioned.is_done() {
            self.waiting.raise(step.after().id());
        }
        let written = match (transitioned, step.with_account()) {
            (Transitioned::Finished { .. }, Some((_, finished))) => finished,
            _ => &step,
        };
        match transitioned.lease() {
            Some(taken) => self.handover.push(written.leased(taken)),
            // Else a worker has the row, and finds the new tasks when it acknowledges those that it knows.
            None if transitioned.is_done() && written.has_work(now) && lease_until.is_none() => {
                self.handover.due.raise();
            }
            None => {}
        }
        Ok((step, transitioned))
    }

    /// Closes a reset if it still is as it was seen: for reasons that hold for that version of the row alone. `false`
    /// when another step came first; the caller looks again.
    pub(crate) async fn close_as_seen(
        &self,
        reset: &Reset,
        why: CloseReason,
        now: DateTime<Utc>,
    ) -> Result<bool, PortError> {
        let detail = State::Closed(why).code();
        let audit = vec![AuditRow::new(now, AuditEvent::Closed).of(reset).detail(detail)];
        match Step::new(reset, &Event::Close(why), now, audit) {
            Ok(step) => Ok(self.transition(step, now).await?.1 != Transitioned::Conflict),
            Err(_illegal) => Ok(true),
        }
    }

    /// Closes a reset, whatever happens to it meanwhile; nothing where it cannot be closed any more.
    pub(crate) async fn close(&self, reset: &Reset, why: CloseReason, now: DateTime<Utc>) -> Result<(), PortError> {
        let mut reset = reset.clone();
        for _ in 0..MAX_CONFLICTS {
            if self.close_as_seen(&reset, why, now).await? {
                return Ok(());
            }
            match self.load(reset.id()).await? {
                Some(again) => reset = again,
                None => return Ok(()),
            }
        }
        Err(PortError::transient("gave up after repeated concurrent updates of one reset"))
    }

    /// Closes those live resets of an account that are meant, however many there are: strangers open some of them.
    pub(crate) async fn close_live(
        &self,
        account: &AccountId,
        why: CloseReason,
        now: DateTime<Utc>,
        is_meant: impl Fn(&Reset) -> bool + Send + Sync,
    ) -> Result<(), PortError> {
        let is_meant = |reset: &Reset| is_meant(reset) && flow::next(reset, &Event::Close(why), now).is_ok();
        let mut left: u32 = 0;
        loop {
            // Those that stay come again, so each read goes further than the one before.
            let limit = left.saturating_add(CLOSED_AT_ONCE);
            let live = self.store.live(account, now, limit).await?;
            let (meant, others): (Vec<Reset>, Vec<Reset>) = live.into_iter().partition(&is_meant);
            for reset in &meant {
                self.close(reset, why, now).await?;
            }
            let seen = meant.len().saturating_add(others.len());
            if seen < usize::try_from(limit).unwrap_or(usize::MAX) {
                return Ok(());
            }
            left = u32::try_from(others.len()).unwrap_or(u32::MAX);
        }
    }

    /// The digests that stand for an account, its contacts and its counters, under every key.
    pub(crate) async fn keys_of(&self, account: &AccountId) -> Result<Vec<Digest>, PortError> {
        let found = self.accounts.load(account).await?;
        let mut keys = Vec::new();
        for digests in self.secrets.digests.under_each_key() {
            keys.extend(digests.quotas().keys_of(account));
            keys.extend(found.iter().flat_map(|found| digests.quotas().keys_of_contacts(found)));
        }
        Ok(keys)
    }

    /// The newest audit rows of an account.
    pub(crate) async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        self.store.audit(&AuditFilter::Newest { account: account.clone(), limit }).await
    }
}
