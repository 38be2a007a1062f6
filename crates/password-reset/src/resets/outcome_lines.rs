//! What became of each message, in the log.

use crate::bounded::Bounded;
use crate::flow::reset::Reset;
use crate::identity::account::ContactKind;
use crate::log_bounded;
use crate::message::Message;
use crate::metrics;
use crate::ports::Delivery;

/// One line for each outcome, with the code of the provider's answer: what the operator has to correct is an error. Strangers
/// decide how many messages there are, so each kind of outcome has a bounded rate; the trail has every outcome.
#[derive(Debug, Default)]
pub(crate) struct OutcomeLines {
    no_contact: Bounded,
    never: Bounded,
    later: Bounded,
    to_correct: Bounded,
    expired: Bounded,
}

impl OutcomeLines {
    pub(crate) fn log(&self, message: &Message, delivery: &Delivery) {
        let (reset, what) = (message.reset(), message.body().name());
        metrics::message(what, kind(message), message.locale(), outcome(delivery));
        match delivery {
            Delivery::Delivered => tracing::debug!(%reset, what, "message accepted by the transport"),
            Delivery::NoSuchContact { why } => {
                log_bounded!(self.no_contact => warn, %reset, what, code = %why,
                    "message rejected: no such email address or number");
            }
            Delivery::Never { why } => {
                log_bounded!(self.never => error, %reset, what, code = %why, "message rejected permanently");
            }
            Delivery::Later { why, .. } => {
                let (code, error) = (why.code().unwrap_or_default(), why as &dyn std::error::Error);
                if why.is_transient() {
                    log_bounded!(self.later => warn, %reset, what, code, error,
                        "message not sent, will retry");
                } else {
                    log_bounded!(self.to_correct => error, %reset, what, code, error,
                        "message not sent: fix the notifier (retrying until the reset expires)");
                }
            }
        }
    }

    /// No transport took a message while it was good for something.
    pub(crate) fn expired(&self, reset: &Reset) {
        log_bounded!(self.expired => error, reset = %reset.id(), attempts = reset.delivery_attempts(),
            "message not sent: it expired first");
    }
}

fn kind(message: &Message) -> &'static str {
    match message.to().kind() {
        ContactKind::Email => "email",
        ContactKind::Phone => "phone",
    }
}

const fn outcome(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Delivered => "sent",
        Delivery::Later { .. } => "later",
        Delivery::NoSuchContact { .. } => "no_such_contact",
        Delivery::Never { .. } => "never",
    }
}
