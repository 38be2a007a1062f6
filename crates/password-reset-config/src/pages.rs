//! The settings of the pages.

use password_reset::Locale;
use password_reset::texts::Languages;

use crate::challenge::ChallengeSettings;
use crate::reader::Reader;

/// What the pages alone need.
#[cfg_attr(not(feature = "pages"), allow(dead_code, reason = "every build checks the settings; the pages use them"))]
#[derive(Clone, Debug)]
pub(crate) struct PageSettings {
    pub(crate) trusted_origins: Vec<String>,
    pub(crate) sign_in_url: Option<String>,
    pub(crate) contact_url: Option<String>,
    /// For browsers that prefer none of the site's.
    pub(crate) language: Locale,
    pub(crate) challenge: Option<ChallengeSettings>,
}

impl PageSettings {
    /// `host` is that of `site.url`, and `asks` whether `limits.challenge_from` is set.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        host: Option<&str>,
        languages: Option<&Languages>,
        asks: bool,
    ) -> Option<Self> {
        let trusted_origins = reader.list("pages.trusted_origins").unwrap_or_default();
        let (sign_in_url, contact_url) = (reader.text("pages.sign_in_url"), reader.text("pages.contact_url"));
        let language = language(reader, languages);
        let challenge = ChallengeSettings::read(reader, host, asks);
        Some(Self { trusted_origins, sign_in_url, contact_url, language: language?, challenge })
    }
}

/// The first of the site's, unless another is named.
fn language(reader: &mut Reader<'_>, languages: Option<&Languages>) -> Option<Locale> {
    let named = reader.text("pages.language");
    let languages = languages?;
    let Some(text) = named else { return Some(languages.first().locale()) };
    let language = languages.parse(&text);
    if language.is_none() {
        reader.fault("pages.language", "name one of site.languages");
    }
    language
}
