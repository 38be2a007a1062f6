//! The settings of the program.

use std::net::{Ipv4Addr, SocketAddr};

use password_reset::{InboundMode, KeyRing, Languages, Limits, Locale, PasswordPolicy};

use crate::clock::DemoClock;
use crate::users::Seed;
use crate::whatsapp::MetaAccount;

/// The settings for [`Demo::start`](crate::Demo::start).
#[derive(Debug)]
pub struct Settings {
    /// A database: `sqlite:` and the name of a file, or `postgres://…`.
    pub database: String,
    /// The keys from which secrets are derived.
    pub keys: KeyRing,
    /// The address to listen on; port 0 is any free port.
    pub listen: SocketAddr,
    /// The address of the site, if it differs from the one it listens on: `https://demo.example`.
    pub origin: Option<String>,
    /// The proxies in front, which send `X-Forwarded-For`: networks or addresses.
    pub proxies: Vec<String>,
    /// The language for browsers that prefer none of the available ones.
    pub language: Locale,
    /// The languages of the reset pages and messages; the shop's own pages are in English and Indonesian.
    pub languages: Languages,
    /// The rules for new passwords.
    pub policy: PasswordPolicy,
    /// The limits. With `challenge_from`, browsers compute a while where a source asks often.
    pub limits: Limits,
    /// How mail is sent.
    pub mail: Mail,
    /// How WhatsApp messages are sent and received.
    pub whatsapp: WhatsApp,
    /// What happens after someone sends the code by WhatsApp.
    pub inbound: InboundMode,
    /// The users of a new database.
    pub seeds: Vec<Seed>,
    /// The clock.
    pub clock: DemoClock,
}

impl Settings {
    /// Listens on a free port of this machine, with the seeded users and the development tools.
    #[must_use]
    pub fn new(database: impl Into<String>, keys: KeyRing) -> Self {
        Self {
            database: database.into(),
            keys,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            origin: None,
            proxies: Vec::new(),
            language: Locale::ENGLISH,
            languages: Languages::default(),
            policy: PasswordPolicy::four_classes(),
            limits: Limits::default(),
            mail: Mail::Development,
            whatsapp: WhatsApp::Development,
            inbound: InboundMode::PageAdvances,
            seeds: Seed::all().into(),
            clock: DemoClock::default(),
        }
    }
}

/// How mail is sent.
#[derive(Debug)]
pub enum Mail {
    /// To a mailbox inside this program, which anyone who can open the site can read at `/dev/mailbox`.
    Development,
    /// Not at all.
    Off,
    /// Through a real server.
    Smtp {
        /// `smtps://user:password@host:465`, or `smtp://…:587` for STARTTLS.
        url: String,
        /// The sender.
        from: String,
    },
}

/// How WhatsApp messages are sent and received.
#[derive(Debug)]
pub enum WhatsApp {
    /// By phones inside this program, which anyone who can open the site can use at `/dev/whatsapp`.
    Development,
    /// Not at all.
    Off,
    /// Through Meta's Cloud API.
    Meta(Box<MetaAccount>),
}
