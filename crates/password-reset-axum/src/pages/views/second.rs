//! The second of two proofs.

use password_reset::StepUp;

use super::rendered_by;
use crate::pages::shell::Shell;
use crate::pages::texts::Sentence;

/// The first proof was right, and a second one is asked for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SecondPage<'a> {
    /// What every page has; with a form token and the reset's name.
    pub shell: Shell<'a>,
    /// What is asked for.
    pub wants: StepUp,
    /// Seconds until it cannot be brought any more.
    pub seconds_left: u64,
    /// How often it may still be tried; at 0 there is no field.
    pub attempts_left: u32,
    /// Why the page is shown again.
    pub problem: Option<SecondProblem>,
}

/// Why the page for the second proof is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecondProblem {
    /// Nothing was typed, or a code has not the right number of digits.
    Unreadable,
    /// It is wrong, or was; one answer for every cause.
    Wrong,
}

rendered_by!(SecondPage, second);

impl<'a> SecondPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        &self.shell.texts().second_title
    }

    /// In words; the script counts it down to the second.
    pub(in crate::pages) fn time_left(&self) -> String {
        self.shell.span(self.seconds_left)
    }

    /// Whether it is a code of ours, which has digits and nothing else.
    pub(in crate::pages) fn is_code(&self) -> bool {
        self.wants == StepUp::Code
    }

    pub(in crate::pages) fn lead(&self) -> &'a Sentence {
        let texts = self.shell.texts();
        if self.is_code() { &texts.second_code_lead } else { &texts.second_factor_lead }
    }

    pub(in crate::pages) fn failed(&self) -> bool {
        self.code_problem().is_some()
    }

    pub(in crate::pages) fn attempts_text(&self) -> Option<String> {
        super::attempts_text(self.shell.texts(), self.attempts_left)
    }

    pub(in crate::pages) fn code_problem(&self) -> Option<&'a Sentence> {
        let texts = self.shell.texts();
        match self.problem.filter(|_| self.attempts_left > 0)? {
            SecondProblem::Unreadable if self.is_code() => Some(&texts.code_unreadable),
            SecondProblem::Unreadable => Some(&texts.second_factor_empty),
            SecondProblem::Wrong => Some(&texts.second_wrong),
        }
    }
}
