//! A whole site on SQLite, with accounts in memory.

use std::path::Path;

use axum::Router;
use password_reset::{Account, AccountStatus, Contact, Inbound, Limits, PasswordReset, Site, Worker};
use password_reset_axum::{EdgeLimits, ResetMethod, Web};
use password_reset_sqlite::SqliteStore;
use password_reset_testkit::{MemoryAccounts, RecordingNotifier, sample};
use password_reset_whatsapp::Webhook;

use crate::{pool, whatsapp};

/// The path of the webhook, below that of the reset.
pub const WEBHOOK: &str = "/webhooks/whatsapp";

/// The pages, the worker, and the emails.
pub struct Pages {
    pub router: Router,
    pub worker: Worker,
    pub mail: RecordingNotifier,
}

/// The number and the source address of one user.
pub fn phone(person: u32) -> String {
    format!("+62812{person:08}")
}

pub fn email(person: u32) -> String {
    format!("person{person}@toko.example")
}

/// The site with this many accounts. It trusts `X-Forwarded-For` of every peer, so that a bench can be many clients.
pub async fn open(file: &Path, origin: &str, accounts: u32) -> anyhow::Result<Pages> {
    let store = SqliteStore::open(file)?;
    store.migrate().await?;
    let people = MemoryAccounts::new();
    for person in 0..accounts {
        let account = Account::new(person.to_string(), AccountStatus::Active);
        people.add(account.with_contact(Contact::phone(phone(person))).with_contact(Contact::email(email(person))));
    }
    let mut limits = Limits::default();
    limits.requests_per_minute = u32::MAX;
    let mail = RecordingNotifier::new();
    let (reset, worker) =
        PasswordReset::builder(people, store, sample::keys(), Site::new("Toko Contoh", format!("{origin}/reset")))
            .notifier(mail.clone())
            .inbound(Inbound::page_advances(whatsapp::NUMBER)?)
            .hash_pool(pool())
            .limits(limits)
            .build()?;
    let mut at_the_edge = EdgeLimits::default();
    at_the_edge.requests = u32::MAX;
    let webhook = Webhook::new(reset.clone(), whatsapp::provider()?)?;
    let first = webhook.clone();
    let web = Web::new(reset)
        .reset_methods([ResetMethod::WhatsApp, ResetMethod::Email])
        .trusted_proxies(["0.0.0.0/0"])
        .limits(at_the_edge)
        .webhook(
            WEBHOOK,
            move |head| first.refuse(head),
            move |request| {
                let webhook = webhook.clone();
                async move { webhook.handle(request).await }
            },
        );
    Ok(Pages { router: web.build()?, worker, mail })
}
