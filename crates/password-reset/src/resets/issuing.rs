//! Issuing a reset to the account that was named: the same work for every name (I5).

use std::fmt::Debug;
use std::slice::from_ref;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::{Choices, SeveralAccounts, UndeliveredCodes};
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::flow::reset::Reset;
use crate::flow::state::State;
use crate::flow::tasks::Tasks;
use crate::flow::{Event, Step};
use crate::identity::account::{Account, AccountStatus, Contact};
use crate::identity::candidates::candidates;
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::IdentifierKind;
use crate::ports::{Opened, PermitClaim, Quota};
use crate::resets::Resets;
use crate::resets::delivering::{Delivering, Known};
use crate::secret::QuotaKeys;

/// The most accounts on one mailbox that get a mail each, or stand in one.
const MAX_MAILS: usize = 10;
/// How often a step is tried again when another message to the same contact took a permit at the same time.
pub(crate) const MAX_CLAIMS: usize = 8;

/// Decides whether the message of a reset is sent, and to whom.
#[derive(Debug)]
pub(crate) struct Issuing {
    pub(crate) resets: Arc<Resets>,
    pub(crate) delivering: Arc<Delivering>,
    pub(crate) choices: Choices,
}

impl Issuing {
    /// The accounts that the identifier of a reset names and that count: see [`candidates`].
    pub(crate) async fn find(&self, reset: &Reset) -> Result<Vec<Account>, PortError> {
        let named = reset.identifier();
        let mut found = candidates(self.resets.accounts.find(&named).await?, &named);
        if reset.is_of_one_account() {
            found.retain(|account| self.resets.secrets.digests.is_of_account(reset.subject(), account.id()));
        }
        Ok(found)
    }

    /// Where each of several accounts on one mailbox gets a mail, or one mail has them all, opens a reset for each but one, which is
    /// left to the reset that was asked for. Returns this one, and those that a mail with several links is to have beside it.
    ///
    /// Run again after a crash it opens none twice: the id of such a reset is made with the account's.
    pub(crate) async fn one_of(
        &self,
        mut found: Vec<Account>,
        reset: &Reset,
    ) -> Result<(Vec<Account>, Vec<Account>), PortError> {
        let is_of_several = self.choices.several_accounts != SeveralAccounts::Nothing
            && (2..=MAX_MAILS).contains(&found.len())
            && reset.channel() == Channel::EmailLink
            && reset.identifier().kind() == IdentifierKind::Email;
        if !is_of_several {
            return Ok((found, Vec::new()));
        }
        found.sort_by(|one, other| one.id().cmp(other.id()));
        let lists = self.lists();
        let first = if lists { self.first_that_is_issued(&found, reset).await? } else { 0 };
        let first = vec![found.remove(first)];
        for account in &found {
            let beside = self.open_beside(reset, account.id(), lists).await?;
            if lists {
                self.issue_beside(beside, account).await?;
            }
        }
        Ok((first, if lists { found } else { Vec::new() }))
    }

    /// Whether one mail lists several accounts.
    pub(crate) fn lists(&self) -> bool {
        self.choices.several_accounts == SeveralAccounts::MailList
    }

    /// The id of the reset of one of several accounts, beside the one that was asked for; and the other way round.
    pub(crate) fn beside(&self, reset: ResetId, account: &AccountId) -> ResetId {
        reset.beside(&self.resets.secrets.digests.beside(account))
    }

    /// The place of the account whose reset sends the mail with all links: the first that something can be sent to now, at the address that
    /// was typed. Where there is none, the first of all, whose reset is then suppressed or goes elsewhere.
    async fn first_that_is_issued(&self, found: &[Account], reset: &Reset) -> Result<usize, PortError> {
        for (at, account) in found.iter().enumerate() {
            let now = self.resets.now();
            let known = self.known_of(from_ref(account), reset, now).await?;
            let is_issued = self.issue_or_suppress(reset, from_ref(account), &known, now)?.after().binding().is_some();
            let to = self.delivering.destination(account, reset, &known.failing);
            if is_issued && to.is_some_and(|to| reset.identifier().names(to.value())) {
                return Ok(at);
            }
        }
        Ok(0)
    }

    /// Issues a reset that was opened beside another, or suppresses its message, so that its link can stand in the mail of that one.
    async fn issue_beside(&self, mut beside: Reset, account: &Account) -> Result<(), PortError> {
        for _ in 0..MAX_CLAIMS {
            let now = self.resets.now();
            if !beside.tasks().contains(Tasks::RESOLVE) || !beside.is_live(now) {
                return Ok(());
            }
            let known = self.known_of(from_ref(account), &beside, now).await?;
            let step = self.issue_or_suppress(&beside, from_ref(account), &known, now)?;
            if self.resets.store.transition(&step).await?.is_done() {
                return Ok(());
            }
            match self.resets.load(beside.id()).await? {
                Some(again) => beside = again,
                None => return Ok(()),
            }
        }
        Err(PortError::transient("gave up after repeated concurrent messages to one contact"))
    }

    /// What is known of the one account that was found, and of the quotas of messages to it.
    pub(crate) async fn known_of(
        &self,
        found: &[Account],
        reset: &Reset,
        now: DateTime<Utc>,
    ) -> Result<Known, PortError> {
        self.delivering.known_of(found, &self.message_quotas(found, reset), now).await
    }

