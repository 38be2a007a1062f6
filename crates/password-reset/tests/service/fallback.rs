//! Two notifiers, of which the second sends what the first cannot.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use password_reset::ports::{Clock, Delivery, Fallback, Notifier};
use password_reset::{Contact, ContactKind, Message, PortError, async_trait};
use password_reset_testkit::{FakeClock, Log, RecordingNotifier, sample};
use tracing::Level;

/// What one of the two does with a message.
#[derive(Debug)]
enum Does {
    Sends,
    Busy(Option<u64>),
    Broken,
    NoSuchContact,
    Never,
    Panics,
    Hangs,
}

/// Does what it was told, and then sends.
#[derive(Clone, Debug, Default)]
struct Scripted(Arc<Mutex<(VecDeque<Does>, usize)>>);

impl Scripted {
    fn then(&self, does: Does) {
        self.0.lock().unwrap().0.push_back(does);
    }

    /// How often it was asked since the last call.
    fn asked(&self) -> usize {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }
}

#[async_trait]
impl Notifier for Scripted {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, _message: &Message) -> Delivery {
        let does = {
            let mut script = self.0.lock().unwrap();
            script.1 += 1;
            script.0.pop_front().unwrap_or(Does::Sends)
        };
        let later = |after, why| Delivery::Later { after, why };
        match does {
            Does::Sends => Delivery::Delivered,
            Does::Busy(after) => later(after.map(Duration::from_secs), PortError::transient("busy").with_code("451")),
            Does::Broken => later(None, PortError::permanent("the key is wrong").with_code("HTTP 401")),
            Does::NoSuchContact => Delivery::NoSuchContact { why: "550 5.1.1".to_owned() },
            Does::Never => Delivery::Never { why: "552 5.2.2".to_owned() },
            Does::Panics => panic!("made up"),
            Does::Hangs => std::future::pending().await,
        }
    }
}

struct Both {
    first: Scripted,
    second: Scripted,
    clock: FakeClock,
    fallback: Arc<Fallback>,
}

impl Both {
    fn new() -> Self {
        let (first, second, clock) = (Scripted::default(), Scripted::default(), FakeClock::default());
        let fallback = Fallback::new(first.clone(), second.clone()).unwrap().with_clock(Arc::new(clock.clone()));
        Self { first, second, clock, fallback: Arc::new(fallback) }
    }

    async fn send(&self) -> Delivery {
        self.fallback.deliver(&sample::link_message(Contact::email("ani@example.com"))).await
    }

    fn asked(&self) -> (usize, usize) {
        (self.first.asked(), self.second.asked())
    }
}

#[tokio::test]
async fn the_second_sends_what_the_first_cannot_send_now() {
    for does in [Does::Busy(None), Does::Busy(Some(600)), Does::Broken, Does::Panics] {
        let both = Both::new();
        assert!(matches!(both.send().await, Delivery::Delivered));
        assert_eq!(both.asked(), (1, 0), "the second is not asked without a need");
        let shown = format!("{does:?}");
        both.first.then(does);
        assert!(matches!(both.send().await, Delivery::Delivered), "{shown}");
        assert_eq!(both.asked(), (1, 1), "{shown}");
    }
}

#[tokio::test]
async fn what_the_first_says_of_the_recipient_is_the_answer() {
    let both = Both::new();
    both.first.then(Does::NoSuchContact);
    assert!(matches!(both.send().await, Delivery::NoSuchContact { why } if why == "550 5.1.1"));
    both.first.then(Does::Never);
    assert!(matches!(both.send().await, Delivery::Never { why } if why == "552 5.2.2"));
    assert_eq!(both.asked(), (2, 0));
    // And what the second says, when it was asked.
    both.first.then(Does::Busy(None));
    both.second.then(Does::NoSuchContact);
    assert!(matches!(both.send().await, Delivery::NoSuchContact { .. }));
}

