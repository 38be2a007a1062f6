//! Languages as data: every sentence for people, of all these crates, in one [Fluent](https://projectfluent.org) file a language.
//!
//! English and Indonesian are there by default, Malay and Arabic where an application adds them, and any other language comes
//! with a file:
//!
//! ```
//! use password_reset::Site;
//! use password_reset::texts::{Language, Languages};
//!
//! let languages = Languages::new(Language::indonesian())
//!     .with(Language::malay())
//!     .with(Language::arabic().with_overlay("page-start-title = هل نسيت كلمتك؟")?);
//! let site = Site::new("Toko Contoh", "https://toko.example/reset").with_languages(languages);
//! # assert_eq!(site.languages().iter().count(), 3);
//! # Ok::<(), password_reset::texts::LanguageError>(())
//! ```
//!
//! A file has the keys of the [English one](Language::english), and in each sentence the same placeholders.
//! [`Language::from_ftl`] refuses anything else, so a sentence cannot be missing while a requester waits for a mail.
//!
//! Of Fluent, sentences use text, placeholders (`{ $name }`), string literals, and choices by a number (`{ $n -> [one] … *[other] … }`),
//! with the plural rules of the language. They have no functions, terms, attributes or references to other sentences.
//!
//! # Security
//! Placeholders are filled as they are: escape the sentence where it becomes HTML. A language comes from the application, as its
//! code does. Secrets pass through a sentence once, and nothing keeps or shows them.

mod check;
mod error;
mod language;
mod languages;
mod read;
mod sentence;

pub use self::error::{LanguageError, LanguageProblem};
pub use self::language::{Direction, Language};
pub use self::languages::Languages;
pub use self::sentence::{Sentence, Value};

#[cfg(test)]
mod tests;
