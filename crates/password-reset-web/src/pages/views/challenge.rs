//! The challenge that a source must pass which asks often.

use password_reset::texts::Sentence;

use super::ResetMethod;
use crate::challenge::Widget;
use crate::pages::layout::Layout;

/// The challenge, and the form of the start page, which is sent again with its answer. The same for every identifier.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ChallengePage<'a> {
    /// The layout, with a form token.
    pub layout: Layout<'a>,
    /// The reset method that was chosen.
    pub method: ResetMethod,
    /// The typed identifier.
    pub typed: &'a str,
    /// What to show.
    pub widget: &'a Widget,
    /// The puzzle for this browser, where the widget has any.
    pub puzzle: Option<&'a str>,
    /// Whether an answer came that was not right.
    pub failed: bool,
    /// After how many seconds a request may go through without the challenge.
    pub wait: u64,
}

impl<'a> ChallengePage<'a> {
    pub(in crate::pages) fn lead(&self) -> &'a Sentence {
        let texts = self.layout.texts();
        if self.widget.is_own() { &texts.challenge_lead } else { &texts.challenge_widget_lead }
    }

    pub(in crate::pages) fn button(&self) -> &'a Sentence {
        self.method.button(self.layout.texts())
    }

    pub(in crate::pages) fn checked(&self) -> String {
        self.layout.texts().challenge_checked.with("button", &self.button().to_string())
    }

    /// A sentence with the time after which a request may go through.
    pub(in crate::pages) fn waiting(&self, sentence: &Sentence) -> String {
        sentence.with("time", &self.layout.span(self.wait))
    }
}
