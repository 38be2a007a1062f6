//! Sending links and codes.

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::audit::{AuditEvent, AuditRow, EXPIRED};
use crate::flow::channel::{Channel, InboundMode};
use crate::flow::reset::{Binding, Reset};
use crate::flow::state::State;
use crate::flow::tasks::Tasks;
use crate::identity::account::{Account, ContactKind};
use crate::message::{CodeKind, CodeMessage, LinkKind, LinkMessage, Message, MessageBody, SecretUrl};
use crate::ports::{Ack, Delivery, LoadedAccount};
use crate::resets::Resets;
use crate::resets::delivering::Delivering;
use crate::secret::MessageName;
use crate::worker::listing::Listing;
use crate::worker::outcome::{TaskOutcome, backoff};

/// Runs the tasks that send links and codes.
#[derive(Debug)]
pub(crate) struct Sending {
    pub(crate) resets: Arc<Resets>,
    pub(crate) delivering: Arc<Delivering>,
    pub(crate) listing: Listing,
}

impl Sending {
    /// Sends the message of an issued reset, and a mail in its place where it is a code that no phone gets.
    pub(crate) async fn send(
        &self,
        reset: &Reset,
        found: Vec<Account>,
        ack: &mut Ack,
    ) -> Result<TaskOutcome, PortError> {
        let before = ack.audit.len();
        let outcome = self.send_to_its_contact(reset, found, ack).await?;
        let failed = |row: &AuditRow| matches!(row.event, AuditEvent::NoSuchContact | AuditEvent::SendFailed);
        if ack.audit.iter().skip(before).any(failed) && self.listing.issuing.mail_instead(reset.id()).await? {
            // No code went out, so there is nothing to notify the other contacts of.
            ack.done = ack.done.and(Tasks::LIVE_NOTICES);
        }
        Ok(outcome)
    }

    /// Sends the message of an issued reset; the same message, with the same secrets, each time.
    ///
    /// It goes to the contact for which the reset was issued, so that the row says where its secrets went. `found` is the
    /// account, where the reset was issued a moment ago, and those that may stand in its mail: looking them up again would be a
    /// statement that only known accounts cost (I5).
    async fn send_to_its_contact(
        &self,
        reset: &Reset,
        found: Vec<Account>,
        ack: &mut Ack,
    ) -> Result<TaskOutcome, PortError> {
        let now = self.resets.now();
        let Some(binding) = reset.binding() else { return Ok(TaskOutcome::Done) };
        if now >= binding.link_until() {
            self.delivering.lines.expired(reset);
            ack.audit.push(AuditRow::new(now, AuditEvent::SendFailed).of(reset).detail(EXPIRED));
            return Ok(TaskOutcome::Done);
        }
        let is_fresh = !found.is_empty();
        let mut found = found.into_iter();
        let (first, others) = (found.next(), is_fresh.then(|| found.collect()));
        let account = match first {
            Some(found) => Some(found),
            None => self.resets.account_as_it_was(reset, LoadedAccount::Elsewhere, now).await?,
        };
        let Some(account) = account else { return Ok(TaskOutcome::Done) };
        let found = self
            .delivering
            .first_contact(&account, reset, binding)?
            .and_then(|to| Some((to, self.delivering.transport(to.kind())?)));
        let Some((to, transport)) = found else {
            ack.audit.push(AuditRow::new(now, AuditEvent::SendFailed).of(reset).detail("no_contact"));
            return Ok(TaskOutcome::Done);
        };
        if let Some(left) = self.listing.leaves_to_another(reset, &account, to).await? {
            return Ok(left);
        }
        // A phone gets the code alone, unless an administrator asked, and nothing is sent once that has expired.
        let until = match to.kind() {
            ContactKind::Phone if reset.channel() != Channel::AdminLink => binding.code_until(),
            ContactKind::Phone | ContactKind::Email => binding.link_until(),
        };
        if now >= until {
            self.delivering.lines.expired(reset);
            ack.audit.push(AuditRow::new(now, AuditEvent::SendFailed).of(reset).detail(EXPIRED));
            return Ok(TaskOutcome::Done);
        }
        let others = self.listing.others(reset, &account, to, others).await?;
        let body = match others.as_slice() {
            [] => self.body(reset, binding, to.kind())?,
            others => self.listing.body(reset, &account, others)?,
        };
        let id = self.resets.secrets.message_id(reset, MessageName::Reset)?;
        let message = Message::new(id, reset.id(), to.clone(), reset.locale(), self.resets.site.clone(), body);
        let message = if others.is_empty() { message.about(&account) } else { message };
        let delivery = self.delivering.deliver(transport, &message).await;
        let before = ack.audit.len();
        let to = self.resets.secrets.digests.contact(account.id(), to);
        let outcome = self.sent(reset, to, delivery, until, ack);
        let said = self.listing.said_of(&others, ack.audit.get(before..).unwrap_or_default());
        ack.audit.extend(said);
        Ok(outcome)
    }

