//! The application's user table.

mod check;
mod forms;
pub(crate) mod read;
mod table;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::identity::{IdentifierKind, stored_forms};
use password_reset::ports::{Accounts, Changed, PasswordChange};
use password_reset::{Account, AccountId, CallingCode, Contact, ContactKind, Identifier, PasswordHash, PortError};
use sqlx::{AssertSqlSafe, PgPool};
use tokio::sync::OnceCell;

use self::forms::{PHONE_FORMS, in_native_script};
use self::table::{SessionTable, Texts, UserTable};
use crate::error::failed;
use crate::idle_connections::IdleConnections;
use crate::row::Statement;

const CANNOT_READ: &str = "cannot read accounts";
const CANNOT_WRITE: &str = "cannot write an account";

/// The application's own user table, read and written as it is.
///
/// The table has the columns `id`, `email` and `password_hash`, unless the `with_` methods name others; everything else
/// is left out until it is named. Names are taken as they are in the catalogue: unquoted SQL folds them to lower case,
/// this does not. Columns are read as follows:
///
/// * The id may be an integer, text, `uuid` or `bytea`; the [`AccountId`] of bytes is their lower-case hex. It must be the
///   primary key, or unique by itself.
/// * An e-mail address is found whatever the case of its ASCII letters, in the form the person typed or, for domains in
///   other scripts, in their native form. `create index on users (lower(email))` keeps that from reading the whole table.
/// * A username is found byte for byte.
/// * A phone number is text, stored as `+628…`, digits only. With [a home country](Self::with_home_country) its numbers may also
///   be `628…` or `08…`. Other forms are not contacts.
/// * A column that says yes or no is *no* when it is null, `0`, empty, `false`, `f`, `no`, `n` or `off`, and *yes*
///   otherwise: a flag or the time since when will do.
/// * The password hash is text; null means that the account has none yet.
///
/// The types of the columns are looked up once, when the accounts are first used or [checked](Self::check).
///
/// What a table cannot hold (several addresses, sessions elsewhere) is left to an [`Accounts`] of the application that
/// calls this one for the rest; [`PostgresStore::writing`](crate::PostgresStore::writing) still takes this one.
///
/// # Security
/// Without [`with_email_confirmed_column`](Self::with_email_confirmed_column) every address in the table counts as
/// confirmed by its owner, and so does every phone number without
/// [`with_phone_confirmed_column`](Self::with_phone_confirmed_column). Name the columns if people can enter an address
/// that they did not prove. Without [`with_active_column`](Self::with_active_column) or
/// [`with_disabled_column`](Self::with_disabled_column) every row is an account that may be reset.
#[derive(Clone, Debug)]
pub struct PostgresAccounts {
    pool: PgPool,
    connections: IdleConnections,
    names: UserTable,
    texts: Arc<OnceCell<Texts>>,
}

impl PostgresAccounts {
    /// The accounts in `table`. Nothing is looked at yet; call [`check`](Self::check) when the program starts.
    #[must_use]
    pub fn new(pool: &PgPool, table: impl Into<String>) -> Self {
        let (connections, names) = (IdleConnections::new(pool), UserTable::new(table.into()));
        Self { pool: pool.clone(), connections, names, texts: Arc::default() }
    }

    /// Names the schema of the tables, which are looked for in the search path otherwise.
    #[must_use]
    pub fn in_schema(self, schema: impl Into<String>) -> Self {
        self.naming(|names| names.schema = Some(schema.into()))
    }

