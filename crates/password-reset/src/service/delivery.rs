//! What became of messages: where the next one goes, and what administrators see.

use chrono::{DateTime, Utc};

use super::{Inner, PasswordReset};
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::flow::reset::Reset;
use crate::identity::account::{Account, Contact, ContactKind};
use crate::identity::id::{AccountId, ResetId};
use crate::identity::locale::Locale;
use crate::inbound::DeliveryReport;
use crate::ports::{AccountState, AuditFilter};

/// Reasons of providers are cut to so many characters.
const MAX_REASON: usize = 120;
/// In so many rows of the trail the message is looked for that a report is about, and among so many live resets a password
/// that was disowned.
const LOOKS_BACK: u32 = 100;

/// What became of the last message to a contact: for administrators, never for strangers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LastDelivery {
    /// The contact, as the account has it now.
    pub contact: Contact,
    /// When that was known.
    pub at: DateTime<Utc>,
    /// What became of it.
    pub outcome: DeliveryOutcome,
    /// How the transport said it: `550 5.1.1`.
    pub why: Option<String>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryOutcome {
    /// The transport took it.
    Taken,
    /// It is on the recipient's phone.
    Arrived,
    /// It could not be sent yet, and is tried again.
    Delayed,
    /// There is no such mailbox or number; the next message goes to another contact, if there is one.
    NoSuchContact,
    /// It was refused for another reason.
    Refused,
}

impl DeliveryOutcome {
    fn of(event: AuditEvent) -> Option<Self> {
        match event {
            AuditEvent::Sent | AuditEvent::NoticeSent => Some(Self::Taken),
            AuditEvent::Arrived => Some(Self::Arrived),
            AuditEvent::SendDelayed => Some(Self::Delayed),
            AuditEvent::NoSuchContact => Some(Self::NoSuchContact),
            AuditEvent::SendFailed | AuditEvent::NoticeFailed => Some(Self::Refused),
            _ => None,
        }
    }

    /// Says it in plain words.
    #[must_use]
    pub const fn words(self, kind: ContactKind, locale: Locale) -> &'static str {
        match (self, kind, locale) {
            (Self::Taken, ContactKind::Email, Locale::English) => "the mail server took the last message",
            (Self::Taken, ContactKind::Email, Locale::Indonesian) => "server email menerima pesan terakhir",
            (Self::Taken, ContactKind::Phone, Locale::English) => "WhatsApp took the last message",
            (Self::Taken, ContactKind::Phone, Locale::Indonesian) => "WhatsApp menerima pesan terakhir",
            (Self::Arrived, _, Locale::English) => "the last message has arrived",
            (Self::Arrived, _, Locale::Indonesian) => "pesan terakhir sudah sampai",
            (Self::Delayed, _, Locale::English) => "the last message is delayed and will be tried again",
            (Self::Delayed, _, Locale::Indonesian) => "pesan terakhir tertunda dan akan dicoba lagi",
            (Self::NoSuchContact, ContactKind::Email, Locale::English) => "the mailbox does not exist",
            (Self::NoSuchContact, ContactKind::Email, Locale::Indonesian) => "kotak surat tidak ada",
            (Self::NoSuchContact, ContactKind::Phone, Locale::English) => "the number is not on WhatsApp",
            (Self::NoSuchContact, ContactKind::Phone, Locale::Indonesian) => "nomor tidak terdaftar di WhatsApp",
            (Self::Refused, _, Locale::English) => "the last message was refused",
            (Self::Refused, _, Locale::Indonesian) => "pesan terakhir ditolak",
        }
    }
}

/// Contacts of one account that are known to fail, as digests.
#[derive(Debug, Default)]
pub(crate) struct Failing(Vec<Digest>);

/// What is known of the contacts of the account that was named, before anything is sent.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) failing: Failing,
    /// The contacts through which a password was set that its owner locked, as digests.
    locked: Vec<Digest>,
    /// When the quota of messages to each candidate contact is full again.
    pub(crate) full_at: Vec<Option<DateTime<Utc>>>,
}

impl PasswordReset {
    /// What became of the last message to each contact of an account: for administrators. Contacts to which nothing was
    /// sent, as far as the audit trail reaches, are not in it.
    ///
    /// # Errors
    /// When the accounts or the store cannot be read.
    pub async fn deliveries(&self, account: &AccountId) -> Result<Vec<LastDelivery>, PortError> {
        let inner = &self.inner;
        let Some(account) = inner.resets.accounts.load(account).await? else { return Ok(Vec::new()) };
        let rows =
            inner.resets.store.audit(&AuditFilter::NewestOfEachContact { account: account.id().clone() }).await?;
        let last = |contact: &Contact| {
            let digest = inner.resets.secrets.contact(account.id(), contact);
            let row = rows.iter().find(|row| row.contact == Some(digest))?;
            let outcome = DeliveryOutcome::of(row.event)?;
            Some(LastDelivery { contact: contact.clone(), at: row.at, outcome, why: row.detail.clone() })
        };
        Ok(account.contacts().iter().filter_map(last).collect())
    }