    /// Puts on record what became of a message that is worth sending until a time.
    fn sent(&self, reset: &Reset, to: Digest, delivery: Delivery, until: DateTime<Utc>, ack: &mut Ack) -> TaskOutcome {
        let at = self.resets.now();
        let said = |event| AuditRow::new(at, event).of(reset).contact(to);
        match delivery {
            Delivery::Delivered => {
                ack.audit.push(said(AuditEvent::Sent));
                TaskOutcome::Done
            }
            Delivery::NoSuchContact { why } => {
                ack.audit.push(said(AuditEvent::NoSuchContact).detail(why));
                TaskOutcome::Done
            }
            Delivery::Never { why } => {
                ack.audit.push(said(AuditEvent::SendFailed).detail(why));
                TaskOutcome::Done
            }
            Delivery::Later { after, why } => {
                // What lasts until the operator corrects it stands there each time, with its newest reason.
                if reset.delivery_attempts() == 0 || !why.is_transient() {
                    let mut row = said(AuditEvent::SendDelayed);
                    row.detail = why.code().map(str::to_owned);
                    ack.audit.push(row);
                }
                let wait = after.unwrap_or_default().max(backoff(reset.delivery_attempts()));
                if wait >= crate::time::until(at, until) {
                    // It is good for nothing by then.
                    self.delivering.lines.expired(reset);
                    let why = why.code().map_or_else(|| EXPIRED.to_owned(), |code| format!("{EXPIRED} {code}"));
                    ack.audit.push(said(AuditEvent::SendFailed).detail(why));
                    return TaskOutcome::Done;
                }
                TaskOutcome::Later(wait)
            }
        }
    }

    /// Sends the code of a step-up to another contact than the first came by; the same code each time.
    pub(crate) async fn send_step_up(&self, reset: &Reset, ack: &mut Ack) -> Result<TaskOutcome, PortError> {
        let now = self.resets.now();
        let (State::AwaitingCode, Some(binding)) = (reset.state(), reset.binding()) else {
            return Ok(TaskOutcome::Done);
        };
        if now >= binding.code_until() {
            self.delivering.lines.expired(reset);
            ack.audit.push(AuditRow::new(now, AuditEvent::SendFailed).of(reset).detail(EXPIRED));
            return Ok(TaskOutcome::Done);
        }
        let Some(account) = self.resets.account_as_it_was(reset, LoadedAccount::Elsewhere, now).await? else {
            return Ok(TaskOutcome::Done);
        };
        let found = self
            .delivering
            .step_up_contact(reset, &account)
            .await?
            .and_then(|to| Some((to, self.delivering.transport(to.kind())?)));
        let Some((to, transport)) = found else {
            ack.audit.push(AuditRow::new(now, AuditEvent::SendFailed).of(reset).detail("no_step_up_contact"));
            return Ok(TaskOutcome::Done);
        };
        let lives = self.resets.lifetimes.whatsapp.min(self.resets.lifetimes.code);
        let code = self.resets.secrets.code(CodeKind::StepUp, reset, binding)?;
        let cancel = self.delivering.cancel_url(reset, binding)?;
        let mut body = CodeMessage::new(CodeKind::StepUp, code, lives, cancel, reset.created_at());
        body.device = reset.requester_device().map(str::to_owned);
        let id = self.resets.secrets.message_id(reset, MessageName::StepUp(binding))?;
        let (locale, body) = (reset.locale(), MessageBody::Code(body));
        let message = Message::new(id, reset.id(), to.clone(), locale, self.resets.site.clone(), body).about(&account);
        let delivery = self.delivering.deliver(transport, &message).await;
        let to = self.resets.secrets.digests.contact(account.id(), to);
        Ok(self.sent(reset, to, delivery, binding.code_until(), ack))
    }

    /// The body of a reset's message; the same each time it is made.
    fn body(&self, reset: &Reset, binding: &Binding, to: ContactKind) -> Result<MessageBody, PortError> {
        match reset.channel() {
            Channel::WhatsAppCode => self.code_body(CodeKind::Reset, reset, binding),
            // The mailbox does not exist; the code alone goes to the phone, and is typed where the other would be.
            Channel::EmailLink if to == ContactKind::Phone => self.code_body(CodeKind::Reset, reset, binding),
            Channel::WhatsAppInbound(InboundMode::ContinueOnPhone) => self.link_body(LinkKind::Reply, reset, binding),
            Channel::WhatsAppInbound(_) => self.code_body(CodeKind::Reply, reset, binding),
            Channel::AdminLink => self.link_body(LinkKind::Admin, reset, binding),
            _ if reset.is_of_one_account() => self.link_body(LinkKind::ResetWithoutCode, reset, binding),
            Channel::EmailLink | Channel::CurrentPassword => {
                let code = self.resets.secrets.code(CodeKind::Reset, reset, binding)?;
                let code_lives = crate::time::until(binding.issued_at(), binding.code_until());
                self.link_body(LinkKind::Reset { code, code_lives }, reset, binding)
            }
        }
    }

    fn link_body(&self, kind: LinkKind, reset: &Reset, binding: &Binding) -> Result<MessageBody, PortError> {
        let link = self.resets.secrets.link(reset, binding)?;
        let link = SecretUrl::new(&self.resets.site, "link", link.expose());
        // A reply's link lives from the inbound message, not from when the binding was issued.
        let lives = match kind {
            LinkKind::Reply => self.resets.lifetimes.whatsapp,
            _ => crate::time::until(binding.issued_at(), binding.link_until()),
        };
        let cancel = self.delivering.cancel_url(reset, binding)?;
        let mut body = LinkMessage::new(kind, link, lives, cancel, reset.created_at());
        body.device = reset.requester_device().map(str::to_owned);
        Ok(MessageBody::Link(body))
    }

    fn code_body(&self, kind: CodeKind, reset: &Reset, binding: &Binding) -> Result<MessageBody, PortError> {
        let code = self.resets.secrets.code(kind, reset, binding)?;
        let cancel = self.delivering.cancel_url(reset, binding)?;
        let mut body = CodeMessage::new(kind, code, self.resets.lifetimes.whatsapp, cancel, reset.created_at());
        body.device = reset.requester_device().map(str::to_owned);
        Ok(MessageBody::Code(body))
    }
}
