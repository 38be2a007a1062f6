//! All settings, and the service that they describe.

use std::path::Path;

use password_reset::message::Zone;
use password_reset::{Builder, KeyRing, Lifetimes, Limits, PasswordPolicy, PasswordReset, PortError, Retention, Site};
use password_reset_breached::BreachedFile;
use password_reset_mail_http::HttpMailNotifier;
use password_reset_smtp::SmtpNotifier;

use crate::accounts::AccountNames;
use crate::app_links::AppNames;
use crate::canary::Canary;
use crate::database::{Database, Place};
use crate::error::SettingsError;
use crate::hash::HashSettings;
use crate::languages;
use crate::limits;
use crate::mail::Mail;
use crate::pages::PageSettings;
use crate::reader::Reader;
use crate::secret::Secret;
use crate::whatsapp::WhatsAppSettings;

/// The settings of one service, from a TOML file and the environment, which wins.
#[derive(Clone, Debug)]
pub struct Settings {
    site: Site,
    keys: Secret,
    keys_file: Option<std::path::PathBuf>,
    database: Place,
    database_schema: Option<String>,
    pub(crate) accounts: AccountNames,
    mail: Option<Mail>,
    whatsapp: Option<WhatsAppSettings>,
    trusted_proxies: Vec<String>,
    app_names: Option<AppNames>,
    #[cfg_attr(not(feature = "pages"), allow(dead_code, reason = "every build checks them; the pages use them"))]
    pub(crate) pages: PageSettings,
    lifetimes: Lifetimes,
    limits: Limits,
    retention: Retention,
    hash: HashSettings,
    policy: PasswordPolicy,
    breached: Option<std::path::PathBuf>,
    canary: Option<Canary>,
}

