//! What every page has around its content.

use password_reset::Locale;

use super::look::Look;
use super::texts::Texts;

/// What every page has around its content: the site, the language, and what its forms carry.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Shell<'a> {
    /// The site.
    pub look: &'a Look,
    /// The language of the page.
    pub locale: Locale,
    /// The page's own address below the mount path, for switching the language: `""` for the ask page, `"/wait"`.
    /// An address that can be got: a form that is shown again names the page it came from.
    pub path: &'a str,
    /// Which reset the page is of, so that two in one browser do not mix.
    pub reset: Option<&'a str>,
    /// What forms carry against forgery; empty on a page without forms.
    pub token: &'a str,
}

impl<'a> Shell<'a> {
    pub(crate) fn new(look: &'a Look, locale: Locale, path: &'a str) -> Self {
        Self { look, locale, path, reset: None, token: "" }
    }

    pub(crate) fn with_form(mut self, token: &'a str, reset: Option<&'a str>) -> Self {
        self.token = token;
        self.reset = reset;
        self
    }

    /// The sentences in the page's language.
    #[must_use]
    pub fn texts(&self) -> &'a Texts {
        self.look.texts(self.locale)
    }

    /// The address of a page below the mount path: `url("/wait")`; `url("")` is the ask page.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.look.url(path)
    }

    /// The address of this page in another language.
    #[must_use]
    pub fn in_language(&self, locale: Locale) -> String {
        let url = self.url(self.path);
        let and = if url.contains('?') { '&' } else { '?' };
        match self.reset {
            Some(reset) => format!("{url}{and}reset={reset}&lang={locale}"),
            None => format!("{url}{and}lang={locale}"),
        }
    }

    /// Every language with its own name for itself.
    #[must_use]
    pub fn languages(&self) -> [(Locale, &'static str); 2] {
        Locale::ALL.map(|locale| match locale {
            Locale::Indonesian => (locale, "Bahasa Indonesia"),
            _ => (locale, "English"),
        })
    }
}
