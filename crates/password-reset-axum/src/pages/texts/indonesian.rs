//! The sentences in Bahasa Indonesia.

use super::{Sentence, Texts};

impl Texts {
    /// The sentences in Bahasa Indonesia.
    pub const INDONESIAN: Self = Self { ask_title: Sentence::new("Lupa Kata Sandi") };
}
