//! What the program is told.

use std::net::{Ipv4Addr, SocketAddr};

use password_reset::{InboundMode, KeyRing, Locale, PasswordPolicy};

use crate::clock::DemoClock;
use crate::users::Seed;
use crate::whatsapp::MetaAccount;

/// Everything that [`Demo::start`](crate::Demo::start) needs to know.
#[derive(Debug)]
pub struct Settings {
    /// A database: `sqlite:` and the name of a file, or `postgres://…`.
    pub database: String,
    /// The keys that secrets are derived from.
    pub keys: KeyRing,
    /// Where to listen; port 0 is any free port.
    pub listen: SocketAddr,
    /// Where people reach the site, if that is not where it listens: `https://demo.example`.
    pub origin: Option<String>,
    /// The language of pages for those whose browser asks for none of ours.
    pub language: Locale,
    /// The rules for new passwords.
    pub policy: PasswordPolicy,
    /// How mail is sent.
    pub mail: Mail,
    /// How WhatsApp messages are sent and heard.
    pub whatsapp: WhatsApp,
    /// What a WhatsApp message to the service is worth.
    pub inbound: InboundMode,
    /// Who is in the table of a new database.
    pub seeds: Vec<Seed>,
    /// The time.
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
            language: Locale::English,
            policy: PasswordPolicy::four_classes(),
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
    /// To a mailbox inside this program, which everybody who reaches the site can read at `/dev/mailbox`.
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

/// How WhatsApp messages are sent and heard.
#[derive(Debug)]
pub enum WhatsApp {
    /// By phones inside this program, which everybody who reaches the site can use at `/dev/whatsapp`.
    Development,
    /// Not at all.
    Off,
    /// Through Meta's Cloud API.
    Meta(Box<MetaAccount>),
}