#[tokio::test]
async fn a_first_that_cannot_send_rests_and_is_then_tried_by_one_message() {
    let both = Both::new();
    both.first.then(Does::Busy(None));
    both.send().await;
    assert_eq!(both.asked(), (1, 1));
    for _ in 0..5 {
        assert!(matches!(both.send().await, Delivery::Delivered));
    }
    assert_eq!(both.asked(), (0, 5), "no message waits for the first while it rests");
    // In doubt the resting one is asked, too.
    both.second.then(Does::Busy(None));
    both.first.then(Does::Busy(None));
    assert!(matches!(both.send().await, Delivery::Later { .. }));
    assert_eq!(both.asked(), (1, 1));

    both.clock.advance(Duration::from_secs(31));
    both.first.then(Does::Busy(None));
    both.send().await;
    assert_eq!(both.asked(), (1, 1), "it is tried again, and rests again");
    both.send().await;
    assert_eq!(both.asked(), (0, 1));
    both.clock.advance(Duration::from_secs(31));
    both.send().await;
    both.send().await;
    assert_eq!(both.asked(), (2, 0), "it sends again");
    // A clock that is set back does not let it rest for so long.
    both.first.then(Does::Busy(None));
    both.send().await;
    both.asked();
    both.clock.set(both.clock.now() - chrono::TimeDelta::days(1));
    both.send().await;
    assert_eq!(both.asked(), (1, 0));
}

/// While one message tries the first again, the others go to the second at once.
#[tokio::test(flavor = "current_thread")]
async fn a_first_that_hangs_is_left_and_keeps_no_other_message() {
    let both = Arc::new(Both::new());
    both.first.then(Does::Busy(None));
    both.send().await;
    both.clock.advance(Duration::from_secs(31));
    both.asked();
    both.first.then(Does::Hangs);
    let hanging = tokio::spawn({
        let both = Arc::clone(&both);
        async move { both.send().await }
    });
    while both.first.0.lock().unwrap().1 == 0 {
        tokio::task::yield_now().await;
    }
    assert!(matches!(both.send().await, Delivery::Delivered));
    assert_eq!(both.asked(), (1, 1));
    both.clock.advance(Duration::from_secs(41));
    assert!(matches!(hanging.await.unwrap(), Delivery::Delivered), "the second has sent it");
    assert_eq!(both.asked(), (0, 1));
}

#[tokio::test]
async fn when_neither_can_send_the_worker_learns_what_to_do() {
    for (first, second, after, permanent) in [
        (Does::Busy(Some(60)), Does::Busy(Some(7)), Some(7), false),
        (Does::Busy(Some(7)), Does::Busy(Some(60)), Some(7), false),
        (Does::Busy(Some(60)), Does::Busy(None), None, false),
        (Does::Busy(Some(60)), Does::Broken, None, true),
        (Does::Broken, Does::Busy(Some(60)), None, true),
    ] {
        let both = Both::new();
        let shown = format!("{first:?} {second:?}");
        both.first.then(first);
        both.second.then(second);
        let Delivery::Later { after: got, why } = both.send().await else { panic!("{shown}") };
        assert_eq!((got, !why.is_transient()), (after.map(Duration::from_secs), permanent), "{shown}");
    }
}

#[tokio::test]
async fn the_operator_hears_of_a_first_that_cannot_send_although_all_arrives() {
    let both = Both::new();
    let (log, guard) = Log::of_this_thread(Level::INFO);
    for _ in 0..3 {
        both.first.then(Does::Broken);
        assert!(matches!(both.send().await, Delivery::Delivered));
        both.clock.advance(Duration::from_secs(31));
    }
    drop(guard);
    let text = log.text();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("password_reset::alert")).collect();
    assert_eq!(lines.len(), 1, "{text}");
    assert!(lines[0].contains("ERROR") && lines[0].contains("HTTP 401") && lines[0].contains("first"), "{text}");
    assert!(!text.contains("ani@example.com"), "{text}");
}

#[test]
fn two_notifiers_for_different_contacts_are_no_fallback() {
    let phones = RecordingNotifier::reaching(ContactKind::Phone);
    assert!(Fallback::new(RecordingNotifier::new(), phones.clone()).is_err());
    let of_phones = Fallback::new(phones.clone(), phones).unwrap();
    assert_eq!(of_phones.reaches(), ContactKind::Phone);
}
