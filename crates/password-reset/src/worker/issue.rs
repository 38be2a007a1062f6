//! Looking the account up, and issuing: the same work whoever was named (I5).

use chrono::{DateTime, Utc};

use super::LEASE;
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::reset::Reset;
use crate::flow::tasks::Tasks;
use crate::flow::{Event, Step};
use crate::identity::account::{Account, AccountStatus, Contact};
use crate::ports::{Ack, LeaseRequest, Leased, Quota, Transitioned};
use crate::service::{Failing, Inner, Known};

/// How often a step is tried again when another message to the same contact took a permit at the same time.
const MAX_CLAIMS: usize = 8;

impl Inner {
    /// Issues the reset, or suppresses its message; returns the row as it then is, the account that a message goes to, and
    /// which of its contacts fail. `None` when another worker has the row by now.
    pub(super) async fn resolve(
        &self,
        leased: &Leased,
        ack: &mut Ack,
    ) -> Result<Option<(Reset, Option<(Account, Failing)>)>, PortError> {
        let reset = &leased.reset;
        if !reset.is_live(self.resets.now()) {
            ack.done = ack.done.and(Tasks::RESOLVE);
            return Ok(Some((without_tasks(reset), None)));
        }
        let found = self.resets.accounts.find(&reset.identifier()).await?;
        for _ in 0..MAX_CLAIMS {
            let now = self.resets.now();
            let known = self.known_of(&found, &self.message_quotas(&found, reset), now).await?;
            let lease = LeaseRequest::extend(leased.lease, crate::time::later(now, LEASE));
            let step = self.issue_or_suppress(reset, &found, &known, now)?.leasing(lease);
            match self.resets.store.transition(&step).await? {
                Transitioned::Moved { lease: Some(taken) } | Transitioned::Finished { lease: Some(taken) } => {
                    self.resets.waiting.raise(reset.id());
                    let found = found.into_iter().next().map(|account| (account, known.failing));
                    return Ok(Some((step.leased(taken).reset, found)));
                }
                Transitioned::Moved { lease: None } | Transitioned::Finished { lease: None } => return Ok(None),
                Transitioned::Conflict | Transitioned::StaleAccount => {}
            }
        }
        Err(PortError::transient("a reset, or what was sent to its contact, changed meanwhile"))
    }

    /// The quotas of messages that a reset may claim from: one for each contact that it could go to, or one in place of them
    /// where there is no account, so that the work is the same (I5).
    fn message_quotas(&self, found: &[Account], reset: &Reset) -> Vec<Digest> {
        match found {
            _ if !reset.channel().sends_when_issued() => Vec::new(),
            [account] if !account.contacts().is_empty() => account
                .contacts()
                .iter()
                .map(|contact| self.resets.secrets.destination(account.id(), contact))
                .collect(),
            _ => vec![self.resets.secrets.no_destination(&reset.identifier())],
        }
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
        let quotas = self.message_quotas(found, reset);
        let at = candidate.as_ref().ok().and_then(|(account, to)| {
            account.contacts().iter().position(|contact| contact == *to).filter(|_| !quotas.is_empty())
        });
        let at = at.unwrap_or(0);
        let full_at = known.full_at.get(at).copied().flatten();
        let (claim, next_at) = match quotas.get(at) {
            None => (None, Ok(None)),
            Some(key) => {
                let quota = Quota::new(*key, self.resets.limits.message_burst, self.resets.limits.message_refill, now);
                match quota.claim(full_at) {
                    Ok((claim, next_at)) => (Some(claim), Ok(next_at)),
                    Err(_next_at) => (None, Err("capped")),
                }
            }
        };
        let step = match (candidate, next_at) {
            (Ok((account, to)), Ok(next_at)) => {
                let binding = self.resets.binding(account, reset, to.kind(), next_at, now)?;
                let audit = vec![AuditRow::new(now, AuditEvent::Issued).of(reset).account(account.id())];
                let subject = self.resets.secrets.account(account.id());
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
        let step = step.map_err(|error| PortError::transient("a reset changed meanwhile").because(error))?;
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
            [account] => match self.destination(account, reset, &known.failing) {
                None => Err("no_contact"),
                Some(contact) if self.is_locked(known, account, contact) => Err("locked"),
                Some(contact) => Ok((account, contact)),
            },
            _ => Err("ambiguous"),
        }
    }
}

/// The row for what follows in the same lease: it has no task any more.
fn without_tasks(reset: &Reset) -> Reset {
    let mut row = reset.stored().clone();
    row.tasks = Tasks::NONE;
    Reset { row }
}
