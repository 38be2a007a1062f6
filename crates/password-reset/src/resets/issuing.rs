//! Issuing a reset to the account that was named: the same work for every name (I5).

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::SeveralAccounts;
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::flow::reset::Reset;
use crate::flow::{Event, Step};
use crate::identity::account::{Account, AccountStatus, Contact};
use crate::identity::candidates::candidates;
use crate::identity::identifier::IdentifierKind;
use crate::ports::{Opened, PermitClaim, Quota};
use crate::resets::Resets;
use crate::resets::delivering::{Delivering, Known};
use crate::secret::QuotaKeys;

/// The most accounts on one mailbox that get a mail each.
const MAX_MAILS: usize = 10;

/// Decides whether the message of a reset is sent, and to whom.
#[derive(Debug)]
pub(crate) struct Issuing {
    pub(crate) resets: Arc<Resets>,
    pub(crate) delivering: Arc<Delivering>,
    pub(crate) several_accounts: SeveralAccounts,
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

    /// Where each of several accounts on one mailbox gets a mail, opens a reset for each but the first, which is left to the reset
    /// that was asked for.
    ///
    /// Run again after a crash it opens none twice: the id of such a reset is made of the account's.
    pub(crate) async fn one_of(&self, mut found: Vec<Account>, reset: &Reset) -> Result<Vec<Account>, PortError> {
        let mails_each = self.several_accounts == SeveralAccounts::MailEach
            && (2..=MAX_MAILS).contains(&found.len())
            && reset.channel() == Channel::EmailLink
            && reset.identifier().kind() == IdentifierKind::Email;
        if mails_each {
            found.sort_by(|one, other| one.id().cmp(other.id()));
            for account in found.drain(1..) {
                self.open_beside(reset, &account).await?;
            }
        }
        Ok(found)
    }

    /// Opens a reset of one account, which no page shows. The worker then issues it like any other.
    async fn open_beside(&self, reset: &Reset, account: &Account) -> Result<(), PortError> {
        let digests = &self.resets.secrets.digests;
        let id = reset.id().beside(&digests.beside(reset.id(), account.id()));
        if self.resets.load(id).await?.is_some() {
            return Ok(());
        }
        let (asked, at) = (reset.stored(), reset.created_at());
        let mut new = self.resets.new_row(reset.channel(), reset.identifier(), asked.locale, asked.source, at)?;
        (new.id, new.device) = (id, asked.device.clone());
        let beside = Reset::open_for_one_account(new, digests.account(account.id()));
        let now = self.resets.now();
        let audit = [AuditRow::new(now, AuditEvent::Requested).of(&beside).account(account.id())];
        match self.resets.open(&beside, None, &audit, now).await? {
            Opened::Stored => Ok(()),
            Opened::RateLimited { .. } | Opened::DuplicateKey => Err(PortError::transient("reset not opened")),
        }
    }

    /// The quotas of messages that count for a reset: under each key for counters those of [`destinations`], in its order.
    pub(crate) fn message_quotas(&self, found: &[Account], reset: &Reset) -> Vec<Digest> {
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
                    Ok((claim, next_at)) => (Some(PermitClaim { was_full_at, ..claim }), Ok(next_at)),
                    Err(_next_at) => (None, Err("capped")),
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
