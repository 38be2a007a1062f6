//! A notifier that keeps what it is given, so that a test can play the person who reads it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::ports::{Delivery, Notifier};
use password_reset::{Channel, Contact, ContactKind, Locale, Message, MessageBody, PortError};
use tokio::sync::watch;

/// A [`Notifier`] that keeps what it is given, and answers as it was told to. Clones are the same notifier.
///
/// It answers [`Delivery::Delivered`] unless the next answer was set by [`later`](Self::later),
/// [`never`](Self::never) or [`stall`](Self::stall). A message to a kind of contact that it does not reach is answered
/// with [`Delivery::Never`] and not kept.
#[derive(Clone)]
pub struct RecordingNotifier {
    reaches: ContactKind,
    // Every message it was asked to deliver, whatever the answer was.
    tried: Arc<watch::Sender<Vec<Sent>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl RecordingNotifier {
    /// A notifier that reaches mailboxes.
    #[must_use]
    pub fn new() -> Self {
        Self::reaching(ContactKind::Email)
    }

    /// A notifier that reaches a kind of contact.
    #[must_use]
    pub fn reaching(reaches: ContactKind) -> Self {
        Self { reaches, tried: Arc::new(watch::Sender::new(Vec::new())), answers: Arc::default() }
    }

    /// Everything that was delivered, oldest first.
    #[must_use]
    pub fn delivered(&self) -> Vec<Sent> {
        self.tried.borrow().iter().filter(|sent| sent.delivered).cloned().collect()
    }

    /// Everything that it was asked to deliver, whatever it answered, oldest first.
    #[must_use]
    pub fn tried(&self) -> Vec<Sent> {
        self.tried.borrow().clone()
    }

    /// The message that was delivered last.
    #[must_use]
    pub fn last(&self) -> Option<Sent> {
        self.delivered().pop()
    }

    /// Returns as soon as at least `count` messages were delivered since the beginning, with all of them.
    pub async fn until_delivered(&self, count: usize) -> Vec<Sent> {
        let enough = |tried: &Vec<Sent>| tried.iter().filter(|sent| sent.delivered).count() >= count;
        // The sender is held by `self`, so waiting cannot end for want of one.
        self.tried.subscribe().wait_for(enough).await.map(drop).unwrap_or_default();
        self.delivered()
    }

    /// The next message without an answer gets [`Delivery::Delivered`]; to put between others.
    pub fn deliver_next(&self) {
        self.answers().push_back(Answer::Delivered);
    }

    /// The next message without an answer gets [`Delivery::Later`].
    pub fn later(&self, after: Option<Duration>) {
        self.answers().push_back(Answer::Later(after));
    }

    /// The next message without an answer gets [`Delivery::Never`].
    pub fn never(&self, why: impl Into<String>) {
        self.answers().push_back(Answer::Never(why.into()));
    }

    /// The next message without an answer gets [`Delivery::NoSuchContact`].
    pub fn no_such_contact(&self, why: impl Into<String>) {
        self.answers().push_back(Answer::NoSuchContact(why.into()));
    }

    /// The next message without an answer is held until [`Stall::release`], and then delivered.
    #[must_use = "the delivery waits until the stall is released or dropped"]
    pub fn stall(&self) -> Stall {
        let stall = Arc::new(watch::Sender::new(Stalled::Ahead));
        self.answers().push_back(Answer::Stall(Arc::clone(&stall)));
        Stall(stall)
    }

    fn answers(&self) -> MutexGuard<'_, VecDeque<Answer>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, message: &Message, delivered: bool) {
        let sent = Sent::new(message, delivered);
        self.tried.send_modify(|tried| tried.push(sent));
    }
}

