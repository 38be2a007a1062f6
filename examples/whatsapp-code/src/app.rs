//! The application: its own table of users, its own sign-in, the reset beside them, and a web server for the webhook.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use password_reset::flow::AuditEvent;
use password_reset::hashing::{Argon2Hasher, HashPoolConfig};
use password_reset::ports::{UserTable, Verdict};
use password_reset::{
    AccountId, CallingCode, HashPool, Identifier, Inbound, Key, KeyRing, Locale, Password, PasswordHash, PasswordReset,
    Requested, ResetRequest, Site,
};
use password_reset_sqlite::SqliteStore;
use password_reset_whatsapp::{MAX_BODY_BYTES, Meta, Webhook, WhatsAppNotifier};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub const OLD: &str = "an old password nobody remembers";
/// The number that users would write to.
const SERVICE_NUMBER: &str = "+6281100000000";

pub struct App {
    pub reset: PasswordReset,
    pool: HashPool,
    folder: TempDir,
}

impl App {
    /// Creates the database with one user, and starts the worker.
    pub async fn start(phone: &str, notifier: WhatsAppNotifier) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("app.db");
        let db = Connection::open(&file)?;
        db.execute_batch("create table users (id integer primary key, email text, phone text, password_hash text)")?;
        let pool = HashPool::new(Arc::new(Argon2Hasher::default()), HashPoolConfig::default())?;
        let hash = pool.hash(&Password::new(OLD)).await?;
        db.execute("insert into users (phone, password_hash) values (?1, ?2)", (phone, hash.as_str()))?;

        let store = SqliteStore::open(&file)?;
        let accounts = store
            .accounts(UserTable::new("users").with_phone_column("phone").with_home_country(CallingCode::INDONESIA));
        let store = store.writing(accounts.clone());
        store.migrate().await?;
        // An application reads its keys from its environment: `KeyRing::from_env("PASSWORD_RESET_KEYS")`.
        let keys = KeyRing::new(random_key("example")?, random_key("counters")?);
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        // A real application also sends email. This example reaches phones alone and must accept that explicitly; it receives
        // messages by the same webhook, because an attacker can use up the codes that are sent, but not those.
        let (reset, worker) = PasswordReset::builder(accounts, store, keys, site)
            .notifier(notifier)
            .phone_only()
            .inbound(Inbound::type_back(SERVICE_NUMBER)?)
            .hash_pool(pool.clone())
            .build()?;
        tokio::spawn(worker.run());
        Ok(Self { reset, pool, folder })
    }

    /// Serves the webhook for the delivery reports of the provider, and returns its address.
    pub async fn serve(&self, provider: Meta, listen: &str) -> Result<SocketAddr> {
        let handler = Webhook::new(self.reset.clone(), provider)?;
        let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
        let address = listener.local_addr()?;
        let router = Router::new().route("/webhooks/whatsapp", any(answer)).with_state(handler);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(address)
    }

    /// The "Forgot Password" form.
    pub async fn ask(&self, typed: &str) -> Result<Requested> {
        let phone = Identifier::phone(typed, CallingCode::INDONESIA)?;
        let source: std::net::IpAddr = [127, 0, 0, 1].into();
        let request = ResetRequest::whatsapp_code(phone, source).locale(Locale::INDONESIAN);
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

    /// The history of the account as administrators see it, newest first.
    pub async fn history(&self) -> Result<Vec<(AuditEvent, Option<String>)>> {
        let rows = self.reset.admin().history(&AccountId::new("1"), 100).await?;
        Ok(rows.into_iter().map(|row| (row.event, row.detail)).collect())
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

fn random_key(id: &str) -> Result<Key> {
    Ok(Key::new(id, &rand::random::<[u8; 32]>())?)
}
