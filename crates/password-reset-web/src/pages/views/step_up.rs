//! Step-up: the second proof.

use password_reset::StepUp;
use password_reset::texts::Sentence;

use crate::pages::layout::Layout;

/// The first proof was right, and the risk policy requires a second one.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StepUpPage<'a> {
    /// The layout, with a form token and the reset's name.
    pub layout: Layout<'a>,
    /// The required proof.
    pub wants: StepUp,
    /// Seconds until the partial grant expires.
    pub seconds_left: u64,
    /// The remaining attempts; at 0 there is no field.
    pub attempts_left: u32,
    /// Why the form is shown again.
    pub problem: Option<StepUpProblem>,
}

/// Why the step-up page is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepUpProblem {
    /// The field was empty, or a code has the wrong number of digits.
    Unreadable,
    /// The proof was refused; one answer for every cause.
    Wrong,
}

impl<'a> StepUpPage<'a> {
    /// The remaining time in words; the script replaces it by a countdown.
    pub(in crate::pages) fn time_left(&self) -> String {
        self.layout.span(self.seconds_left)
    }

    /// Whether the proof is a code of the service, which has digits only.
    pub(in crate::pages) fn is_code(&self) -> bool {
        self.wants == StepUp::Code
    }

    pub(in crate::pages) fn lead(&self) -> &'a Sentence {
        let texts = self.layout.texts();
        if self.is_code() { &texts.step_up_code_lead } else { &texts.step_up_factor_lead }
    }

    pub(in crate::pages) fn failed(&self) -> bool {
        self.code_problem().is_some()
    }

    pub(in crate::pages) fn attempts_text(&self) -> Option<String> {
        self.layout.attempts(self.attempts_left)
    }

    pub(in crate::pages) fn code_problem(&self) -> Option<&'a Sentence> {
        let texts = self.layout.texts();
        match self.problem.filter(|_| self.attempts_left > 0)? {
            StepUpProblem::Unreadable if self.is_code() => Some(&texts.code_unreadable),
            StepUpProblem::Unreadable => Some(&texts.step_up_factor_empty),
            StepUpProblem::Wrong => Some(&texts.step_up_wrong),
        }
    }
}
