//! Looking the account up, and issuing: the same statements for everybody, whoever was named (I5).

use chrono::{DateTime, Utc};

use crate::account::{Account, AccountStatus, Contact, ContactKind};
use crate::audit::{AuditEvent, AuditRow};
use crate::channel::Channel;
use crate::config::Lifetimes;
use crate::error::PortError;
use crate::flow::{Event, Step};
use crate::ports::{Ack, Advanced, Leased, PermitTaken, Quota};
use crate::reset::{Binding, Reset};
use crate::service::{Failing, Inner, Known};

impl Inner {
    /// Issues, or holds the request back; returns the row as it then is, the account that a message goes to, and which of
    /// its contacts fail.
    ///
    /// `permit_asked` is set before a token may be taken: what fails after it must not look like what fails before.
    pub(super) async fn resolve(
        &self,
        leased: &Leased,
        ack: &mut Ack,
        permit_asked: &mut bool,
    ) -> Result<(Reset, Option<(Account, Failing)>), PortError> {
        let reset = &leased.reset;
        let now = self.now();
        if !reset.is_live(now) {
            ack.done = ack.done.and(crate::tasks::Tasks::RESOLVE);
            return Ok((without_tasks(reset), None));
        }
        let found = self.accounts.find(&reset.identifier()).await?;
        let known = self.known_of(&found, now).await?;
        let next_at = match reset.channel().sends_when_issued() {
            true => self.take_message_permit(leased, &found, &known, permit_asked, now).await?,
            // Nothing is sent, whoever was named.
            false => Ok(None),
        };
        let step = self.issue_or_suppress(reset, &found, &known, next_at, now)?;
        match self.advance(&step).await? {
            Advanced::Moved | Advanced::Finished => {
                Ok((step.after().clone(), found.into_iter().next().map(|account| (account, known.failing))))
            }
            Advanced::Conflict | Advanced::StaleAccount => Err(PortError::transient("a reset changed meanwhile")),
        }
    }

    /// Takes a token for a message, or for the message that there is not (I5): when the next comes, if it was the last,
    /// or why nothing is sent.
    async fn take_message_permit(
        &self,
        leased: &Leased,
        found: &[Account],
        known: &Known,
        permit_asked: &mut bool,
        now: DateTime<Utc>,
    ) -> Result<Result<Option<DateTime<Utc>>, &'static str>, PortError> {
        let reset = &leased.reset;
        let key = match self.candidate(found, reset, known) {
            Ok((account, contact)) => self.secrets.destination(account.id(), contact),
            Err(_) => self.secrets.no_destination(&reset.identifier()),
        };
        let quota = Quota::new(key, self.limits.message_burst, self.limits.message_refill, now);
        *permit_asked = true;
        Ok(match self.store.take_permit(&quota).await? {
            PermitTaken::Granted { next_at } => Ok(next_at),
            // An earlier lease ended after it may have taken a token for this very message, and that message must not
            // be lost (I4). Leases that ended before are counted as attempts.
            PermitTaken::RateLimited { next_at }
                if leased.lease > i64::from(reset.delivery_attempts()).saturating_add(1) =>
            {
                Ok(Some(next_at))
            }
            PermitTaken::RateLimited { .. } => Err("capped"),
        })
    }

    /// The step that issues a reset to the one account that was named, or holds it back.
    pub(crate) fn issue_or_suppress(
        &self,
        reset: &Reset,
        found: &[Account],
        known: &Known,
        next_at: Result<Option<DateTime<Utc>>, &'static str>,
        now: DateTime<Utc>,
    ) -> Result<Step, PortError> {
        let step = match (self.candidate(found, reset, known), next_at) {
            (Ok((account, to)), Ok(next_at)) => {
                let binding = self.binding(account, reset, to.kind(), next_at, now)?;
                let audit = vec![AuditRow::new(now, AuditEvent::Issued).of(reset).account(account.id())];
                let subject = self.secrets.account(account.id());
                Step::new(reset, &Event::Issue { binding, subject }, now, audit)
            }
            (Err(why), _) | (Ok(_), Err(why)) => {
                let mut held = AuditRow::new(now, AuditEvent::Suppressed).of(reset).detail(why);
                // Whoever owns the account may want to know why no message came.
                if let [account] = found {
                    held = held.account(account.id());
                }
                Step::new(reset, &Event::Suppress, now, vec![held])
            }
        };
        step.map_err(|error| PortError::transient("a reset changed meanwhile").because(error))
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

    pub(crate) fn binding(
        &self,
        account: &Account,
        reset: &Reset,
        to: ContactKind,
        next_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Binding, PortError> {
        let fingerprint = self.secrets.fingerprint(reset.key_id(), account)?;
        if reset.channel().is_inbound() {
            let until = reset.shown_until();
            return Ok(Binding::new(account.id().clone(), fingerprint, now, until, until));
        }
        if reset.channel() == Channel::WhatsAppCode {
            // There is no link, and nothing is sent once the code has expired.
            let until = crate::time::later(now, self.lifetimes.whatsapp);
            return Ok(Binding::new(account.id().clone(), fingerprint, now, until, until));
        }
        // The message that takes the last token carries a link that lives until the next can be sent (I4).
        let cap = crate::time::later(now, Lifetimes::LINK_CAP);
        let link_until = crate::time::later(now, self.lifetimes.link).max(next_at.unwrap_or(now)).min(cap);
        let code_lives = match to {
            ContactKind::Phone => self.lifetimes.whatsapp,
            ContactKind::Email => self.lifetimes.code,
        };
        let code_until = crate::time::later(now, code_lives);
        Ok(Binding::new(account.id().clone(), fingerprint, now, link_until, code_until))
    }
}

/// The row for what follows in the same lease: it owes nothing more.
fn without_tasks(reset: &Reset) -> Reset {
    let mut row = reset.stored().clone();
    row.tasks = crate::tasks::Tasks::NONE;
    Reset { row }
}
