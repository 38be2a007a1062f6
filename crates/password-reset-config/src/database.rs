//! The database of the settings, and the ports on it.

use std::path::PathBuf;
use std::sync::Arc;

use password_reset::ports::{Accounts, ResetStore};
use password_reset::{AccountId, PortError};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_sqlite::SqliteStore;
use sqlx::{AssertSqlSafe, PgPool};

use crate::accounts::AccountNames;
use crate::reader::Reader;
use crate::secret::Secret;

/// The database, with the accounts and the resets on it.
#[derive(Clone, Debug)]
pub struct Database {
    kind: Kind,
    names: AccountNames,
    accounts: Arc<dyn Accounts>,
}

#[derive(Clone, Debug)]
enum Kind {
    Sqlite { file: PathBuf, store: Arc<SqliteStore> },
    Postgres { pool: PgPool, store: Arc<PostgresStore> },
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

/// A file beside the settings; in the variable, which other programs read too, it is where they look for it. Those programs may write
/// `sqlite://app.db?mode=rwc`.
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
    pub(crate) async fn open(place: &Place, schema: Option<&str>, names: AccountNames) -> Result<Self, PortError> {
        let url = match place {
            Place::Postgres(url) => url,
            Place::Sqlite(file) => {
                let store = SqliteStore::open(file)?;
                let accounts = store.accounts(names.users.clone());
                let kind = Kind::Sqlite { file: file.clone(), store: Arc::new(store.writing(accounts.clone())) };
                return Ok(Self { kind, names, accounts: Arc::new(accounts) });
            }
        };
        // What sqlx says may show a part of the URL.
        let pool = PgPool::connect(url.expose()).await;
        let pool =
            pool.map_err(|_may_show_the_url| PortError::transient("cannot connect to the database of database.url"))?;
        let mut accounts = PostgresAccounts::new(&pool, names.users.clone());
        if let Some(schema) = &names.schema {
            accounts = accounts.in_schema(schema);
        }
        let mut store = PostgresStore::new(&pool);
        if let Some(schema) = schema {
            store = store.in_schema(schema);
        }
        let kind = Kind::Postgres { pool, store: Arc::new(store.writing(accounts.clone())) };
        Ok(Self { kind, names, accounts: Arc::new(accounts) })
    }

    /// The user table.
    #[must_use]
    pub fn accounts(&self) -> Arc<dyn Accounts> {
        Arc::clone(&self.accounts)
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

    /// Disables an account, by the column of `accounts.disabled_column` or `accounts.active_column`. `false` where settings name
    /// neither, or there is no such account.
    ///
    /// # Errors
    /// When the user table cannot be written.
    pub async fn disable(&self, account: &AccountId) -> Result<bool, PortError> {
        let users = &self.names.users;
        let (column, value) = match (&users.disabled, &users.active) {
            (Some(column), _) => (column, true),
            (None, Some(column)) => (column, false),
            (None, None) => return Ok(false),
        };
        let (table, column, id) = (quoted(&users.table), quoted(column), quoted(&users.id));
        let rows = match &self.kind {
            Kind::Sqlite { file, .. } => {
                let failed = |error| PortError::permanent("cannot disable the account").because(error);
                let connection = rusqlite::Connection::open(file).map_err(failed)?;
                let statement = format!("update {table} set {column} = ?2 where cast({id} as text) = ?1");
                let rows =
                    connection.execute(&statement, rusqlite::params![account.as_str(), value]).map_err(failed)?;
                u64::try_from(rows).unwrap_or(u64::MAX)
            }
            Kind::Postgres { pool, .. } => {
                let failed = |error: sqlx::Error| PortError::permanent("cannot disable the account").because(error);
                let table = match &self.names.schema {
                    Some(schema) => format!("{}.{table}", quoted(schema)),
                    None => table,
                };
                // A flag, or the time since when.
                let kind =
                    "select data_type from information_schema.columns where table_name = $1 and column_name = $2";
                let name = users.disabled.as_ref().or(users.active.as_ref());
                let kind: Option<String> = sqlx::query_scalar(kind)
                    .bind(&users.table)
                    .bind(name)
                    .fetch_optional(pool)
                    .await
                    .map_err(failed)?;
                let value = match (kind.as_deref(), value) {
                    (Some("boolean"), true) => "true",
                    (Some("boolean"), false) => "false",
                    (Some(kind), true) if kind.starts_with("timestamp") || kind == "date" => "now()",
                    (Some(kind), false) if kind.starts_with("timestamp") || kind == "date" => "null",
                    (_, true) => "'1'",
                    (_, false) => "'0'",
                };
                let statement = format!("update {table} set {column} = {value} where {id}::text = $1");
                let done = sqlx::query(AssertSqlSafe(statement)).bind(account.as_str()).execute(pool).await;
                done.map_err(failed)?.rows_affected()
            }
        };
        Ok(rows > 0)
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
