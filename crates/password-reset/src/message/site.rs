//! The service as its users know it, and the URLs of its pages.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::Zone;
use crate::texts::{Language, Languages};

/// The service as its users know it: the name in every message, and where links lead.
#[derive(Clone, Debug)]
pub struct Site {
    name: String,
    base_url: String,
    start_page: Option<String>,
    /// The addresses of pages that are elsewhere than below the base URL.
    pages: BTreeMap<&'static str, String>,
    realm: Option<String>,
    zone: Zone,
    zones: Zones,
    languages: Languages,
}

type Named = dyn Fn(&str) -> Option<Zone> + Send + Sync;

/// The application's zones, by their names.
#[derive(Clone)]
struct Zones(Arc<Named>);

impl fmt::Debug for Zones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zones(…)")
    }
}

impl Site {
    /// What stands for the secret in the address of a page.
    pub(crate) const SECRET: &str = "{secret}";

    /// A service by its name and the URL of its reset pages: `https`, without query or fragment (`http` for loopback
    /// alone). `build()` refuses anything else.
    #[must_use]
    pub fn new(name: impl Into<String>, base_url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            base_url: base_url.into(),
            start_page: None,
            pages: BTreeMap::new(),
            realm: None,
            zone: Zone::UTC,
            zones: Zones(Arc::new(Zone::named)),
            languages: Languages::default(),
        }
    }

    /// Sets the page on which a visitor starts a reset, where it is not the base URL: messages lead there.
    #[must_use]
    pub fn with_start_page(mut self, url: impl Into<String>) -> Self {
        self.start_page = Some(url.into());
        self
    }

    /// Sets the address of the page that reset links open, for an application or a front end that has pages of its own, instead of
    /// `{base}/link#{secret}`. What is written as `{secret}` is the place of the secret.
    ///
    /// ```
    /// use password_reset::Site;
    ///
    /// let site = Site::new("Toko Contoh", "https://api.toko.example/reset")
    ///     .with_link_page("https://app.toko.example/reset#{secret}")
    ///     .with_cancel_page("https://app.toko.example/#/cancel/{secret}");
    /// # let _ = site;
    /// ```
    ///
    /// # Security
    /// `build()` refuses an address that is not `https` (`http` for loopback alone), or whose one `{secret}` is not behind the `#`:
    /// browsers send what stands there neither to a server nor in `Referer`, so no log has it. Let the page send it only when
    /// a button is pressed, because mail scanners open links.
    #[must_use]
    pub fn with_link_page(self, address: impl Into<String>) -> Self {
        self.with_page("link", address.into())
    }

    /// Sets the address of the page "this was not me", which cancels a reset; as [`with_link_page`](Self::with_link_page).
    #[must_use]
    pub fn with_cancel_page(self, address: impl Into<String>) -> Self {
        self.with_page("cancel", address.into())
    }

    /// Sets the address of the page that locks the account after a change that was not the owner's; as
    /// [`with_link_page`](Self::with_link_page).
    #[must_use]
    pub fn with_lock_page(self, address: impl Into<String>) -> Self {
        self.with_page("lock", address.into())
    }

    fn with_page(mut self, page: &'static str, address: String) -> Self {
        self.pages.insert(page, address);
        self
    }

    /// Names the [`Realm`](crate::Realm) that secrets are made for and rows belong to; the default is the base URL. Two
    /// applications, or two tenants, that share keys or a database need two realms.
    #[must_use]
    pub fn with_realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Names the zone in which messages state times, unless the account [has one](crate::Account::with_zone); the default is UTC.
    #[must_use]
    pub fn with_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// Says which zones the names mean that accounts have, instead of [`Zone::named`]: for clocks that change, a database of zones.
    ///
    /// ```
    /// use password_reset::message::Zone;
    /// # use password_reset::Site;
    /// use chrono::Offset as _;
    /// use chrono_tz::OffsetName as _;
    ///
    /// fn zone(name: &str) -> Option<Zone> {
    ///     let zone: chrono_tz::Tz = name.parse().ok()?;
    ///     Some(Zone::changing(move |at| {
    ///         let here = at.with_timezone(&zone);
    ///         let minutes_east = here.offset().fix().local_minus_utc() / 60;
    ///         (here.offset().abbreviation().unwrap_or_default().to_owned(), minutes_east.try_into().unwrap_or_default())
    ///     }))
    /// }
    ///
    /// let site = Site::new("Toko Contoh", "https://toko.example/reset").with_zones(|name| Zone::named(name).or_else(|| zone(name)));
    /// assert!(site.zone_named("WIB").is_some() && site.zone_named("Europe/Berlin").is_some());
    /// ```
    #[must_use]
    pub fn with_zones(mut self, named: impl Fn(&str) -> Option<Zone> + Send + Sync + 'static) -> Self {
        self.zones = Zones(Arc::new(named));
        self
    }

    /// The zone that a name means; `None` where it means none, and messages use that of the site.
    #[must_use]
    pub fn zone_named(&self, name: &str) -> Option<Zone> {
        (self.zones.0)(name)
    }

    /// The zone in which messages state times to accounts that have none.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Sets the languages of pages and messages; the default is English, then Indonesian. The first is the one for users whose
    /// language is not among them.
    #[must_use]
    pub fn with_languages(mut self, languages: Languages) -> Self {
        self.languages = languages;
        self
    }

    /// The languages of pages and messages.
    #[must_use]
    pub fn languages(&self) -> &Languages {
        &self.languages
    }

    /// A time in a language, in the zone of the site. A message has [`Message::time`](crate::Message::time).
    #[must_use]
    pub fn time(&self, at: DateTime<Utc>, language: &Language) -> String {
        self.zone.text(at, language)
    }

    /// The name of the service.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL of the reset pages and their API, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.base_url.trim_end_matches('/')
    }

    /// The page on which a visitor starts a reset: the base URL, unless [set](Self::with_start_page).
    #[must_use]
    pub fn start_page(&self) -> &str {
        self.own_start_page().unwrap_or_else(|| self.base_url())
    }

    pub(crate) fn own_start_page(&self) -> Option<&str> {
        self.start_page.as_deref()
    }

    pub(crate) fn own_pages(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.pages.iter().map(|(page, address)| (*page, address.as_str()))
    }

    /// What stands before the secret in the links of messages to a page (`link`, `cancel`, `lock`): `{base}/link#`, or what was set.
    #[must_use]
    pub fn before_secret(&self, page: &str) -> Cow<'_, str> {
        self.around_secret(page).0
    }

    /// What stands before and behind the secret.
    fn around_secret(&self, page: &str) -> (Cow<'_, str>, &str) {
        match self.pages.get(page).and_then(|own| own.split_once(Self::SECRET)) {
            Some((before, after)) => (before.into(), after),
            None => (format!("{}/{page}#", self.base_url()).into(), ""),
        }
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
    /// `{base}/{page}#{secret}`, or where the site has that page elsewhere. Browsers send a fragment neither in a request nor in a
    /// `Referer`.
    #[must_use]
    pub fn new(site: &Site, page: &str, secret: &str) -> Self {
        let (before, after) = site.around_secret(page);
        let length = before.len().saturating_add(secret.len()).saturating_add(after.len());
        let mut url = Zeroizing::new(String::with_capacity(length));
        for part in [&before, secret, after] {
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
