//! What these programs share: a Postgres with one user, the service without a web framework, and a person with two devices.

mod person;

use anyhow::Result;
use password_reset::hashing::{Argon2Hasher, HashPoolConfig};
use password_reset::ports::{Accounts, ResetStore};
use password_reset::{AccountId, AccountStatus, HashPool, Key, KeyRing, Password, PasswordHash, PasswordReset, Site};
use password_reset_postgres_server::{Database, Server};
use password_reset_testkit::RecordingNotifier;
use password_reset_testkit::suites::AccountSpec;
use sqlx::PgPool;

pub use crate::person::forgets_the_password;

/// The one user.
pub const EMAIL: &str = "ani@toko.example";
/// What the user forgot.
pub const OLD: &str = "an old forgotten password";
/// What the user sets.
pub const NEW: &str = "quiet umbrella festival 92";

/// The application's table, as it was before there were resets.
const USERS: &str = "create table users (
        id bigserial primary key, email text, username text, phone text, password_hash text,
        confirmed_at timestamptz, active bool not null default true);
    create index users_email_lower on users (lower(email))";

/// A database with the application's table, which is dropped with this value.
#[derive(Debug)]
pub struct Table {
    pub pool: PgPool,
    pub database: Database,
}

impl Table {
    /// Without a user, for tests.
    pub async fn empty() -> Result<Self> {
        let database = Server::shared()?.database().await?;
        let pool = PgPool::connect_with(database.options()).await?;
        sqlx::raw_sql(USERS).execute(&pool).await?;
        Ok(Self { pool, database })
    }

    /// With the one user.
    pub async fn with_user() -> Result<Self> {
        let table = Self::empty().await?;
        let hash = pool_of_hashers()?.hash(&Password::new(OLD)).await?;
        let mut user = AccountSpec::active().email(EMAIL);
        user.hash = Some(hash);
        table.create(&user).await?;
        Ok(table)
    }

    /// Its address, for drivers that refuse what only sqlx knows.
    pub fn url(&self) -> String {
        let url = self.database.url();
        url.split('?').next().unwrap_or_default().to_owned()
    }

    /// Writes a user as the application does.
    pub async fn create(&self, user: &AccountSpec) -> Result<AccountId> {
        let insert = "insert into users (email, username, phone, password_hash, active, confirmed_at)
            values ($1, $2, $3, $4, $5, case when $6 then now() end) returning id";
        let insert = sqlx::query_scalar::<_, i64>(insert).bind(&user.email).bind(&user.username).bind(&user.phone);
        let hash = user.hash.as_ref().map(PasswordHash::as_str);
        let insert = insert.bind(hash).bind(user.status == AccountStatus::Active).bind(user.confirmed);
        Ok(AccountId::from(insert.fetch_one(&self.pool).await?))
    }
}

/// The service over a user table, with its worker. Emails are kept in memory, in place of a mail server.
pub fn service(
    users: impl Accounts,
    store: impl ResetStore,
    origin: &str,
) -> Result<(PasswordReset, RecordingNotifier)> {
    // An application reads its keys from its environment: `KeyRing::from_env("PASSWORD_RESET_KEYS")`.
    let random = |id| Key::new(id, &rand::random::<[u8; 32]>());
    let keys = KeyRing::new(random("example")?, random("counters")?);
    let mail = RecordingNotifier::new();
    let site = Site::new("Toko Contoh", format!("{origin}/reset"));
    let builder = PasswordReset::builder(users, store, keys, site);
    let (reset, worker) = builder.notifier(mail.clone()).hash_pool(pool_of_hashers()?).build()?;
    tokio::spawn(worker.run());
    Ok((reset, mail))
}

fn pool_of_hashers() -> Result<HashPool> {
    Ok(HashPool::new(std::sync::Arc::new(Argon2Hasher::default()), HashPoolConfig::default())?)
}
