//! The challenge of a site, contained: it may hang, fail or panic without harm to others.

use std::net::IpAddr;
use std::time::Duration;

use password_reset::{Bounded, PortError};
use serde::Serialize;

use super::{Challenge, Csp, Widget};
use crate::contained;
use crate::error::WebError;
use crate::failure::Failure;
use crate::shares::Shares;

/// As long as a verb waits for its ports.
const WITHIN: Duration = Duration::from_secs(3);

/// The longest known answer, of hCaptcha, has some four thousand.
const MAX_ANSWER: usize = 8_192;

/// So many answers are checked at a time, and a quarter of them for one source, so that a flood from it leaves places for the
/// answers of others.
const AT_ONCE: u32 = 256;

const PANICKED: &str = "the challenge panicked";

#[derive(Debug)]
pub(crate) struct Gate {
    challenge: Box<dyn Challenge>,
    pub(crate) widget: Widget,
    pub(crate) csp: Csp,
    at_once: Shares,
    alarm: Bounded,
}

/// What came of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    /// It could not be checked.
    Unavailable,
}

/// The public parameters of the challenge, as the API states them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ToPass {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    site_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    puzzle: Option<String>,
}

impl Gate {
    pub(crate) fn new(challenge: Box<dyn Challenge>) -> Result<Self, WebError> {
        let widget = challenge.widget();
        widget.check()?;
        Ok(Self {
            csp: Csp::of(&widget)?,
            widget,
            challenge,
            at_once: Shares::new(AT_ONCE / 4, AT_ONCE),
            alarm: Bounded::new(),
        })
    }

    /// A new puzzle for a source.
    pub(crate) fn puzzle(&self, source: IpAddr) -> Result<Option<String>, Failure> {
        Ok(contained::call(PANICKED, || self.challenge.puzzle(source))??)
    }

    pub(crate) fn to_pass(&self, source: IpAddr) -> Result<ToPass, Failure> {
        let puzzle = self.puzzle(source)?;
        Ok(ToPass { kind: self.widget.kind, site_key: self.widget.site_key.clone(), puzzle })
    }

    /// Checks an answer.
    pub(crate) async fn verify(&self, answer: &str, source: IpAddr) -> Outcome {
        if answer.is_empty() || answer.len() > MAX_ANSWER {
            return Outcome::Failed;
        }
        let verified = match self.at_once.take(source, 1) {
            Some(_share) => {
                let verifying = contained::wait(PANICKED, || self.challenge.verify(answer, source));
                let verified = tokio::time::timeout(WITHIN, verifying).await;
                verified.unwrap_or_else(|_elapsed| Err(PortError::transient("the challenge did not answer in time")))
            }
            None => Err(PortError::transient("too many answers to the challenge are being checked")),
        };
        match verified {
            Ok(true) => Outcome::Passed,
            Ok(false) => Outcome::Failed,
            Err(error) => {
                password_reset::log_bounded!(
                    self.alarm => error,
                    target: "password_reset::alert",
                    kind = self.widget.kind,
                    error = &error as &dyn std::error::Error,
                    "an answer to the challenge could not be checked: until it can, the limits are those without a challenge"
                );
                Outcome::Unavailable
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use futures_util::future::join_all;
    use futures_util::poll;

    use super::*;

    #[derive(Debug, Default)]
    struct Counts(Arc<AtomicUsize>);

    #[async_trait]
    impl Challenge for Counts {
        fn widget(&self) -> Widget {
            Widget::new("own", "/own.js")
        }

        fn puzzle(&self, _source: IpAddr) -> Result<Option<String>, PortError> {
            Ok(None)
        }

        async fn verify(&self, answer: &str, _source: IpAddr) -> Result<bool, PortError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            if answer == "hangs" { pending().await } else { Ok(true) }
        }
    }

    #[tokio::test]
    async fn what_cannot_be_an_answer_is_not_handed_on() {
        let counts = Counts::default();
        let asked = Arc::clone(&counts.0);
        let gate = Gate::new(Box::new(counts)).unwrap();
        let source = IpAddr::from([203, 0, 113, 7]);
        for (length, outcome, handed_on) in [
            (0, Outcome::Failed, 0),
            (1, Outcome::Passed, 1),
            (MAX_ANSWER, Outcome::Passed, 1),
            (MAX_ANSWER + 1, Outcome::Failed, 0),
            (MAX_ANSWER * 2, Outcome::Failed, 0),
        ] {
            assert_eq!(gate.verify(&"x".repeat(length), source).await, outcome, "{length}");
            assert_eq!(asked.swap(0, Ordering::SeqCst), handed_on, "{length}");
        }
    }

    #[tokio::test]
    async fn one_source_leaves_places_for_the_answers_of_others() {
        let gate = Gate::new(Box::new(Counts::default())).unwrap();
        let [one, other] = [7, 8].map(|last| IpAddr::from([203, 0, 113, last]));
        let mut flood = pin!(join_all((0..AT_ONCE).map(|_| gate.verify("hangs", one))));
        assert!(poll!(flood.as_mut()).is_pending());
        assert_eq!(gate.verify("x", other).await, Outcome::Passed);
    }
}
