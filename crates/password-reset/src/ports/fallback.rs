//! Two notifiers for one kind of contact, of which the second sends when the first cannot.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::{Either, select};

use super::{Clock, Delivery, Notifier, SystemClock};
use crate::bounded::Bounded;
use crate::error::PortError;
use crate::flow::channel::InboundMode;
use crate::identity::account::ContactKind;
use crate::message::Message;
use crate::time::{has_come, later};

/// How long one of the two may take. Both together stay below what the worker waits for.
const EACH_WITHIN: Duration = Duration::from_secs(40);
/// How long the second is asked first after the first could not send.
const REST: Duration = Duration::from_secs(30);

/// Sends by a second notifier what the first cannot send now: an SMTP server beside the HTTP API of a mail service, say.
///
/// # Contract
/// * What the first says of the recipient or the message ([`Delivery::NoSuchContact`], [`Delivery::Never`]) is the answer. The
///   second is asked after [`Delivery::Later`], whether the cause is transient or the operator's to correct, and when the first takes
///   longer than 40 seconds or panics.
/// * When the first could not send, the second is asked first for 30 seconds, so that no message waits for the timeout of the
///   first. Then one message tries the first again. Where one of them cannot, the other is asked at once.
/// * Each failure of one is an event in the log, at most once a minute: an error for the target `password_reset::alert` where
///   the operator has to correct something, since the message itself arrives and shows nothing.
/// * When neither can send, the worker tries again when the first of them allows it. The cause is that of the notifier that the
///   operator has to correct, or else that of the first.
///
/// # Duplicates
/// After a timeout, or a connection that broke, it is unknown whether the first has sent. The second sends then: the owner may get
/// the message twice, with the same link and code, and the first use ends both. An idempotency key does not help, since only one
/// service knows it.
///
/// # Places
/// For the worker both are one notifier, with its 128 deliveries at once. It counts as silent when neither answers.
///
/// ```
/// use password_reset::ports::{Fallback, Notifier};
///
/// fn both(api: impl Notifier, smtp: impl Notifier) -> Result<Fallback, password_reset::ports::FallbackError> {
///     Fallback::new(api, smtp) // builder.notifier(…)
/// }
/// ```
#[derive(Debug)]
pub struct Fallback {
    first: One,
    second: One,
    clock: Arc<dyn Clock>,
    /// Until when the second is asked first.
    rests: Mutex<Option<DateTime<Utc>>>,
}

#[derive(Debug)]
struct One {
    name: &'static str,
    notifier: Arc<dyn Notifier>,
    log: Bounded,
}

/// The two notifiers of a [`Fallback`] reach different kinds of contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fallback needs two notifiers for the same kind of contact: give others to the builder one by one")]
#[non_exhaustive]
pub struct FallbackError;

impl Fallback {
    /// Sends by `first`, and by `second` what `first` cannot send now.
    ///
    /// # Errors
    /// When they reach different kinds of contacts.
    pub fn new(first: impl Notifier, second: impl Notifier) -> Result<Self, FallbackError> {
        if first.reaches() != second.reaches() {
            return Err(FallbackError);
        }
        let one = |name, notifier| One { name, notifier, log: Bounded::new() };
        Ok(Self {
            first: one("first", Arc::new(first)),
            second: one("second", Arc::new(second)),
            clock: Arc::new(SystemClock),
            rests: Mutex::new(None),
        })
    }

    /// Replaces the clock; the default is the operating system's. Use the service's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Whether the first is asked first. When its rest is over, for one message until that is answered.
    fn asks_first(&self) -> bool {
        let now = self.clock.now();
        let mut rests = self.rests.lock().unwrap_or_else(PoisonError::into_inner);
        match *rests {
            None => true,
            Some(until) if has_come(now, until, REST) => {
                *rests = Some(later(now, REST));
                true
            }
            Some(_) => false,
        }
    }

    async fn ask_first(&self, message: &Message) -> Delivery {
        let delivery = self.ask(&self.first, message).await;
        let could_not = matches!(delivery, Delivery::Later { .. });
        let until = could_not.then(|| later(self.clock.now(), REST));
        *self.rests.lock().unwrap_or_else(PoisonError::into_inner) = until;
        delivery
    }

    async fn ask(&self, one: &One, message: &Message) -> Delivery {
        let delivering = AssertUnwindSafe(one.notifier.deliver(message)).catch_unwind();
        let later = |why: PortError| Delivery::Later { after: None, why };
        let delivery = match select(delivering, self.clock.sleep(EACH_WITHIN)).await {
            Either::Left((Ok(delivery), _)) => delivery,
            Either::Left((Err(_panic), _)) => later(PortError::permanent("a notifier panicked").with_code("panic")),
            Either::Right(((), _)) => later(PortError::transient("notifier timed out").with_code("timeout")),
        };
        if let Delivery::Later { why, .. } = &delivery {
            one.log(why);
        }
        delivery
    }
}

impl One {
    fn log(&self, why: &PortError) {
        let (notifier, code) = (self.name, why.code().unwrap_or_default());
        if why.is_transient() {
            crate::log_bounded!(self.log => warn, notifier, code, error = %why, "one of two notifiers cannot send");
        } else {
            crate::log_bounded!(
                self.log => error,
                target: "password_reset::alert",
                notifier,
                code,
                error = %why,
                "one of two notifiers cannot send until it is corrected"
            );
        }
    }
}

#[async_trait]
impl Notifier for Fallback {
    fn reaches(&self) -> ContactKind {
        self.first.notifier.reaches()
    }

    fn cannot_reply(&self, mode: InboundMode) -> Option<&'static str> {
        // Either may have to send it.
        self.first.notifier.cannot_reply(mode).or_else(|| self.second.notifier.cannot_reply(mode))
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        if self.asks_first() {
            match self.ask_first(message).await {
                Delivery::Later { after, why } => neither((after, why), self.ask(&self.second, message).await, false),
                answer => answer,
            }
        } else {
            match self.ask(&self.second, message).await {
                Delivery::Later { after, why } => neither((after, why), self.ask_first(message).await, true),
                answer => answer,
            }
        }
    }
}

/// What both answered, if both said later; the other's answer otherwise. The later one may be the first.
fn neither((after, why): (Option<Duration>, PortError), other: Delivery, other_is_first: bool) -> Delivery {
    let Delivery::Later { after: others, why: others_why } = other else { return other };
    // Without a wish, the worker's own pause is right.
    let after = after.zip(others).map(|(one, other)| one.min(other));
    let takes_other = match (why.is_transient(), others_why.is_transient()) {
        (true, false) => true,
        (false, true) => false,
        _ => other_is_first,
    };
    Delivery::Later { after, why: if takes_other { others_why } else { why } }
}
