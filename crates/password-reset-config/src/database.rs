//! The database of the settings, and the ports on it.

use std::path::PathBuf;
use std::sync::Arc;

use password_reset::ports::{Accounts, ResetStore};
use password_reset::{AccountId, PortError};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_sqlite::{SqliteAccounts, SqliteStore};
use sqlx::PgPool;

use crate::accounts::AccountNames;
use crate::reader::Reader;
use crate::secret::Secret;

/// The database, with the accounts and the resets on it.
#[derive(Clone, Debug)]
pub struct Database {
    kind: Kind,
    can_disable: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Sqlite { accounts: Arc<SqliteAccounts>, store: Arc<SqliteStore> },
    Postgres { accounts: Arc<PostgresAccounts>, store: Arc<PostgresStore> },
}

/// Where the database is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(Secret),
}

impl Place {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let of_file = reader.path("database.url_file");
        let url = match (of_file, reader.text("database.url")) {
            (_, Some(url)) => Secret::new(&url),
            (Some(_), None) => reader.required_secret("database.url")?,
            (None, None) => {
                reader.required("database.url", "sqlite:app.db");
                return None;
            }
        };
        let text = url.expose();
        if let Some(file) = text.strip_prefix("sqlite:") {
            return Some(Self::Sqlite(sqlite_file(reader, file)));
        }
        if !["postgres:", "postgresql:"].iter().any(|scheme| text.starts_with(scheme)) {
            reader.fault("database.url", "write sqlite: and a file, or postgres://user@host/name");
            return None;
        }
        if has_password(text) && reader.is_in_file("database.url") {
            let reason =
                "it has a password, which has no place here: set DATABASE_URL, or write url_file = \"/run/secrets/…\"";
            reader.fault("database.url", reason);
            return None;
        }
        Some(Self::Postgres(url))
    }
}

/// A file beside the settings; in the variable, which other programs read too, it is where they look for it. Those
/// programs may write `sqlite://app.db?mode=rwc`.
fn sqlite_file(reader: &Reader<'_>, file: &str) -> PathBuf {
    if file.starts_with(':') || file.starts_with("file:") {
        return file.into(); // SQLite's own names
    }
    let file = file.strip_prefix("//").unwrap_or(file);
    let (file, _parameters) = file.split_once('?').unwrap_or((file, ""));
    match reader.in_environment("database.url") {
        Some(_) => file.into(),
        None => reader.beside(file),
    }
}

/// sqlx takes it before the host, and among the parameters.
fn has_password(url: &str) -> bool {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let user = address.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
    user.is_some_and(|(user, _)| user.contains(':')) || parameters.split('&').any(|one| one.starts_with("password="))
}

impl Database {
    pub(crate) async fn open(place: &Place, schema: Option<&str>, names: &AccountNames) -> Result<Self, PortError> {
        let users = names.users.clone();
        let can_disable = users.disabled.is_some() || users.active.is_some();
        let url = match place {
            Place::Postgres(url) => url,
            Place::Sqlite(file) => {
                let store = SqliteStore::open(file)?;
                let accounts = Arc::new(store.accounts(users));
                let store = Arc::new(store.writing(SqliteAccounts::clone(&accounts)));
                return Ok(Self { kind: Kind::Sqlite { accounts, store }, can_disable });
            }
        };
        // What sqlx says may show a part of the URL.
        let pool = PgPool::connect(url.expose()).await;
        let pool =
            pool.map_err(|_may_show_the_url| PortError::transient("cannot connect to the database of database.url"))?;
        let mut accounts = PostgresAccounts::new(&pool, users);
        if let Some(schema) = &names.schema {
            accounts = accounts.in_schema(schema);
        }
        let mut store = PostgresStore::new(&pool);
        if let Some(schema) = schema {
            store = store.in_schema(schema);
        }
        let store = Arc::new(store.writing(accounts.clone()));
        let accounts = Arc::new(accounts);
        Ok(Self { kind: Kind::Postgres { accounts, store }, can_disable })
    }

    /// The user table.
    #[must_use]
    pub fn accounts(&self) -> Arc<dyn Accounts> {
        match &self.kind {
            Kind::Sqlite { accounts, .. } => Arc::<SqliteAccounts>::clone(accounts),
            Kind::Postgres { accounts, .. } => Arc::<PostgresAccounts>::clone(accounts),
        }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> Arc<dyn ResetStore> {
        match &self.kind {
            Kind::Sqlite { store, .. } => Arc::<SqliteStore>::clone(store),
            Kind::Postgres { store, .. } => Arc::<PostgresStore>::clone(store),
        }
    }

    /// Creates or updates the tables of resets, and checks them.
    ///
    /// # Errors
    /// As [`check`](Self::check), or when the tables cannot be written.
    pub async fn migrate(&self) -> Result<(), PortError> {
        match &self.kind {
            Kind::Sqlite { store, .. } => store.migrate().await,
            Kind::Postgres { store, .. } => store.migrate().await,
        }
    }

    /// Checks tables, indexes and rights, those of the user table too.
    ///
    /// # Errors
    /// Permanent, with a source that says what to do.
    pub async fn check(&self) -> Result<(), PortError> {
        match &self.kind {
            Kind::Sqlite { store, .. } => store.check().await,
            Kind::Postgres { store, .. } => store.check().await,
        }
    }

    /// Whether settings name a column that disables accounts: `accounts.disabled_column` or `accounts.active_column`.
    #[must_use]
    pub fn can_disable(&self) -> bool {
        self.can_disable
    }

    /// Disables an account by that column; whether there is such an account.
    ///
    /// # Errors
    /// When settings name no such column, or the user table cannot be written.
    pub async fn disable(&self, account: &AccountId) -> Result<bool, PortError> {
        match &self.kind {
            Kind::Sqlite { accounts, .. } => accounts.disable(account).await,
            Kind::Postgres { accounts, .. } => accounts.disable(account).await,
        }
    }
}
