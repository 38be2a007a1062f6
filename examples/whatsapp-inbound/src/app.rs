//! The application: its own table of users, its own sign-in, the reset beside them, and a web server for the webhook.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use chrono::{DateTime, TimeDelta, Utc};
use password_reset::async_trait;
use password_reset::hashing::{Argon2Hasher, HashPoolConfig};
use password_reset::ports::{Clock, SystemClock, UserTable, Verdict};
use password_reset::{
    Builder, CallingCode, HashPool, Identifier, Key, KeyRing, Locale, Password, PasswordHash, PasswordReset, Requested,
    ResetRequest, Site,
};
use password_reset_sqlite::SqliteStore;
use password_reset_whatsapp::{MAX_BODY_BYTES, Meta, Webhook, WhatsAppNotifier};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub const OLD: &str = "an old password nobody remembers";
/// The number that users write to.
pub const SERVICE_NUMBER: &str = "+6281100000000";
const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub struct App {
    pub reset: PasswordReset,
    pub clock: MovableClock,
    pub webhook: SocketAddr,
    pool: HashPool,
    folder: TempDir,
}

impl App {
    /// Creates the database with one user, starts the worker with the settings of an example, and serves the webhook at an address
    /// of this machine.
    pub async fn start(
        phone: &str,
        provider: Meta,
        notifier: WhatsAppNotifier,
        listen: &str,
        set: impl FnOnce(Builder) -> Builder,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("app.db");
        let db = Connection::open(&file)?;
        db.execute_batch("create table users (id integer primary key, email text, phone text, password_hash text)")?;
        let pool = HashPool::new(Arc::new(Argon2Hasher::default()), HashPoolConfig::default())?;
        let hash = pool.hash(&Password::new(OLD)).await?;
        let insert = "insert into users (email, phone, password_hash) values ('ani@toko.example', ?1, ?2)";
        db.execute(insert, (phone, hash.as_str()))?;

        let store = SqliteStore::open(&file)?;
        let accounts = store
            .accounts(UserTable::new("users").with_phone_column("phone").with_home_country(CallingCode::INDONESIA));
        let store = store.writing(accounts.clone());
        store.migrate().await?;
        // An application reads its keys from its environment: `KeyRing::from_env("PASSWORD_RESET_KEYS")`.
        let keys = KeyRing::new(random_key("example")?, random_key("counters")?);
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let clock = MovableClock::default();
        let builder = PasswordReset::builder(accounts, store, keys, site)
            .notifier(notifier)
            .hash_pool(pool.clone())
            .clock(clock.clone());
        let (reset, worker) = set(builder).build()?;
        tokio::spawn(worker.run());

        let handler = Webhook::new(reset.clone(), provider)?.with_clock(Arc::new(clock.clone()));
        let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
        let webhook = listener.local_addr()?;
        let router = Router::new().route("/webhooks/whatsapp", any(answer)).with_state(handler);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { reset, clock, webhook, pool, folder })
    }

    /// The "Forgot Password" form of a site whose users send a message.
    pub async fn ask(&self, typed: &str) -> Result<Requested> {
        let phone = Identifier::phone(typed, CallingCode::INDONESIA)?;
        Ok(self.reset.request(ResetRequest::whatsapp_inbound(phone, SOURCE)).await?)
    }

    /// The form of a site that sends a code.
    pub async fn ask_for_code(&self, typed: &str) -> Result<Requested> {
        let phone = Identifier::phone(typed, CallingCode::INDONESIA)?;
        let request = ResetRequest::whatsapp_code(phone, SOURCE).locale(Locale::INDONESIAN);
        Ok(self.reset.request(request).await?)
    }

    fn hash(&self) -> Result<String> {
        let db = Connection::open(self.folder.path().join("app.db"))?;
        Ok(db.query_row("select password_hash from users", [], |row| row.get(0))?)
    }

    /// The application's own sign-in.
    pub async fn signs_in(&self, password: &str) -> Result<bool> {
        let hash = self.hash()?;
        let typed = Password::new(password);
        Ok(self.pool.verify(&typed, &PasswordHash::new(hash)).await? != Verdict::Mismatch)
    }
}

/// Passes a call of the webhook on with its raw body, as with any framework.
async fn answer(State(webhook): State<Webhook>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(refusal) = webhook.refuse(&parts) {
        return refusal.map(axum::body::Body::from);
    }
    match axum::body::to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => webhook.handle(Request::from_parts(parts, body)).await.map(axum::body::Body::from),
        Err(_too_long) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}

/// The time of this machine, which the example can advance, to make a message late without waiting.
#[derive(Clone, Debug, Default)]
pub struct MovableClock(Arc<AtomicI64>);

impl MovableClock {
    pub fn advance(&self, minutes: i64) {
        self.0.fetch_add(minutes, Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for MovableClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + TimeDelta::minutes(self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, span: Duration) {
        SystemClock.sleep(span).await;
    }
}

fn random_key(id: &str) -> Result<Key> {
    Ok(Key::new(id, &rand::random::<[u8; 32]>())?)
}
