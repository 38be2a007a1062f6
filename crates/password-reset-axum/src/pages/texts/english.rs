//! The sentences in English.

use super::{Sentence, Texts};

impl Texts {
    /// The sentences in English.
    pub const ENGLISH: Self = Self { ask_title: Sentence::new("Forgot Password") };
}
