//! The application's user table.

mod check;
pub(crate) mod read;
mod table;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::identity::IdentifierKind;
use password_reset::ports::{Accounts, Changed, PasswordChange, UserTable};
use password_reset::{Account, AccountId, CallingCode, Identifier, PasswordHash, PortError};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::sync::OnceCell;

use self::table::Names;
pub(crate) use self::table::Texts;
use crate::error::failed;
use crate::idle_connections::IdleConnections;
use crate::row::Statement;

const CANNOT_READ: &str = "cannot read accounts";
const CANNOT_WRITE: &str = "cannot write an account";
const NEVER_DISABLED: &str =
    "no column disables accounts: name one with `UserTable::with_disabled_column`, or `with_active_column`";

/// The application's own user table, read and written as it is. [`UserTable`] says how each column is read.
///
/// Names are taken as they are in the catalogue: unquoted SQL folds them to lower case, this does not. The types of the columns
/// are looked up once, when the accounts are first used or [checked](Self::check).
///
/// What a table cannot hold (several addresses, sessions elsewhere) is left to an [`Accounts`] of the application that
/// calls this one for the rest; [`PostgresStore::writing`](crate::PostgresStore::writing) still takes this one.
#[derive(Clone, Debug)]
pub struct PostgresAccounts {
    pool: PgPool,
    connections: IdleConnections,
    names: Names,
    texts: Arc<OnceCell<Texts>>,
}

impl PostgresAccounts {
    /// The accounts in a table. Nothing is looked at yet; call [`check`](Self::check) when the program starts.
    #[must_use]
    pub fn new(pool: &PgPool, users: impl Into<UserTable>) -> Self {
        let (connections, names) = (IdleConnections::new(pool), Names { schema: None, users: users.into() });
        Self { pool: pool.clone(), connections, names, texts: Arc::default() }
    }

    /// Names the schema of the tables, which are looked for in the search path otherwise.
    #[must_use]
    pub fn in_schema(mut self, schema: impl Into<String>) -> Self {
        self.names.schema = Some(schema.into());
        self.texts = Arc::default();
        self
    }

    /// Disables an account, by [the disabling column](UserTable::with_disabled_column) or else
    /// [the active one](UserTable::with_active_column): a flag, or the time since when. Whether there is such an account.
    ///
    /// # Errors
    /// Permanent when the table is described with neither column, or cannot be written; transient when the database is away.
    pub async fn disable(&self, account: &AccountId) -> Result<bool, PortError> {
        let texts = self.texts().await?;
        let text = texts.disable.as_ref().ok_or_else(|| PortError::permanent(NEVER_DISABLED))?;
        let Some(id) = texts.id.canonical(account.as_str()) else { return Ok(false) };
        let disabled = self.connections.execute(sqlx::query(safe(text)).bind(id)).await;
        Ok(disabled.map_err(failed("cannot disable the account"))? > 0)
    }

    pub(crate) async fn texts(&self) -> Result<&Texts, PortError> {
        self.texts.get_or_try_init(|| Texts::of(&self.pool, &self.names)).await
    }

    /// The text that joins the account to a reset that is called `r`; [`read::joined`] reads it.
    pub(crate) async fn joined(&self) -> Result<Arc<str>, PortError> {
        Ok(Arc::clone(&self.texts().await?.joined))
    }

    /// Binds the parameters of that update: seven, and one more where earlier hashes are kept.
    pub(crate) async fn bind_change<'q>(
        &self,
        statement: Statement<'q>,
        change: &'q PasswordChange,
    ) -> Result<Statement<'q>, PortError> {
        let was = change.was();
        let (email, [phone, without_plus, at_home]) = self.names.contacts_before(change);
        let statement = statement
            .bind(self.texts().await?.id.canonical(was.id().as_str()))
            .bind(change.new_hash().as_str())
            .bind(was.hash().map(PasswordHash::as_str))
            .bind(email)
            .bind(phone)
            .bind(without_plus)
            .bind(at_home);
        let keeps_earlier = self.names.earlier_hashes.is_some();
        Ok(if keeps_earlier { statement.bind(UserTable::earlier_hashes_after(change)) } else { statement })
    }
}

#[async_trait]
impl Accounts for PostgresAccounts {
    fn home_country(&self) -> Option<CallingCode> {
        self.names.home
    }

    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        // Postgres knows no text with this character, and no form lets it through.
        if identifier.as_str().contains('\0') {
            return Ok(Vec::new());
        }
        let texts = self.texts().await?;
        let text = match identifier.kind() {
            IdentifierKind::Email => Some(&texts.by_email),
            IdentifierKind::Username => texts.by_username.as_ref(),
            IdentifierKind::Phone => texts.by_phone.as_ref(),
            _ => None,
        };
        let Some(text) = text else { return Ok(Vec::new()) };
        let query = self.names.forms(identifier).into_iter().fold(sqlx::query(safe(text)), Query::bind);
        let home = self.names.home;
        let rows = self.connections.fetch_all(query).await.map_err(failed(CANNOT_READ))?;
        let rows = rows.iter().map(read::user).collect::<Result<Vec<_>, _>>()?;
        Ok(rows.into_iter().filter(|row| row.is_named_by(identifier, home)).map(|row| row.account(home)).collect())
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        let texts = self.texts().await?;
        let Some(id) = texts.id.canonical(account.as_str()) else { return Ok(None) };
        let rows = self.connections.fetch_all(sqlx::query(safe(&texts.load)).bind(id)).await;
        rows.map_err(failed(CANNOT_READ))?.first().map(|row| read::account(row, self.names.home)).transpose()
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        let text = self.texts().await?.set_password(0);
        let statement = self.bind_change(sqlx::query(AssertSqlSafe(text)), change).await?;
        let updated = self.connections.execute(statement).await.map_err(failed(CANNOT_WRITE))?;
        Ok(if updated == 0 { Changed::Conflict } else { Changed::Updated })
    }

    async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError> {
        let Some((id, text)) = &self.texts().await?.end_sessions else { return Ok(()) };
        let Some(account) = id.canonical(account.as_str()) else { return Ok(()) };
        let ended = self.connections.execute(sqlx::query(safe(text)).bind(account).bind(begun_before)).await;
        ended.map(drop).map_err(failed("cannot end sessions"))
    }
}

/// The texts are made in one place, of names that the program's author wrote, each quoted; see [`table`].
fn safe(text: &Arc<str>) -> AssertSqlSafe<Arc<str>> {
    AssertSqlSafe(Arc::clone(text))
}