    /// Opens a reset by mail in place of a code that did not arrive, where the application chose so, and while the code is what the
    /// reset waits for; `true` if it is there. Repeated reports open none twice.
    pub(crate) async fn mail_instead(&self, reset: ResetId) -> Result<bool, PortError> {
        if self.choices.undelivered_codes == UndeliveredCodes::Nothing {
            return Ok(false);
        }
        // As it is now: the owner may have proved or cancelled it by another attempt at the same message.
        let Some(reset) = self.resets.load(reset).await? else { return Ok(false) };
        let waits = reset.channel() == Channel::WhatsAppCode
            && reset.state() == State::CodeIssued
            && reset.is_live(self.resets.now());
        match reset.account().filter(|_| waits) {
            Some(account) => self.open_beside(&reset, account, false).await.map(|_opened| true),
            None => Ok(false),
        }
    }

    /// Opens a reset by mail of one account, which no page shows. One that is not issued here at once is issued by the worker like any
    /// other.
    async fn open_beside(&self, reset: &Reset, account: &AccountId, is_issued_here: bool) -> Result<Reset, PortError> {
        let digests = &self.resets.secrets.digests;
        let id = self.beside(reset.id(), account);
        if let Some(there) = self.resets.load(id).await? {
            return Ok(there);
        }
        let (asked, at) = (reset.stored(), reset.created_at());
        let mut new = self.resets.new_row(Channel::EmailLink, reset.identifier(), asked.locale, asked.source, at)?;
        (new.id, new.device) = (id, asked.device.clone());
        let beside = Reset::open_for_one_account(new, digests.account(account));
        let now = self.resets.now();
        let audit = [AuditRow::new(now, AuditEvent::Requested).of(&beside).account(account)];
        // One that is issued here at once is leased, so that no worker resolves it at the same time, and not handed over.
        let opened = match is_issued_here {
            true => self.resets.store.open(&beside, None, self.resets.handover.lease_until(now), &audit).await?,
            false => self.resets.open(&beside, None, &audit, now).await?,
        };
        match opened {
            Opened::Stored => Ok(beside),
            Opened::RateLimited { .. } | Opened::DuplicateKey => Err(PortError::transient("reset not opened")),
        }
    }

    /// The quotas of messages that count for a reset: under each key for counters those of [`destinations`], in its order.
    fn message_quotas(&self, found: &[Account], reset: &Reset) -> Vec<Digest> {
        let digests = self.resets.secrets.digests.under_each_key();
        digests.flat_map(|digests| destinations(digests.quotas(), found, reset)).collect()
    }

    /// The step that issues a reset to the one account that was named, or suppresses its message. It claims the permit for a
    /// message, also for one that will not be sent.
    pub(crate) fn issue_or_suppress(
        &self,
        reset: &Reset,
        found: &[Account],
        known: &Known,
        now: DateTime<Utc>,
    ) -> Result<Step, PortError> {
        let candidate = self.candidate(found, reset, known);
        let quotas = destinations(self.resets.secrets.digests.quotas(), found, reset);
        let at = candidate.as_ref().ok().and_then(|(account, to)| {
            account.contacts().iter().position(|contact| contact == *to).filter(|_| !quotas.is_empty())
        });
        let at = at.unwrap_or(0);
        let was_full_at = known.full_at.get(at).copied().flatten();
        // A node with another key in front counts there: what was counted most holds.
        let full_at = known.full_at.iter().skip(at).step_by(quotas.len().max(1)).copied().max().flatten();
        let (claim, next_at) = match quotas.get(at) {
            None => (None, Ok(None)),
            Some(key) => {
                let quota = Quota::new(*key, self.resets.limits.message_burst, self.resets.limits.message_refill, now);
                match quota.claim(full_at) {
                    Some((claim, next_at)) => (Some(PermitClaim { was_full_at, ..claim }), Ok(next_at)),
                    None => (None, Err("capped")),
                }
            }
        };
        let step = match (candidate, next_at) {
            (Ok((account, to)), Ok(next_at)) => {
                let binding = self.resets.binding(account, reset, to, next_at, now)?;
                let audit = vec![AuditRow::new(now, AuditEvent::Issued).of(reset).account(account.id())];
                let subject = self.resets.secrets.digests.account(account.id());
                Step::new(reset, &Event::Issue { binding, subject }, now, audit)
            }
            (Err(why), _) | (Ok(_), Err(why)) => {
                let mut suppressed = AuditRow::new(now, AuditEvent::Suppressed).of(reset).detail(why);
                // The owner of the account may want to know why no message came.
                if let [account] = found {
                    suppressed = suppressed.account(account.id());
                }
                Step::new(reset, &Event::Suppress, now, vec![suppressed])
            }
        };
        let step = step.map_err(|error| PortError::transient("reset changed in the meantime").because(error))?;
        Ok(match claim {
            Some(claim) => step.claiming(claim),
            None => step,
        })
    }

    /// The one account that was named and its contact, or why nothing is sent.
    fn candidate<'a>(
        &self,
        found: &'a [Account],
        reset: &Reset,
        known: &Known,
    ) -> Result<(&'a Account, &'a Contact), &'static str> {
        match found {
            [] => Err("unknown"),
            [account] if account.status() != AccountStatus::Active => Err("disabled"),
            [account] => match self.delivering.destination(account, reset, &known.failing) {
                None => Err("no_contact"),
                Some(contact) if self.delivering.is_locked(known, account, contact) => Err("locked"),
                Some(contact) => Ok((account, contact)),
            },
            _ => Err("ambiguous"),
        }
    }
}

/// The quotas of messages that a reset may claim from: one for each contact that it could go to, or one in place of them where
/// there is no account, so that the work is the same (I5).
fn destinations(keys: QuotaKeys<'_>, found: &[Account], reset: &Reset) -> Vec<Digest> {
    match found {
        _ if !reset.channel().sends_when_issued() => Vec::new(),
        [account] if !account.contacts().is_empty() => {
            account.contacts().iter().map(|contact| keys.destination(account.id(), contact)).collect()
        }
        _ => vec![keys.no_destination(&reset.identifier())],
    }
}
