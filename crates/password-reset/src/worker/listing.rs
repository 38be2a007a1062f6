//! One mail for several accounts on one mailbox.

use std::fmt::Debug;
use std::sync::Arc;

use crate::error::PortError;
use crate::flow::audit::AuditRow;
use crate::flow::channel::Channel;
use crate::flow::reset::Reset;
use crate::flow::state::State;
use crate::flow::tasks::Tasks;
use crate::identity::account::{Account, Contact};
use crate::identity::identifier::IdentifierKind;
use crate::message::{AccountLink, AccountLinks, MessageBody, SecretUrl};
use crate::resets::Resets;
use crate::resets::issuing::Issuing;
use crate::worker::outcome::{TaskOutcome, again};

/// Puts the links of several accounts into the mail of the reset that was asked for.
///
/// Every account has a reset of its own, with its own permit, fingerprint and end. Those beside the one that was asked for wait until its
/// mail is sent, and send one of their own where it never is.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) resets: Arc<Resets>,
    pub(crate) issuing: Arc<Issuing>,
}

/// An account that stands in the mail of another's reset, its reset, and the contact that the mail goes to.
pub(crate) struct Listed {
    reset: Reset,
    account: Account,
    to: Contact,
}

impl Listing {
    /// Where the link of a reset stands in the mail of another: what is left to do for it.
    pub(crate) async fn leaves_to_another(
        &self,
        reset: &Reset,
        account: &Account,
        to: &Contact,
    ) -> Result<Option<TaskOutcome>, PortError> {
        if !self.issuing.lists() || !reset.is_of_one_account() || !reset.identifier().names(to.value()) {
            return Ok(None);
        }
        let asked = self.resets.load(self.issuing.beside(reset.id(), account.id())).await?;
        let Some(asked) = asked else { return Ok(None) };
        let is_pending = [Tasks::RESOLVE, Tasks::SEND].into_iter().any(|task| asked.tasks().contains(task));
        if is_pending && asked.is_live(self.resets.now()) {
            return Ok(Some(again(reset)));
        }
        // Only a reader of the mail proves it. One that was closed before may not have sent it.
        let was_sent = asked.state() == State::CodeIssued || asked.stored().proved_by.is_some();
        Ok(was_sent.then_some(TaskOutcome::Done))
    }

    /// The accounts that stand in the mail of a reset beside its own: those with a live reset that goes to the address that was typed.
    /// Elsewhere a reader must not learn which other accounts have it. `known` are the accounts that were found a moment ago.
    pub(crate) async fn others(
        &self,
        asked: &Reset,
        own: &Account,
        to: &Contact,
        known: Option<Vec<Account>>,
    ) -> Result<Vec<Listed>, PortError> {
        let typed = asked.identifier();
        let lists = self.issuing.lists()
            && asked.channel() == Channel::EmailLink
            && typed.kind() == IdentifierKind::Email
            && !asked.is_of_one_account()
            && typed.names(to.value());
        if !lists {
            return Ok(Vec::new());
        }
        let accounts = match known {
            Some(known) => known,
            None => self.issuing.find(asked).await?,
        };
        let mut others = Vec::new();
        for account in accounts.into_iter().filter(|account| account.id() != own.id()) {
            let Some(reset) = self.resets.load(self.issuing.beside(asked.id(), account.id())).await? else { continue };
            let now = self.resets.now();
            let Some(binding) = reset.binding().filter(|binding| now < binding.link_until()) else { continue };
            if reset.state() != State::CodeIssued || !self.resets.is_as_it_was(&account, &reset)? {
                continue;
            }
            let to = self.issuing.delivering.first_contact(&account, &reset, binding)?;
            if let Some(to) = to.filter(|to| typed.names(to.value())).cloned() {
                others.push(Listed { reset, account, to });
            }
        }
        Ok(others)
    }

    /// The links of an account and the others; the same each time they are made.
    pub(crate) fn body(&self, asked: &Reset, own: &Account, others: &[Listed]) -> Result<MessageBody, PortError> {
        let others = others.iter().map(|other| (&other.reset, &other.account));
        let mut all: Vec<(&Reset, &Account)> = std::iter::once((asked, own)).chain(others).collect();
        all.sort_by(|(_, one), (_, other)| one.id().cmp(other.id()));
        let links = all.into_iter().map(|(reset, account)| self.link(reset, account)).collect::<Result<_, _>>()?;
        let mut body = AccountLinks::new(links, asked.created_at());
        body.device = asked.requester_device().map(str::to_owned);
        Ok(MessageBody::Links(body))
    }

    fn link(&self, reset: &Reset, account: &Account) -> Result<AccountLink, PortError> {
        let binding = reset.binding().ok_or(PortError::permanent("a reset without an account has no link"))?;
        let link = self.resets.secrets.link(reset, binding)?;
        let link = SecretUrl::new(&self.resets.site, "link", link.expose());
        let lives = crate::time::until(binding.issued_at(), binding.link_until());
        Ok(AccountLink::new(account, link, lives, self.issuing.delivering.cancel_url(reset, binding)?))
    }

    /// What became of the mail, for the trail of each account that stands in it.
    pub(crate) fn said_of(&self, others: &[Listed], said: &[AuditRow]) -> Vec<AuditRow> {
        let of = |other: &Listed, row: &AuditRow| {
            let to = self.resets.secrets.digests.contact(other.account.id(), &other.to);
            let mut same = AuditRow::new(row.at, row.event).of(&other.reset).contact(to);
            same.detail.clone_from(&row.detail);
            same
        };
        others.iter().flat_map(|other| said.iter().map(move |row| of(other, row))).collect()
    }
}
