//! The theme: what all pages of a site share.

use password_reset::Locale;

use super::assets::{Asset, Assets};
use super::brand::{Brand, BrandError};
use super::texts::{Sentence, Texts};

/// What all pages of a site share: its name, its mount path, its assets and its texts. Built once, at start.
#[derive(Debug)]
pub struct Theme {
    site: String,
    mount: String,
    sign_in_url: Option<String>,
    contact_url: Option<String>,
    english: Texts,
    indonesian: Texts,
    assets: Assets,
}

/// An invalid setting of the theme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ThemeError {
    /// The brand is invalid.
    #[error("brand: {0}")]
    Brand(#[from] BrandError),
    /// An address that pages link to is neither a path on this site nor an `https` URL.
    #[error("{setting}: must be a path like /sign-in or an https:// URL")]
    Address {
        /// The setting.
        setting: &'static str,
    },
    /// A replaced sentence has a placeholder that nothing fills.
    #[error("texts: `{sentence}` has an unknown placeholder {{{placeholder}}}: see the field's documentation")]
    Placeholder {
        /// The sentence.
        sentence: &'static str,
        /// The name in the braces.
        placeholder: String,
    },
}

impl Theme {
    /// `mount` is the path part of the site's base URL, without a slash at the end; empty at the root.
    pub(crate) fn new(site: &str, mount: &str, brand: &Brand) -> Result<Self, ThemeError> {
        Ok(Self {
            site: site.to_owned(),
            mount: mount.trim_end_matches('/').to_owned(),
            sign_in_url: None,
            contact_url: None,
            english: Texts::ENGLISH,
            indonesian: Texts::INDONESIAN,
            assets: Assets::new(brand)?,
        })
    }

    pub(crate) fn with_sign_in_url(mut self, url: &str) -> Result<Self, ThemeError> {
        self.sign_in_url = Some(address("sign_in_url", url)?);
        Ok(self)
    }

    pub(crate) fn with_contact_url(mut self, url: &str) -> Result<Self, ThemeError> {
        let mail = url.strip_prefix("mailto:").filter(|to| !to.is_empty()).is_some();
        self.contact_url = Some(if mail { url.to_owned() } else { address("contact_url", url)? });
        Ok(self)
    }

    pub(crate) fn with_texts(mut self, locale: Locale, texts: Texts) -> Result<Self, ThemeError> {
        texts.check()?;
        match locale {
            Locale::Indonesian => self.indonesian = texts,
            _ => self.english = texts,
        }
        Ok(self)
    }

    /// The name of the service.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// The address at which users sign in, if one is set.
    #[must_use]
    pub fn sign_in_url(&self) -> Option<&str> {
        self.sign_in_url.as_deref()
    }

    /// The address at which users get help, if one is set.
    #[must_use]
    pub fn contact_url(&self) -> Option<&str> {
        self.contact_url.as_deref()
    }

    /// The texts of a language.
    #[must_use]
    pub fn texts(&self, locale: Locale) -> &Texts {
        match locale {
            Locale::Indonesian => &self.indonesian,
            _ => &self.english,
        }
    }

    /// The address of a page below the mount path; the start page is `""`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        match (self.mount.as_str(), path) {
            ("", "") => "/".to_owned(),
            ("", query) if query.starts_with('?') => format!("/{query}"),
            (mount, path) => format!("{mount}{path}"),
        }
    }

    /// The address of a style sheet or script by its source name (`"reset.css"`), or of the logo (`"logo"`,
    /// `"logo-dark"`); `None` when there is no asset of that name.
    #[must_use]
    pub fn asset_url(&self, name: &str) -> Option<String> {
        self.assets.by_source(name).map(|asset| format!("{}/assets/{}", self.mount, asset.name()))
    }

    /// The asset below `/assets/` with this name, hash included.
    pub(crate) fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.by_name(name)
    }
}

fn address(setting: &'static str, url: &str) -> Result<String, ThemeError> {
    let on_this_site = url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
    let elsewhere = url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
    let clean = !url.contains(|c: char| c.is_control() || c.is_whitespace());
    if clean && (on_this_site || elsewhere) { Ok(url.to_owned()) } else { Err(ThemeError::Address { setting }) }
}

impl Texts {
    /// Refuses placeholders that the sentence of this crate does not have, because nothing fills them.
    fn check(&self) -> Result<(), ThemeError> {
        for ((sentence, text), (_, original)) in self.entries().into_iter().zip(Self::ENGLISH.entries()) {
            let known = original.placeholders();
            if let Some(placeholder) = text.placeholders().into_iter().find(|name| !known.contains(name)) {
                return Err(ThemeError::Placeholder { sentence, placeholder: placeholder.to_owned() });
            }
        }
        Ok(())
    }
}

impl Sentence {
    /// The names in braces.
    pub(super) fn placeholders(&self) -> Vec<&str> {
        let text = self.as_str();
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }
}