impl Default for RecordingNotifier {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RecordingNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingNotifier")
            .field("reaches", &self.reaches)
            .field("tried", &self.tried.borrow().len())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Notifier for RecordingNotifier {
    fn reaches(&self) -> ContactKind {
        self.reaches
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        if message.to().kind() != self.reaches {
            return Delivery::Never { why: "not a contact that this notifier reaches".to_owned() };
        }
        let answer = self.answers().pop_front().unwrap_or(Answer::Delivered);
        match answer {
            Answer::Delivered => {}
            Answer::Later(after) => {
                self.keep(message, false);
                return Delivery::Later { after, why: PortError::transient("the test said: later") };
            }
            Answer::NoSuchContact(why) => {
                self.keep(message, false);
                return Delivery::NoSuchContact { why };
            }
            Answer::Never(why) => {
                self.keep(message, false);
                return Delivery::Never { why };
            }
            Answer::Stall(stall) => {
                // One that was released before it was reached holds nothing.
                stall.send_if_modified(|at| {
                    let ahead = *at == Stalled::Ahead;
                    if ahead {
                        *at = Stalled::Reached;
                    }
                    ahead
                });
                stall.subscribe().wait_for(|at| *at == Stalled::Released).await.map(drop).unwrap_or_default();
            }
        }
        self.keep(message, true);
        Delivery::Delivered
    }
}

enum Answer {
    Delivered,
    Later(Option<Duration>),
    NoSuchContact(String),
    Never(String),
    Stall(Arc<watch::Sender<Stalled>>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stalled {
    Ahead,
    Reached,
    Released,
}

/// Holds one delivery, so that a test can do something while it is under way. Dropping it lets the delivery go on.
pub struct Stall(Arc<watch::Sender<Stalled>>);

impl Stall {
    /// Returns as soon as the delivery is being held.
    pub async fn reached(&self) {
        self.0.subscribe().wait_for(|at| *at != Stalled::Ahead).await.map(drop).unwrap_or_default();
    }

    /// Lets the delivery go on.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for Stall {
    fn drop(&mut self) {
        self.0.send_replace(Stalled::Released);
    }
}

impl fmt::Debug for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stall").finish_non_exhaustive()
    }
}

/// A message as it was handed to a [`RecordingNotifier`], secrets and all. `Debug` shows neither secrets nor addresses.
#[derive(Clone)]
#[non_exhaustive]
pub struct Sent {
    /// The message's id, in hexadecimal.
    pub id: String,
    /// The one recipient.
    pub to: Contact,
    /// The language.
    pub locale: Locale,
    /// What it says.
    pub body: SentBody,
    /// Whether it was answered with [`Delivery::Delivered`].
    pub delivered: bool,
}

/// What a kept message says.
#[derive(Clone)]
#[non_exhaustive]
pub enum SentBody {
    /// A link and a code.
    ResetLink {
        /// The whole URL of the link.
        link: String,
        /// The code.
        code: String,
        /// The whole URL of "this was not me".
        cancel: String,
        /// How long the link lives.
        link_lives: Duration,
        /// How long the code lives.
        code_lives: Duration,
    },
    /// A notice that the password was changed.
    PasswordChanged {
        /// When.
        at: DateTime<Utc>,
        /// Where somebody starts a reset.
        ask_url: String,
        /// How it was proved whose account it is.
        by: Option<Channel>,
        /// From where.
        device: Option<String>,
        /// The whole URL by which it is disowned, if it carries one.
        lock: Option<String>,
    },
    /// A link that an administrator asked for.
    AdminLink {
        /// The whole URL of the link.
        link: String,
        /// The whole URL of "this was not me".
        cancel: String,
        /// How long the link lives.
        link_lives: Duration,
    },
    /// A notice that an administrator asked for a reset.
    AdminAsked {
        /// When.
        at: DateTime<Utc>,
        /// "This was not me."
        cancel: String,
    },
    /// A notice that a code went to the phone.
    CodeAsked {
        /// When it was asked for.
        at: DateTime<Utc>,
        /// "This was not me."
        cancel: String,
    },
    /// A notice that a contact was changed.
    ContactChanged {
        /// When.
        at: DateTime<Utc>,
    },
    /// A notice that an account is frozen.
    AccountLocked {
        /// When its owner disowned the password.
        at: DateTime<Utc>,
        /// How that was proved.
        by: Channel,
    },
    /// The message that asks to confirm a new contact.
    ConfirmContact {
        /// The whole URL of the link.
        link: String,
        /// How long it lives.
        lives: Duration,
    },
    /// A notice that a reset was cancelled.
    ResetCancelled {
        /// When the reset was asked for.
        asked_at: DateTime<Utc>,
        /// Where somebody starts another.
        ask_url: String,
    },
    /// A code alone: sent, or as the reply to a message.
    Code {
        /// The digits.
        code: String,
        /// Whether it answers a message.
        reply: bool,
        /// How long it lives.
        lives: Duration,
    },
    /// The code of a second proof.
    StepUpCode {
        /// The digits.
        code: String,
        /// How long it lives.
        lives: Duration,
        /// The whole URL of "this was not me".
        cancel: String,
    },
    /// The reply to a message, with a link.
    ReplyLink {
        /// The link.
        link: String,
        /// How long it lives.
        lives: Duration,
    },
    /// A notice that a message proved a reset.
    ResetProved {
        /// When.
        at: DateTime<Utc>,
        /// "This was not me."
        cancel: String,
    },
    /// A kind of message that is newer than this testkit.
    Other,
}

impl Sent {
    fn new(message: &Message, delivered: bool) -> Self {
        let body = match message.body() {
            MessageBody::ResetLink(parts) => SentBody::ResetLink {
                link: parts.link.expose().to_owned(),
                code: parts.code.expose().as_str().to_owned(),
                cancel: parts.cancel.expose().to_owned(),
                link_lives: parts.link_lives,
                code_lives: parts.code_lives,
            },
            MessageBody::PasswordChanged(parts) => SentBody::PasswordChanged {
                at: parts.at,
                ask_url: parts.ask_url.clone(),
                by: parts.by,
                device: parts.device.clone(),
                lock: parts.lock.as_ref().map(|lock| lock.url.expose().to_owned()),
            },
            MessageBody::AdminLink(parts) => SentBody::AdminLink {
                link: parts.link.expose().to_owned(),
                cancel: parts.cancel.expose().to_owned(),
                link_lives: parts.link_lives,
            },
            MessageBody::StepUpCode(parts) => SentBody::StepUpCode {
                code: parts.code.expose().as_str().to_owned(),
                lives: parts.lives,
                cancel: parts.cancel.expose().to_owned(),
            },
            MessageBody::ContactChanged(parts) => SentBody::ContactChanged { at: parts.at },
            MessageBody::AccountLocked(parts) => SentBody::AccountLocked { at: parts.at, by: parts.by },
            MessageBody::ConfirmContact(parts) => {
                SentBody::ConfirmContact { link: parts.link.expose().to_owned(), lives: parts.lives }
            }
            MessageBody::CodeAsked(parts) => {
                SentBody::CodeAsked { at: parts.at, cancel: parts.cancel.expose().to_owned() }
            }
            MessageBody::AdminAsked(parts) => {
                SentBody::AdminAsked { at: parts.at, cancel: parts.cancel.expose().to_owned() }
            }
            MessageBody::ResetCancelled(parts) => {
                SentBody::ResetCancelled { asked_at: parts.asked_at, ask_url: parts.ask_url.clone() }
            }
            MessageBody::Code(parts) | MessageBody::ReplyCode(parts) => SentBody::Code {
                code: parts.code.expose().as_str().to_owned(),
                reply: matches!(message.body(), MessageBody::ReplyCode(_)),
                lives: parts.lives,
            },
            MessageBody::ReplyLink(parts) => {
                SentBody::ReplyLink { link: parts.link.expose().to_owned(), lives: parts.lives }
            }
            MessageBody::ResetProved(parts) => {
                SentBody::ResetProved { at: parts.at, cancel: parts.cancel.expose().to_owned() }
            }
            _ => SentBody::Other,
        };
        let id = message.id().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { id, to: message.to().clone(), locale: message.locale(), body, delivered }
    }