    /// Names the column of ids instead of `id`.
    #[must_use]
    pub fn with_id_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.id = column.into())
    }

    /// Names the column of e-mail addresses instead of `email`.
    #[must_use]
    pub fn with_email_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.email = column.into())
    }

    /// Names the column of password hashes instead of `password_hash`.
    #[must_use]
    pub fn with_password_hash_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.password_hash = column.into())
    }

    /// Says whether the address was confirmed: a flag, or the time when.
    #[must_use]
    pub fn with_email_confirmed_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.email_confirmed = Some(column.into()))
    }

    /// Names the column of usernames, by which accounts can then be found. Messages say it, so that several accounts of one owner can
    /// be told apart, and it is a word that the password must not be.
    #[must_use]
    pub fn with_username_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.username = Some(column.into()))
    }

    /// Names the column of phone numbers, by which accounts can then be found.
    #[must_use]
    pub fn with_phone_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.phone = Some(column.into()))
    }

    /// Says to which country stored numbers without one belong, and those that requesters type.
    #[must_use]
    pub fn with_home_country(self, home: CallingCode) -> Self {
        self.naming(|names| names.home = Some(home))
    }

    /// Says whether the phone number was confirmed: a flag, or the time when.
    #[must_use]
    pub fn with_phone_confirmed_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.phone_confirmed = Some(column.into()))
    }

    /// Says whether an account may be used: `is_active`, `activated_at`.
    #[must_use]
    pub fn with_active_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.active = Some(column.into()))
    }

    /// Says whether an account may *not* be used: `is_disabled`, `deleted_at`.
    #[must_use]
    pub fn with_disabled_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.disabled = Some(column.into()))
    }

    /// Names the column of the names by which messages address people. A name is a word that the password must not be. A name that
    /// does not look like one is in no message: see [`Message::name`](password_reset::Message::name).
    #[must_use]
    pub fn with_name_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.name = Some(column.into()))
    }

    /// Names the column of language tags (`id`, `en-GB`).
    #[must_use]
    pub fn with_locale_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.locale = Some(column.into()))
    }

    /// Names the column of zones (`WIB`, `Asia/Jakarta`), in which messages to the account then state times; what the text means says
    /// [`Site::zone_named`](password_reset::Site::zone_named).
    #[must_use]
    pub fn with_zone_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.zone = Some(column.into()))
    }

    /// Names a column of text in which the hashes before the present one are kept, newest first, one a line: the last five,
    /// the most that any policy looks at. Older ones are deleted when a password is set.
    ///
    /// Without it the rule [`NotEarlier`](password_reset::policy::Rule::NotEarlier) has nothing to compare with. An application that
    /// changes passwords elsewhere too has to keep the column there as well.
    #[must_use]
    pub fn with_earlier_hashes_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.earlier_hashes = Some(column.into()))
    }

    /// Names the table of sessions, and its column with the account's id. Ending sessions deletes *all* of the
    /// account's, unless [`with_sessions_begun_column`](Self::with_sessions_begun_column) says when each began.
    ///
    /// Without a table nothing is deleted; then the sessions must end by themselves when the password hash changes.
    #[must_use]
    pub fn with_sessions_table(self, table: impl Into<String>, account_column: impl Into<String>) -> Self {
        let (table, account) = (table.into(), account_column.into());
        self.naming(|names| names.sessions = Some(SessionTable { table, account, begun: None }))
    }

    /// Names the column that says when a session of [`with_sessions_table`](Self::with_sessions_table) began: a
    /// timestamp, which is UTC where it has no time zone, or seconds or milliseconds since 1970. A session without a
    /// readable time ends.
    #[must_use]
    pub fn with_sessions_begun_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| {
            if let Some(sessions) = &mut names.sessions {
                sessions.begun = Some(column.into());
            }
        })
    }

    fn naming(mut self, name: impl FnOnce(&mut UserTable)) -> Self {
        name(&mut self.names);
        self.texts = Arc::default();
        self
    }

    async fn texts(&self) -> Result<&Texts, PortError> {
        self.texts.get_or_try_init(|| Texts::of(&self.pool, &self.names)).await
    }

    /// The text that joins the account to a reset that is called `r`; [`read::joined`] reads it.
    pub(crate) async fn joined(&self) -> Result<Arc<str>, PortError> {
        Ok(Arc::clone(&self.texts().await?.joined))
    }

    /// The update that writes a change, for a statement of the store that binds so many parameters before it.
    pub(crate) async fn update(&self) -> Result<impl Fn(usize) -> String + Send + Sync + '_, PortError> {
        let texts = self.texts().await?;
        Ok(move |before| texts.set_password(before))
    }

    /// Binds the parameters of that update: seven, and one more where earlier hashes are kept.
    pub(crate) async fn bind_change<'q>(
        &self,
        statement: Statement<'q>,
        change: &'q PasswordChange,
    ) -> Result<Statement<'q>, PortError> {
        let was = change.was();
        let contact = |kind| was.contacts().iter().find(|contact| contact.kind() == kind).map(Contact::value);
        let [phone, phone_without_plus, phone_at_home] =
            contact(ContactKind::Phone).map_or([const { None }; 3], |number| stored_forms(number, self.names.home));
        let statement = statement
            .bind(self.texts().await?.id.canonical(was.id().as_str()))
            .bind(change.new_hash().as_str())
            .bind(was.hash().map(PasswordHash::as_str))
            .bind(contact(ContactKind::Email))
            .bind(phone)
            .bind(phone_without_plus)
            .bind(phone_at_home);
        Ok(if self.names.earlier_hashes.is_some() { statement.bind(read::lines(change)) } else { statement })
    }
}

#[async_trait]
impl Accounts for PostgresAccounts {
    fn home_country(&self) -> Option<CallingCode> {
        self.names.home
    }

    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        let typed = identifier.as_str();
        let texts = self.texts().await?;
        let query = match (identifier.kind(), &texts.by_username, &texts.by_phone) {
            // Postgres knows no text with this character, and no form lets it through.
            _ if typed.contains('\0') => return Ok(Vec::new()),
            (IdentifierKind::Email, _, _) => {
                sqlx::query(safe(&texts.by_email)).bind(typed).bind(in_native_script(typed))
            }
            (IdentifierKind::Username, Some(text), _) => sqlx::query(safe(text)).bind(typed),
            (IdentifierKind::Phone, _, Some(text)) => {
                let mut query = sqlx::query(safe(text));
                let same = identifier.same_numbers();
                let forms = same.iter().flat_map(|number| stored_forms(number, self.names.home));
                for form in forms.chain(std::iter::repeat(None)).take(PHONE_FORMS) {
                    query = query.bind(form);
                }
                query
            }
            _ => return Ok(Vec::new()),
        };
        read::named(identifier, &self.connections.fetch_all(query).await.map_err(failed(CANNOT_READ))?, self.names.home)
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
