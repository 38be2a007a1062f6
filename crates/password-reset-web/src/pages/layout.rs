//! The part of a page that surrounds its content.

use password_reset::secret::LinkToken;
use password_reset::{Language, Locale};

use super::texts::Texts;
use super::theme::Theme;

/// The part of a page that surrounds its content: the theme, the language, and the hidden fields of its forms.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Layout<'a> {
    /// The theme of the site.
    pub theme: &'a Theme,
    /// The language of the page.
    pub locale: Locale,
    /// The page's own path below the mount path, for the language links: `""` for the start page, `"/wait"`. It is a
    /// path that takes GET: a form that is shown again names the page it came from.
    pub path: &'a str,
    /// The reset that the page belongs to, so that two resets in one browser do not mix.
    pub reset: Option<&'a str>,
    /// The form token against forgery; empty on a page without forms.
    pub token: &'a str,
}

impl<'a> Layout<'a> {
    pub(crate) fn new(theme: &'a Theme, locale: Locale, path: &'a str) -> Self {
        Self { theme, locale, path, reset: None, token: "" }
    }

    pub(crate) fn with_form(mut self, token: &'a str, reset: Option<&'a str>) -> Self {
        self.token = token;
        self.reset = reset;
        self
    }

    /// The sentences in the page's language.
    #[must_use]
    pub fn texts(&self) -> &'a Texts {
        self.theme.texts(self.locale)
    }

    /// The address of a page below the mount path: `url("/wait")`; `url("")` is the start page.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.theme.url(path)
    }

    /// The address of this page in `locale`.
    #[must_use]
    pub fn in_language(&self, locale: Locale) -> String {
        let url = self.url(self.path);
        let and = if url.contains('?') { '&' } else { '?' };
        match self.reset {
            Some(reset) => format!("{url}{and}reset={reset}&lang={locale}"),
            None => format!("{url}{and}lang={locale}"),
        }
    }

    /// The language of the page.
    #[must_use]
    pub fn language(&self) -> &'a Language {
        self.theme.language(self.locale)
    }

    /// In which direction the page is written: the attribute `dir`.
    #[must_use]
    pub fn dir(&self) -> &'static str {
        self.language().direction().attribute()
    }

    /// All languages, each with the address of this page in it.
    #[must_use]
    pub fn languages(&self) -> Vec<LanguageLink> {
        let link = |language: &Language| LanguageLink {
            locale: language.locale(),
            name: language.name(),
            dir: language.direction().attribute(),
            url: self.in_language(language.locale()),
            current: language.locale() == self.locale,
        };
        self.theme.languages().map(link).collect()
    }

    /// The first letter of the site's name, shown where there is no logo.
    #[must_use]
    pub fn initial(&self) -> String {
        self.theme.site().chars().next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default()
    }

    /// The remaining attempts at a code, in words; `None` where there are none.
    pub(in crate::pages) fn attempts(&self, left: u32) -> Option<String> {
        (left > 0).then(|| self.texts().code_attempts_left.with("n", left))
    }

    /// The number of characters of the secret in a link, for the script that finds it in the address bar.
    #[must_use]
    pub const fn secret_length(&self) -> usize {
        LinkToken::LENGTH
    }

    /// A duration in words, rounded down: "30 minutes".
    #[must_use]
    pub fn span(&self, seconds: u64) -> String {
        let language = self.language();
        match seconds / 60 {
            0 => language.text("span-moment"),
            minutes @ 1..120 => language.fill("span-minutes", &[("n", minutes.into())]),
            minutes => language.fill("span-hours", &[("n", (minutes / 60).into())]),
        }
    }
}

/// A language link.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LanguageLink {
    /// The language.
    pub locale: Locale,
    /// Its name in the language itself.
    pub name: String,
    /// In which direction that is written: the attribute `dir`.
    pub dir: &'static str,
    /// The address of the page in it.
    pub url: String,
    /// Whether the page is in this language.
    pub current: bool,
}

#[cfg(test)]
mod tests {
    use password_reset::{Locale, Site};

    use super::Layout;
    use crate::pages::{Brand, Theme};

    #[test]
    fn durations_are_written_in_words_and_rounded_down() {
        let theme = Theme::new(&Site::new("Toko Contoh", "https://toko.example"), "", &Brand::new()).unwrap();
        for (seconds, english, indonesian) in [
            (0, "less than a minute", "kurang dari 1 menit"),
            (59, "less than a minute", "kurang dari 1 menit"),
            (119, "1 minute", "1 menit"),
            (1794, "29 minutes", "29 menit"),
            (7199, "119 minutes", "119 menit"),
            (7200, "2 hours", "2 jam"),
            (u64::MAX, "5124095576030431 hours", "5124095576030431 jam"),
        ] {
            assert_eq!(Layout::new(&theme, Locale::ENGLISH, "").span(seconds), english);
            assert_eq!(Layout::new(&theme, Locale::INDONESIAN, "").span(seconds), indonesian);
        }
    }
}