impl Settings {
    /// Reads the file and the environment of this process.
    ///
    /// # Errors
    /// All faults at once: what is missing, wrong or unknown, by name, and what to write.
    pub fn load(file: impl AsRef<Path>) -> Result<Self, SettingsError> {
        let file = file.as_ref();
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| SettingsError::one(&name, format!("it cannot be read: {error}")))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        Self::read(&name, &text, folder, &|variable| std::env::var(variable).ok())
    }

    /// Reads the text of a file with this name, and variables by name. Paths are relative to `folder`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn read(
        name: &str,
        text: &str,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(name, text, folder, environment)?;
        let settings = Self::of(&mut reader);
        reader.finish()?;
        settings.ok_or_else(|| SettingsError::one(name, "a setting is missing"))
    }

    /// `None` only where a fault was noted.
    fn of(reader: &mut Reader<'_>) -> Option<Self> {
        let (name, url) =
            (reader.required("site.name", "Toko Contoh"), reader.required("site.url", "https://toko.example/reset"));
        let (realm, zone) = (reader.text("site.realm"), zone(reader));
        let keys_file = reader.path("keys_file");
        let keys = reader.required_secret("keys");
        if let Some(keys) = &keys {
            reader.checked("keys", KeyRing::parse(keys.expose()));
        }
        let database = Place::read(reader);
        let database_schema = reader.text("database.schema");
        let accounts = AccountNames::read(reader);
        let mail = Mail::read(reader);
        let whatsapp = WhatsAppSettings::read(reader);
        let languages = languages::read(reader);
        let policy = match reader.path("passwords.policy_file") {
            Some(file) => reader.checked("passwords.policy_file", password_reset_policy::read_file(file)),
            None => Some(PasswordPolicy::default()),
        };
        let breached = reader.path("passwords.breached_file");
        let trusted_proxies = reader.list("pages.trusted_proxies").unwrap_or_default();
        let (lifetimes, limits) = (limits::lifetimes(reader), limits::limits(reader));
        let (retention, hash, canary) = (limits::retention(reader), HashSettings::read(reader), Canary::read(reader));
        let host = url.as_deref().and_then(host);
        let pages = PageSettings::read(reader, host, languages.as_ref(), limits.challenge_from.is_some());
        let (own_pages, app_names) = (own_pages(reader), AppNames::read(reader));
        let mut site = own_pages(Site::new(name?, url?).with_zone(zone?).with_languages(languages?));
        if let Some(realm) = realm {
            site = site.with_realm(realm);
        }
        Some(Self {
            site,
            keys: keys?,
            keys_file,
            database: database?,
            database_schema,
            accounts,
            mail,
            whatsapp,
            trusted_proxies,
            app_names,
            pages: pages?,
            lifetimes,
            limits,
            retention,
            hash,
            policy: policy?,
            breached,
            canary,
        })
    }

    /// Opens the database of `database.url`. Nothing is looked at yet but that it answers.
    ///
    /// # Errors
    /// When it cannot be opened or reached.
    pub async fn connect(&self) -> Result<Database, PortError> {
        Database::open(&self.database, self.database_schema.as_deref(), &self.accounts).await
    }

    /// Begins the service on the database, with every part that settings can describe. What is the application's own, such as a
    /// risk policy, an account locker or observers, it adds before it builds.
    ///
    /// # Errors
    /// Names the setting that a part refuses. `build` names those that are out of range.
    pub fn builder(&self, database: &Database) -> Result<Builder, SettingsError> {
        let keys = KeyRing::parse(self.keys.expose()).map_err(|error| SettingsError::one("keys", error))?;
        let mut builder = PasswordReset::builder(database.accounts(), database.store(), keys, self.site.clone())
            .lifetimes(self.lifetimes)
            .limits(self.limits)
            .retention(self.retention)
            .several_accounts(self.accounts.several)
            .policy(self.policy.clone())
            .hash_pool(self.hash.pool()?);
        if let Some(file) = &self.breached {
            let list = BreachedFile::open(file).map_err(|error| {
                SettingsError::one("passwords.breached_file", format!("{}: {error}", file.display()))
            })?;
            builder = builder.breached_passwords(list);
        }
        if let Some(mail) = self.mail()? {
            builder = builder.notifier(mail);
        }
        if let Some(mail) = self.mail_service()? {
            builder = builder.notifier(mail);
        }
        if let Some(whatsapp) = &self.whatsapp {
            builder = builder
                .notifier(whatsapp.notifier(&self.lifetimes)?)
                .inbound(whatsapp.inbound()?)
                .undelivered_codes(whatsapp.undelivered_codes());
        }
        Ok(builder)
    }

    /// Sends mail by the SMTP server of `mail.url`; `None` without `mail.from`, and where a service sends.
    ///
    /// # Errors
    /// Names the setting that is refused.
    pub fn mail(&self) -> Result<Option<SmtpNotifier>, SettingsError> {
        self.mail.as_ref().map_or(Ok(None), Mail::smtp)
    }

    /// Sends mail by the HTTP API of `mail.service`; `None` without `mail.from`, and where an SMTP server sends.
    ///
    /// # Errors
    /// Names the setting that is refused.
    pub fn mail_service(&self) -> Result<Option<HttpMailNotifier>, SettingsError> {
        self.mail.as_ref().map_or(Ok(None), Mail::service)
    }

    /// Whether settings say how mail is sent.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.mail.is_some()
    }

    /// The service, as messages and pages name it.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The key ring as text: `name:base64,…`.
    #[must_use]
    pub fn keys(&self) -> &Secret {
        &self.keys
    }

    /// The file of the keys, if they come from one.
    #[must_use]
    pub fn keys_file(&self) -> Option<&Path> {
        self.keys_file.as_deref()
    }

    /// What stands in front, for `Web::trusted_proxies`.
    #[must_use]
    pub fn trusted_proxies(&self) -> &[String] {
        &self.trusted_proxies
    }

    /// The applications on phones that claim the links of messages, if there are any.
    #[must_use]
    pub fn app_names(&self) -> Option<&AppNames> {
        self.app_names.as_ref()
    }

    /// How long secrets live.
    #[must_use]
    pub fn lifetimes(&self) -> Lifetimes {
        self.lifetimes
    }

    /// How long what is not needed any more is kept.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.retention
    }

    /// WhatsApp, if a number is set.
    #[must_use]
    pub fn whatsapp(&self) -> Option<&WhatsAppSettings> {
        self.whatsapp.as_ref()
    }

    /// The account that the doctor resets, if there is one.
    #[must_use]
    pub fn canary(&self) -> Option<&Canary> {
        self.canary.as_ref()
    }
}

/// The addresses of pages that are elsewhere than below `site.url`.
fn own_pages(reader: &mut Reader<'_>) -> impl FnOnce(Site) -> Site + use<> {
    let start = reader.text("site.start_page");
    let (link, cancel) = (template(reader, "site.link_page"), template(reader, "site.cancel_page"));
    let lock = template(reader, "site.lock_page");
    move |site| {
        let site = start.into_iter().fold(site, Site::with_start_page);
        let site = link.into_iter().fold(site, Site::with_link_page);
        let site = cancel.into_iter().fold(site, Site::with_cancel_page);
        lock.into_iter().fold(site, Site::with_lock_page)
    }
}

/// The address of a page with the place of its secret; what else it must have, `build` says.
fn template(reader: &mut Reader<'_>, setting: &str) -> Option<String> {
    let template = reader.text(setting)?;
    let is_behind = template.split_once('#').is_some_and(|(_, fragment)| fragment.contains("{secret}"));
    if !is_behind {
        reader.fault(
            setting,
            "write the address with {secret} behind its #, as in \"https://app.toko.example/reset#{secret}\"",
        );
        return None;
    }
    Some(template)
}

/// The host of a URL.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    Some(host.map_or(authority, |(host, _)| host)).filter(|host| !host.is_empty())
}

fn zone(reader: &mut Reader<'_>) -> Option<Zone> {
    let zone = reader.text("site.zone").map_or(Some(Zone::UTC), |name| Zone::named(&name));
    if zone.is_none() {
        reader.fault("site.zone", "write UTC, WIB, WITA, WIT, or an abbreviation with its offset, as in \"NPT+05:45\"");
    }
    zone
}
