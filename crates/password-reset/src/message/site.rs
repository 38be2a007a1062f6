//! The service as its users know it, and the URLs of its pages.

use std::fmt;

use zeroize::Zeroizing;

use super::Zone;

/// The service as its users know it: the name in every message, and the one origin of every link.
#[derive(Clone, Debug)]
pub struct Site {
    name: String,
    base_url: String,
    realm: Option<String>,
    zone: Zone,
}

impl Site {
    /// A service by its name and the URL of its reset pages: `https`, without query or fragment (`http` for loopback
    /// alone). `build()` refuses anything else.
    #[must_use]
    pub fn new(name: impl Into<String>, base_url: impl Into<String>) -> Self {
        Self { name: name.into(), base_url: base_url.into(), realm: None, zone: Zone::UTC }
    }

    /// Names the [`Realm`](crate::Realm) that secrets are made for and rows belong to; the default is the base URL. Two
    /// applications, or two tenants, that share keys or a database need two realms.
    #[must_use]
    pub fn with_realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Names the zone in which messages state times; the default is UTC.
    #[must_use]
    pub fn with_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// The zone in which messages state times.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The name of the service.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL of the reset pages, without a slash at the end. A visitor can start a reset there.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.base_url.trim_end_matches('/')
    }

    /// The realm.
    #[must_use]
    pub fn realm(&self) -> &str {
        self.realm.as_deref().unwrap_or_else(|| self.base_url())
    }
}

/// A URL with a secret in its fragment.
pub struct SecretUrl(Zeroizing<String>);

impl SecretUrl {
    /// `{base}/{page}#{secret}`: browsers send a fragment neither in a request nor in a `Referer`.
    #[must_use]
    pub fn new(site: &Site, page: &str, secret: &str) -> Self {
        let base = site.base_url();
        let length = base.len().saturating_add(page.len()).saturating_add(secret.len()).saturating_add(2);
        let mut url = Zeroizing::new(String::with_capacity(length));
        for part in [base, "/", page, "#", secret] {
            url.push_str(part);
        }
        Self(url)
    }

    /// The URL.
    ///
    /// # Security
    /// The URL contains the secret: write it into the message and nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl(…)")
    }
}