    /// Puts on record what the provider says of a message that it took: for administrators, never for the asker (R140).
    /// Said again, it changes nothing (R120).
    ///
    /// # Errors
    /// When the store failed.
    pub async fn report_delivery(&self, reset: ResetId, report: DeliveryReport) -> Result<(), PortError> {
        let inner = &self.inner;
        let Some(reset) = inner.resets.load(reset).await? else { return Ok(()) };
        let short = |why: String| why.chars().filter(char::is_ascii_graphic).take(MAX_REASON).collect::<String>();
        let now = inner.resets.now();
        let mut row = match report {
            DeliveryReport::Delivered => AuditRow::new(now, AuditEvent::Arrived),
            DeliveryReport::NoSuchContact { why } => AuditRow::new(now, AuditEvent::NoSuchContact).detail(short(why)),
            DeliveryReport::Failed { why } => AuditRow::new(now, AuditEvent::SendFailed).detail(short(why)),
        };
        let rows = inner.trail(&reset).await?;
        // Newest first: what was said since the last message was taken.
        let mut said = rows.iter().take_while(|row| !matches!(row.event, AuditEvent::Sent | AuditEvent::NoticeSent));
        if said.any(|said| said.event == row.event && said.detail == row.detail) {
            return Ok(());
        }
        row.contact = only_contact(&rows);
        inner.resets.store.record(&row.of(&reset)).await
    }
}

impl Inner {
    /// What happened to a reset, newest first, as far back as is looked.
    async fn trail(&self, reset: &Reset) -> Result<Vec<AuditRow>, PortError> {
        let Some(account) = reset.account() else { return Ok(Vec::new()) };
        let mut rows = self.resets.history(account, LOOKS_BACK).await?;
        rows.retain(|row| row.reset == Some(reset.id()));
        Ok(rows)
    }

    /// Which contacts of an account fail.
    pub(crate) async fn failing(&self, account: &AccountId, now: DateTime<Utc>) -> Result<Failing, PortError> {
        Ok(Failing(self.resets.store.account_state(account, &[], now).await?.failing))
    }

    /// What is known of the contacts of the one account that was found, and of the quotas of messages to them: the same work
    /// whether there is one or not (I5).
    pub(crate) async fn known_of(
        &self,
        found: &[Account],
        quotas: &[Digest],
        now: DateTime<Utc>,
    ) -> Result<Known, PortError> {
        let no_account = AccountId::new("");
        let id = match found {
            [account] => account.id(),
            _ => &no_account,
        };
        let AccountState { failing, locked, full_at } = self.resets.store.account_state(id, quotas, now).await?;
        let failing = Failing(failing);
        let contacts = locked.iter().filter_map(|reset| {
            let account = found.first()?;
            Some(self.resets.secrets.contact(account.id(), self.destination(account, reset, &failing)?))
        });
        Ok(Known { locked: contacts.collect(), failing, full_at })
    }

    pub(crate) fn is_locked(&self, known: &Known, account: &Account, contact: &Contact) -> bool {
        known.locked.contains(&self.resets.secrets.contact(account.id(), contact))
    }

    pub(crate) fn fails(&self, failing: &Failing, account: &Account, contact: &Contact) -> bool {
        failing.0.contains(&self.resets.secrets.contact(account.id(), contact))
    }

    /// Where the message of a reset goes: to [the contact](Self::contact) that was named or comes first, or, if that one
    /// fails, to the next that does not and whose proof is worth no less. If all fail, to the first again: somebody may
    /// have mended it, and a success takes the mark away.
    ///
    /// A link can be followed by another mailbox, or by its code on the phone; a code on the phone by none in a mailbox. What
    /// an administrator asks for has no code: it goes to a phone as a link.
    pub(crate) fn destination<'a>(
        &self,
        account: &'a Account,
        reset: &Reset,
        failing: &Failing,
    ) -> Option<&'a Contact> {
        let kinds: &[ContactKind] = match reset.channel() {
            Channel::EmailLink | Channel::AdminLink => &[ContactKind::Email, ContactKind::Phone],
            Channel::WhatsAppCode => &[ContactKind::Phone],
            // The number that sent the message is the one that is answered.
            Channel::WhatsAppInbound(_) | Channel::CurrentPassword => return self.contact(account, reset),
        };
        let contacts = |kind| account.contacts().iter().filter(move |contact: &&Contact| contact.kind() == kind);
        let reached = kinds.iter().filter(|kind| self.notifier(**kind).is_some());
        let mut others = reached.flat_map(|kind| contacts(*kind));
        // Nobody named a contact to an administrator; whoever has none but a number gets it there.
        let first = match reset.channel() {
            Channel::AdminLink => others.clone().next()?,
            _ => self.contact(account, reset)?,
        };
        if !self.fails(failing, account, first) {
            return Some(first);
        }
        others.find(|contact| !self.fails(failing, account, contact)).or(Some(first))
    }
}

/// The contact that a report about a reset's message is of: the one that its messages went to. `None` when they went to
/// several, for a report does not say which.
fn only_contact(rows: &[AuditRow]) -> Option<Digest> {
    let mut contacts = rows.iter().filter_map(|row| row.contact);
    let first = contacts.next();
    first.filter(|first| contacts.all(|other| other == *first))
}
