//! A notifier that records messages, so that a test can play their reader.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use password_reset::ports::{Delivery, Notifier};
use password_reset::{ContactKind, Message, PortError};
use tokio::sync::watch;

use crate::sent::Sent;

/// A [`Notifier`] that records messages and gives the configured answers. Clones share their state.
///
/// It answers [`Delivery::Delivered`] unless the test queued another answer with [`later`](Self::later),
/// [`never`](Self::never), [`no_such_contact`](Self::no_such_contact) or [`stall`](Self::stall). It answers
/// [`Delivery::Never`] to a message for a kind of contact that it does not reach, and does not record it.
#[derive(Clone)]
pub struct RecordingNotifier {
    reaches: ContactKind,
    // Every message to deliver, whatever the answer was.
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

    /// The delivered messages, oldest first.
    #[must_use]
    pub fn delivered(&self) -> Vec<Sent> {
        self.tried.borrow().iter().filter(|sent| sent.delivered).cloned().collect()
    }

    /// All messages to deliver, whatever the answer was, oldest first.
    #[must_use]
    pub fn tried(&self) -> Vec<Sent> {
        self.tried.borrow().clone()
    }

    /// The last delivered message.
    #[must_use]
    pub fn last(&self) -> Option<Sent> {
        self.delivered().pop()
    }

    /// Returns all delivered messages as soon as there are at least `count`.
    pub async fn until_delivered(&self, count: usize) -> Vec<Sent> {
        let enough = |tried: &Vec<Sent>| tried.iter().filter(|sent| sent.delivered).count() >= count;
        // `self` holds the sender, so the channel stays open.
        self.tried.subscribe().wait_for(enough).await.map(drop).unwrap_or_default();
        self.delivered()
    }

    /// Queues the answer [`Delivery::Delivered`], to stand between others.
    pub fn deliver_next(&self) {
        self.answers().push_back(Answer::Delivered);
    }

    /// Queues the answer [`Delivery::Later`].
    pub fn later(&self, after: Option<Duration>) {
        self.answers().push_back(Answer::Later(after));
    }

    /// Queues the answer [`Delivery::Later`] with a permanent error and this code.
    pub fn later_until_corrected(&self, code: impl Into<String>) {
        self.answers().push_back(Answer::UntilCorrected(code.into()));
    }

    /// Queues the answer [`Delivery::Never`].
    pub fn never(&self, why: impl Into<String>) {
        self.answers().push_back(Answer::Never(why.into()));
    }

    /// Queues the answer [`Delivery::NoSuchContact`].
    pub fn no_such_contact(&self, why: impl Into<String>) {
        self.answers().push_back(Answer::NoSuchContact(why.into()));
    }

    /// Queues a delivery that waits for [`Stall::release`] before it succeeds.
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
            return Delivery::Never { why: "this notifier does not reach this kind of contact".to_owned() };
        }
        let answer = self.answers().pop_front().unwrap_or(Answer::Delivered);
        match answer {
            Answer::Delivered => {}
            Answer::Later(after) => {
                self.keep(message, false);
                return Delivery::Later { after, why: PortError::transient("the test asked for a later delivery") };
            }
            Answer::UntilCorrected(code) => {
                self.keep(message, false);
                let why = PortError::permanent("the test asked for a refusal of the service").with_code(code);
                return Delivery::Later { after: None, why };
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
                // A stall that was released before its delivery does not wait.
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
    UntilCorrected(String),
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

/// Blocks one delivery, so that a test can act while it is in flight. Dropping the stall unblocks it.
pub struct Stall(Arc<watch::Sender<Stalled>>);

impl Stall {
    /// Returns as soon as the delivery is blocked.
    pub async fn reached(&self) {
        self.0.subscribe().wait_for(|at| *at != Stalled::Ahead).await.map(drop).unwrap_or_default();
    }

    /// Unblocks the delivery.
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

#[cfg(test)]
mod tests {
    use password_reset::Contact;

    use super::*;
    use crate::sample;

    fn message() -> Message {
        sample::link_message(Contact::email("ana@example.com"))
    }

    #[tokio::test]
    async fn queued_answers_come_first_and_then_it_delivers() {
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
    async fn a_stalled_delivery_waits_for_its_release() {
        let notifier = RecordingNotifier::new();
        let stall = notifier.stall();
        let delivery = tokio::spawn({
            let notifier = notifier.clone();
            async move { notifier.deliver(&message()).await }
        });
        stall.reached().await;
        assert!(notifier.tried().is_empty() && !delivery.is_finished());
        assert!(matches!(notifier.deliver(&message()).await, Delivery::Delivered), "only one delivery is blocked");
        stall.release();
        assert!(matches!(delivery.await.unwrap(), Delivery::Delivered));
        assert_eq!(notifier.until_delivered(2).await.len(), 2);
    }

    #[tokio::test]
    async fn a_stall_that_was_dropped_before_its_delivery_does_not_block() {
        let notifier = RecordingNotifier::new();
        drop(notifier.stall());
        assert!(matches!(notifier.deliver(&message()).await, Delivery::Delivered));
    }
}