    /// The name of its kind: `reset_link`, `admin_link`, `code`, `reply_code`, `reply_link`, `step_up_code`,
    /// `reset_proved`,
    /// `admin_asked`, `reset_cancelled`, `password_changed`, `account_locked`, `contact_changed`, `confirm_contact`, or
    /// `other`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.body {
            SentBody::ResetLink { .. } => "reset_link",
            SentBody::PasswordChanged { .. } => "password_changed",
            SentBody::Code { reply: false, .. } => "code",
            SentBody::Code { reply: true, .. } => "reply_code",
            SentBody::ReplyLink { .. } => "reply_link",
            SentBody::ResetProved { .. } => "reset_proved",
            SentBody::ContactChanged { .. } => "contact_changed",
            SentBody::AccountLocked { .. } => "account_locked",
            SentBody::ConfirmContact { .. } => "confirm_contact",
            SentBody::StepUpCode { .. } => "step_up_code",
            SentBody::AdminLink { .. } => "admin_link",
            SentBody::CodeAsked { .. } => "code_asked",
            SentBody::AdminAsked { .. } => "admin_asked",
            SentBody::ResetCancelled { .. } => "reset_cancelled",
            SentBody::Other => "other",
        }
    }

    /// The whole URL of the link, if it has one.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        match &self.body {
            SentBody::ResetLink { link, .. }
            | SentBody::ReplyLink { link, .. }
            | SentBody::AdminLink { link, .. }
            | SentBody::ConfirmContact { link, .. } => Some(link),
            _ => None,
        }
    }

    /// The secret of the link: what comes after `#`, as [`LinkToken::parse`](password_reset::LinkToken::parse) takes
    /// it.
    #[must_use]
    pub fn link_secret(&self) -> Option<&str> {
        self.link().and_then(fragment)
    }

    /// The code, if it has one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match &self.body {
            SentBody::ResetLink { code, .. } | SentBody::Code { code, .. } | SentBody::StepUpCode { code, .. } => {
                Some(code)
            }
            _ => None,
        }
    }

    /// The secret by which a password is disowned, as [`LockToken::parse`](password_reset::LockToken::parse) takes it.
    #[must_use]
    pub fn lock_secret(&self) -> Option<&str> {
        match &self.body {
            SentBody::PasswordChanged { lock: Some(lock), .. } => fragment(lock),
            _ => None,
        }
    }

    /// The whole URL of "this was not me", if it has one.
    #[must_use]
    pub fn cancel(&self) -> Option<&str> {
        match &self.body {
            SentBody::ResetLink { cancel, .. }
            | SentBody::ResetProved { cancel, .. }
            | SentBody::AdminLink { cancel, .. }
            | SentBody::StepUpCode { cancel, .. }
            | SentBody::CodeAsked { cancel, .. }
            | SentBody::AdminAsked { cancel, .. } => Some(cancel),
            _ => None,
        }
    }

    /// The secret of "this was not me", as [`CancelToken::parse`](password_reset::CancelToken::parse) takes it.
    #[must_use]
    pub fn cancel_secret(&self) -> Option<&str> {
        self.cancel().and_then(fragment)
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent")
            .field("kind", &self.kind())
            .field("to", &self.to)
            .field("locale", &self.locale)
            .field("delivered", &self.delivered)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SentBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SentBody(…)")
    }
}

