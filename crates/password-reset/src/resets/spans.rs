//! The spans of the log: one for each call of the service, one for each task of a row. They have the id of the reset, and never
//! an address.

use tracing::field::{Empty, display};
use tracing::{Span, info_span};

use crate::identity::id::ResetId;

/// The target of the span of a call: of a verb, or of what the worker does for many rows at once.
const CALL: &str = "password_reset::call";
/// The target of the span of a task.
const TASK: &str = "password_reset::task";

/// What is called, and for which reset where the caller says that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(super) name: &'static str,
    reset: Option<ResetId>,
    has_span: bool,
}

impl From<&'static str> for Call {
    fn from(name: &'static str) -> Self {
        Self { name, reset: None, has_span: true }
    }
}

impl From<(&'static str, ResetId)> for Call {
    fn from((name, reset): (&'static str, ResetId)) -> Self {
        Self { name, reset: Some(reset), has_span: true }
    }
}

impl Call {
    /// What gets no span: it has one for each of its tasks, or lasts for ever.
    pub(crate) fn without_span(name: &'static str) -> Self {
        Self { name, reset: None, has_span: false }
    }

    /// The span of a call; none for what is part of another.
    pub(super) fn span(self) -> Span {
        let is_part = Span::current().metadata().is_some_and(|outer| [CALL, TASK].contains(&outer.target()));
        if is_part || !self.has_span {
            return Span::none();
        }
        let span = info_span!(target: CALL, "call", name = self.name, reset = Empty);
        if let Some(reset) = self.reset {
            span.record("reset", display(reset));
        }
        span
    }
}

/// Says of which reset the present call is, where only the store could tell.
pub(super) fn is_of(reset: ResetId) {
    let span = Span::current();
    // The span of the caller may have a field of this name too.
    if span.metadata().is_some_and(|present| present.target() == CALL) {
        span.record("reset", display(reset));
    }
}

/// The span of a task.
pub(crate) fn of_task(name: &'static str, reset: ResetId) -> Span {
    info_span!(target: TASK, "task", name, %reset)
}
