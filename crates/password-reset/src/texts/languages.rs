//! The languages of a site.

use std::fmt;
use std::sync::Arc;

use super::language::Language;
use crate::identity::locale::Locale;

/// The languages of a site: what a browser, a requester or an account may choose. A clone shares them.
///
/// The default is English, then Indonesian.
#[derive(Clone)]
pub struct Languages {
    first: Language,
    others: Arc<Vec<Language>>,
}

impl Languages {
    /// One language. It is also the one for users whose language the site does not have.
    #[must_use]
    pub fn new(first: Language) -> Self {
        Self { first, others: Arc::default() }
    }

    /// Adds a language. One of the same tag takes the place of the other, with its new sentences.
    #[must_use]
    pub fn with(mut self, language: Language) -> Self {
        let others = Arc::make_mut(&mut self.others);
        let known = std::iter::once(&mut self.first).chain(others.iter_mut());
        match known.into_iter().find(|known| known.locale() == language.locale()) {
            Some(known) => *known = language,
            None => others.push(language),
        }
        self
    }

    /// The language, or the first where the site does not have it.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &Language {
        self.find(locale).unwrap_or(&self.first)
    }

    /// The language, if the site has it.
    #[must_use]
    pub fn find(&self, locale: Locale) -> Option<&Language> {
        self.iter().find(|language| language.locale() == locale)
    }

    /// Whether the site has a language.
    #[must_use]
    pub fn has(&self, locale: Locale) -> bool {
        self.find(locale).is_some()
    }

    /// The language of a tag, if it is one that the site has.
    #[must_use]
    pub fn parse(&self, tag: &str) -> Option<Locale> {
        tag.parse().ok().filter(|locale| self.has(*locale))
    }

    /// The language for users whose language the site does not have.
    #[must_use]
    pub fn first(&self) -> &Language {
        &self.first
    }

    /// All languages, the first one first.
    pub fn iter(&self) -> impl Iterator<Item = &Language> {
        std::iter::once(&self.first).chain(self.others.iter())
    }
}

impl Default for Languages {
    fn default() -> Self {
        Self::new(Language::english()).with(Language::indonesian())
    }
}

/// Shows the tags alone.
impl fmt::Debug for Languages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(Language::locale)).finish()
    }
}
