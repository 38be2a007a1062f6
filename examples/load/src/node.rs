//! One node: the service, its worker and its server, as an application has them.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use password_reset::hashing::HashPoolConfig;
use password_reset::ports::{HashError, HashWorker, PasswordHasher, Verdict};
use password_reset::{HashPool, Inbound, Key, KeyRing, Limits, Password, PasswordHash, PasswordReset, Site};
use password_reset_axum::{ResetMethod, Server, Web};
use password_reset_smtp::SmtpNotifier;
use password_reset_whatsapp::Webhook;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::database::Ports;
use crate::provider::{self, NUMBER};

/// Prints its address, and runs until its input ends. It logs to its standard error.
pub async fn run(database: &str, mail: SocketAddr, provider: SocketAddr, limit: u32) -> Result<()> {
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
    let Ports { accounts, store } = Ports::open(database).await?;
    let key = |id: &str, first: u8| Key::new(id, &(first..first + 32).collect::<Vec<u8>>());
    let keys = KeyRing::new(key("k1", 1)?, key("counters", 77)?);
    let mut limits = Limits::default();
    limits.requests_per_minute = limit;
    let pool = HashPool::new(Arc::new(QuickHasher), HashPoolConfig::default())?;
    let (reset, worker) =
        PasswordReset::builder(accounts, store, keys, Site::new("Toko Contoh", "https://toko.example/reset"))
            .notifier(SmtpNotifier::new(&format!("smtp://{mail}"), "no-reply@toko.example")?)
            .notifier(provider::notifier(provider)?)
            .inbound(Inbound::page_advances(NUMBER)?)
            .hash_pool(pool)
            .limits(limits)
            .build()?;
    tokio::spawn(worker.run());
    let webhook = Webhook::new(reset.clone(), provider::settings()?)?;
    let first = webhook.clone();
    let app = Web::new(reset)
        .reset_methods([ResetMethod::WhatsApp, ResetMethod::WhatsAppCode, ResetMethod::Email])
        // The program is also a proxy on this machine: requests from its first address name their client.
        .trusted_proxies(["127.0.0.1"])
        .webhook(
            "/webhooks/whatsapp",
            move |head| first.refuse(head),
            move |request| {
                let webhook = webhook.clone();
                async move { webhook.handle(request).await }
            },
        )
        .build()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let parent_ends = async {
        let mut nothing = Vec::new();
        let _ended = tokio::io::stdin().read_to_end(&mut nothing).await;
    };
    Ok(Server::new(app).serve(listener, parent_ends).await?)
}

/// Hashes at next to no cost.
#[derive(Debug)]
struct QuickHasher;

fn hash_of(password: &Password) -> String {
    format!("quick${}", base16ct::lower::encode_string(&Sha256::digest(password.expose())))
}

impl PasswordHasher for QuickHasher {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(Self)
    }
}

impl HashWorker for QuickHasher {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::new(hash_of(password)))
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let same = hash.as_str() == hash_of(password);
        Ok(if same { Verdict::Match { outdated: false } } else { Verdict::Mismatch })
    }
}
