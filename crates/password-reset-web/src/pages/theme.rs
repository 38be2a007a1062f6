//! The theme: what all pages of a site share.

use password_reset::{Language, Languages, Locale, Site};

use super::assets::{Asset, Assets};
use super::brand::{Brand, BrandError};
use super::texts::Texts;
use crate::paths;

/// What all pages of a site share: its name, its mount path, its assets and its texts. Built once, at start.
#[derive(Debug)]
pub struct Theme {
    site: String,
    mount: String,
    sign_in_url: Option<String>,
    contact_url: Option<String>,
    languages: Languages,
    first: Texts,
    others: Vec<(Locale, Texts)>,
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
}

impl Theme {
    /// `mount` is the path part of the site's base URL; empty at the root.
    pub(crate) fn new(site: &Site, mount: &str, brand: &Brand) -> Result<Self, ThemeError> {
        let languages = site.languages().clone();
        let first = Texts::new(languages.first());
        let others = languages.iter().skip(1).map(|language| (language.locale(), Texts::new(language))).collect();
        Ok(Self {
            site: site.name().to_owned(),
            mount: mount.trim_end_matches('/').to_owned(),
            sign_in_url: None,
            contact_url: None,
            languages,
            first,
            others,
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

    /// The texts of a language; those of the site's first where it does not have the language.
    #[must_use]
    pub fn texts(&self, locale: Locale) -> &Texts {
        self.others.iter().find(|(known, _)| *known == locale).map_or(&self.first, |(_, texts)| texts)
    }

    /// The language, or the site's first where it does not have that.
    pub(super) fn language(&self, locale: Locale) -> &Language {
        self.languages.get(locale)
    }

    pub(super) fn languages(&self) -> impl Iterator<Item = &Language> {
        self.languages.iter()
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
        self.assets.by_source(name).map(|asset| format!("{}/assets/{}", self.mount, asset.name))
    }

    /// The asset below `/assets/` with this name, hash included.
    pub(crate) fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.by_name(name)
    }
}

fn address(setting: &'static str, url: &str) -> Result<String, ThemeError> {
    if paths::is_link(url) { Ok(url.to_owned()) } else { Err(ThemeError::Address { setting }) }
}
