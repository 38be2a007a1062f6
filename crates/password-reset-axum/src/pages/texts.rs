//! Every sentence of the pages.

mod english;
mod indonesian;
mod sentence;

pub use self::sentence::Sentence;

/// Declares [`Texts`] with one field a sentence, so that a language that misses one does not compile.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Every sentence of the pages in one language. An application changes the ones it wants:
        ///
        /// ```
        /// use password_reset_axum::Texts;
        ///
        /// let mut english = Texts::ENGLISH;
        /// english.ask_title = "Locked out?".into();
        /// ```
        ///
        /// Names in braces are filled in; a sentence may leave them out, and may not have others than the ones that its
        /// field names. Sentences are text, and escaped like any other.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Texts {
            $($(#[$doc])* pub $name: Sentence,)*
        }

        impl Texts {
            /// The sentences with the names of their fields.
            pub(super) fn entries(&self) -> Vec<(&'static str, &Sentence)> {
                vec![$((stringify!($name), &self.$name),)*]
            }
        }
    };
}

texts! {
    /// Heading of the ask page.
    ask_title,
}