fn fragment(url: &str) -> Option<&str> {
    url.split_once('#').map(|(_, secret)| secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn message() -> Message {
        sample::link_message(Contact::email("ana@example.com"))
    }

    #[tokio::test]
    async fn it_answers_what_it_was_told_and_then_delivers() {
        let notifier = RecordingNotifier::new();
        notifier.later(Some(Duration::from_secs(9)));
        notifier.deliver_next();
        notifier.never("550");
        let later = notifier.deliver(&message()).await;
        assert!(matches!(later, Delivery::Later { after: Some(after), .. } if after.as_secs() == 9));
        assert!(matches!(notifier.deliver(&message()).await, Delivery::Delivered));
        assert!(matches!(notifier.deliver(&message()).await, Delivery::Never { why } if why == "550"));
        assert!(matches!(notifier.deliver(&message()).await, Delivery::Delivered));
        assert_eq!((notifier.tried().len(), notifier.delivered().len()), (4, 2));
    }

    #[tokio::test]
    async fn what_was_sent_can_be_read_but_not_by_accident() {
        let notifier = RecordingNotifier::new();
        assert!(matches!(notifier.deliver(&message()).await, Delivery::Delivered));
        let sent = notifier.last().unwrap();
        assert_eq!(sent.code(), Some("01234567"));
        assert_eq!(sent.link_secret(), Some("no-secret-at-all"));
        assert_eq!(sent.cancel_secret(), Some("no-secret-either"));
        assert_eq!(sent.link(), Some("https://toko.example/reset/link#no-secret-at-all"));
        assert_eq!((sent.kind(), sent.to.value(), sent.id.len()), ("reset_link", "ana@example.com", 64));
        let shown = format!("{sent:?} {:?} {notifier:?}", sent.body);
        for hidden in ["01234567", "secret", "ana@"] {
            assert!(!shown.contains(hidden), "Debug shows {hidden}");
        }
    }

    #[tokio::test]
    async fn a_stalled_delivery_waits_for_its_release() {
        let notifier = RecordingNotifier::new();
        let stall = notifier.stall();
        let delivery = tokio::spawn({
            let notifier = notifier.clone();
            async move { notifier.deliver(&message()).await }
        });
        stall.reached().await;
        assert!(notifier.tried().is_empty() && !delivery.is_finished());
        assert!(matches!(notifier.deliver(&message()).await, Delivery::Delivered), "only one is held");
        stall.release();
        assert!(matches!(delivery.await.unwrap(), Delivery::Delivered));
        assert_eq!(notifier.until_delivered(2).await.len(), 2);
    }

    #[tokio::test]
    async fn a_stall_that_was_dropped_before_its_delivery_holds_nothing() {
        let notifier = RecordingNotifier::new();
        drop(notifier.stall());
        assert!(matches!(notifier.deliver(&message()).await, Delivery::Delivered));
    }
}
