//! What became of messages: where the next one goes, and what administrators see.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::Channel;
use crate::flow::reset::Reset;
use crate::identity::account::Contact;
use crate::identity::id::{AccountId, ResetId};
use crate::inbound::DeliveryReport;
use crate::message::NoticeKind;
use crate::ports::AuditFilter;
use crate::resets::Resets;
use crate::resets::issuing::Issuing;
use crate::secret::MessageName;
use crate::service::deliveries::{LastDelivery, NotSent};

/// Reasons of providers are cut to so many characters.
const MAX_REASON: usize = 120;
/// In so many rows of the trail the message is looked for that a report is about.
const LOOKS_BACK: u32 = 100;
/// How many rows of the trail are searched for a password that was set.
const RECOVERED_LOOKS_BACK: u32 = 1_000;

/// Reads and writes what became of an account's messages and resets.
#[derive(Debug)]
pub(crate) struct Trail {
    pub(crate) resets: Arc<Resets>,
    pub(crate) issuing: Arc<Issuing>,
}

impl Trail {
    pub(crate) async fn deliveries(&self, account: &AccountId) -> Result<Vec<LastDelivery>, PortError> {
        let Some(account) = self.resets.accounts.load(account).await? else { return Ok(Vec::new()) };
        let rows = self.resets.store.audit(&AuditFilter::NewestOfEachContact { account: account.id().clone() }).await?;
        let last = |contact: &Contact| {
            let is_of =
                |row: &&AuditRow| row.contact.is_some_and(|digest| self.stands_for(digest, account.id(), contact));
            LastDelivery::new(contact, rows.iter().filter(is_of).max_by_key(|row| row.at)?)
        };
        Ok(account.contacts().iter().filter_map(last).collect())
    }

    pub(crate) async fn not_sent(&self, account: &AccountId) -> Result<Option<NotSent>, PortError> {
        Ok(NotSent::newest(&self.resets.history(account, LOOKS_BACK).await?))
    }

    fn stands_for(&self, digest: Digest, account: &AccountId, contact: &Contact) -> bool {
        self.resets.secrets.digests.under_each_key().any(|digests| digests.contact(account, contact) == digest)
    }

    pub(crate) async fn delivered(&self, reset: ResetId, report: DeliveryReport) -> Result<(), PortError> {
        let Some(reset) = self.resets.load(reset).await? else { return Ok(()) };
        let rows = self.trail(&reset).await?;
        let contact = only_contact(&rows);
        // Of several contacts one may have got a notice, which is no code.
        if contact.is_some() && report != DeliveryReport::Delivered {
            self.issuing.mail_instead(reset.id()).await?;
        }
        self.record_report(&reset, &rows, contact, report).await
    }

    pub(crate) async fn bounced(
        &self,
        reset: ResetId,
        message: [u8; 16],
        report: DeliveryReport,
    ) -> Result<(), PortError> {
        let Some(reset) = self.resets.load(reset).await? else { return Ok(()) };
        let Some(binding) = reset.binding() else { return Ok(()) };
        let Some(account) = self.resets.accounts.load(binding.account()).await? else { return Ok(()) };
        let rows = self.trail(&reset).await?;
        let secrets = &self.resets.secrets;
        let is = |id: Digest| id.as_bytes().get(..message.len()).is_some_and(|id| crate::secret::same(id, message));
        let is_code = is(secrets.message_id(&reset, MessageName::Reset)?);
        if is_code && report != DeliveryReport::Delivered {
            self.issuing.mail_instead(reset.id()).await?;
        }
        let contact = if is_code || is(secrets.message_id(&reset, MessageName::StepUp(binding))?) {
            let sent = |row: &&AuditRow| matches!(row.event, AuditEvent::Sent | AuditEvent::SendDelayed);
            match rows.iter().find(sent).and_then(|row| row.contact) {
                // A report may come before the worker has recorded that the message was sent.
                None if is_code => {
                    let first = self.issuing.delivering.first_contact(&account, &reset, binding)?;
                    first.map(|first| secrets.digests.contact(account.id(), first))
                }
                contact => contact,
            }
        } else {
            let mut notified = None;
            for contact in account.contacts() {
                for &kind in NoticeKind::ALL {
                    if is(secrets.message_id(&reset, MessageName::Notice(kind.name(), contact))?) {
                        let sent = |row: &Digest| self.stands_for(*row, account.id(), contact);
                        notified = rows.iter().filter_map(|row| row.contact).find(sent);
                        notified = notified.or(Some(secrets.digests.contact(account.id(), contact)));
                    }
                }
            }
            notified
        };
        match contact {
            Some(_) => self.record_report(&reset, &rows, contact, report).await,
            None => Ok(()),
        }
    }

    async fn record_report(
        &self,
        reset: &Reset,
        rows: &[AuditRow],
        contact: Option<Digest>,
        report: DeliveryReport,
    ) -> Result<(), PortError> {
        let short = |why: String| {
            let kept = |letter: &char| letter.is_ascii_graphic() || *letter == ' ';
            why.chars().filter(kept).take(MAX_REASON).collect::<String>().trim().to_owned()
        };
        let now = self.resets.now();
        let mut row = match report {
            DeliveryReport::Delivered => AuditRow::new(now, AuditEvent::Arrived),
            DeliveryReport::NoSuchContact { why } => AuditRow::new(now, AuditEvent::NoSuchContact).detail(short(why)),
            DeliveryReport::Failed { why } => AuditRow::new(now, AuditEvent::SendFailed).detail(short(why)),
        };
        row.contact = contact;
        // Newest first: what was said since the last message was taken.
        let mut said = rows.iter().take_while(|row| !matches!(row.event, AuditEvent::Sent | AuditEvent::NoticeSent));
        if said.any(|said| said.event == row.event && said.detail == row.detail && said.contact == contact) {
            return Ok(());
        }
        if row.event != AuditEvent::Arrived {
            let (outcome, code) = (row.event.code(), row.detail.as_deref());
            crate::log_bounded!(warn, reset = %reset.id(), outcome, code, "message bounced after the transport accepted \
                 it");
        }
        self.resets.store.record(&row.of(reset)).await
    }

    pub(crate) async fn recently_recovered(&self, account: &AccountId, within: Duration) -> Result<bool, PortError> {
        let since = crate::time::earlier(self.resets.now(), within);
        let rows = self.resets.history(account, RECOVERED_LOOKS_BACK).await?;
        let is_cut = rows.len() >= usize::try_from(RECOVERED_LOOKS_BACK).unwrap_or(usize::MAX);
        let recovered = rows
            .iter()
            .take_while(|row| row.at >= since)
            .any(|row| row.event == AuditEvent::PasswordSet && row.channel != Some(Channel::CurrentPassword));
        Ok(recovered || (is_cut && rows.last().is_some_and(|oldest| oldest.at >= since)))
    }

    /// What happened to a reset, newest first, as far back as is looked.
    async fn trail(&self, reset: &Reset) -> Result<Vec<AuditRow>, PortError> {
        let Some(account) = reset.account() else { return Ok(Vec::new()) };
        let mut rows = self.resets.history(account, LOOKS_BACK).await?;
        rows.retain(|row| row.reset == Some(reset.id()));
        Ok(rows)
    }
}

/// The contact that a report about a reset's message is of: the one that its messages went to. `None` when they went to
/// several, for a report does not say which.
fn only_contact(rows: &[AuditRow]) -> Option<Digest> {
    let mut contacts = rows.iter().filter_map(|row| row.contact);
    let first = contacts.next();
    first.filter(|first| contacts.all(|other| other == *first))
}
