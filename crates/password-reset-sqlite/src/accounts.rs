//! The application's user table.

mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::ports::{Accounts, Changed, PasswordChange};
use password_reset::{
    Account, AccountId, AccountStatus, CallingCode, Contact, ContactKind, Identifier, IdentifierKind, PasswordHash,
    PortError, RuleKind,
};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Row, Sqlite, SqliteConnection, SqlitePool};

use self::table::{Names, Sessions, Texts};
use crate::error::{SchemaError, failed};
use crate::writer::Writer;

const CANNOT_READ: &str = "cannot read accounts";
const CANNOT_WRITE: &str = "cannot write an account";

/// The application's own user table, read and written as it is.
///
/// The table has the columns `id`, `email` and `password_hash`, unless the `with_` methods name others; everything else
/// is left out until it is named. Columns are read as follows:
///
/// * The id may be an integer, text or a blob; the blob's [`AccountId`] is its bytes in lower-case hex. It must be the
///   primary key, or unique by itself.
/// * An e-mail address is found whatever the case of its ASCII letters, in the form the person typed or, for domains in
///   other scripts, in their native form. `create index users_email_lower on users (lower(email))` keeps that from
///   reading the whole table.
/// * A username is found byte for byte.
/// * A phone number is stored as `+628…`, `628…` or `08…`, digits only; other forms are not contacts.
/// * A column that says yes or no is *no* when it is null, `0`, empty, `false`, `f`, `no`, `n` or `off`, and *yes*
///   otherwise: a flag or the time since when will do.
/// * The password hash is text; null means that the account has none yet.
///
/// What a table cannot say (several addresses, sessions elsewhere) is said by an own [`Accounts`] that
/// calls this one for the rest; [`SqliteStore::writing`](crate::SqliteStore::writing) still takes this one.
///
/// # Security
/// Without [`with_email_confirmed_column`](Self::with_email_confirmed_column) every address in the table counts as
/// confirmed by its owner, and so does every phone number without
/// [`with_phone_confirmed_column`](Self::with_phone_confirmed_column). Name the columns if people can enter an address
/// that they did not prove (R18). Without [`with_active_column`](Self::with_active_column) or
/// [`with_disabled_column`](Self::with_disabled_column) every row is an account that may be reset (R19).
#[derive(Clone, Debug)]
pub struct SqliteAccounts {
    pool: SqlitePool,
    writer: Writer,
    names: Names,
    texts: Texts,
}

impl SqliteAccounts {
    /// The accounts in `table`. Nothing is looked at yet; call [`check`](Self::check) when the program starts.
    #[must_use]
    pub fn new(pool: &SqlitePool, table: impl Into<String>) -> Self {
        let names = Names::new(table.into());
        let texts = Texts::of(&names);
        Self { pool: pool.clone(), writer: Writer::new(pool), names, texts }
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

    /// Names the column of usernames, by which accounts can then be found. A username is a word that the password must
    /// not be.
    #[must_use]
    pub fn with_username_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.username = Some(column.into()))
    }

    /// Names the column of phone numbers, by which accounts can then be found.
    #[must_use]
    pub fn with_phone_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.phone = Some(column.into()))
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

    /// Names the column of language tags (`id`, `en-GB`).
    #[must_use]
    pub fn with_locale_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.locale = Some(column.into()))
    }

    /// Names a column of text in which the hashes before the present one are kept, newest first, one a line: the last five,
    /// the most that any policy looks at. Older ones are deleted when a password is set (R80).
    ///
    /// Without it the rule [`NotEarlier`](password_reset::Rule::NotEarlier) has nothing to compare with. An application that
    /// changes passwords elsewhere too has to keep the column there as well.
    #[must_use]
    pub fn with_earlier_hashes_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| names.earlier_hashes = Some(column.into()))
    }

    /// Names the table of sessions, and its column with the account's id. Ending sessions deletes *all* of the
    /// account's, unless [`with_sessions_begun_column`](Self::with_sessions_begun_column) tells when each began.
    ///
    /// Without a table nothing is deleted; then the sessions must end by themselves when the password hash changes.
    #[must_use]
    pub fn with_sessions_table(self, table: impl Into<String>, account_column: impl Into<String>) -> Self {
        let (table, account) = (table.into(), account_column.into());
        self.naming(|names| names.sessions = Some(Sessions { table, account, begun: None }))
    }

    /// Names the column that tells when a session of [`with_sessions_table`](Self::with_sessions_table) began: seconds
    /// or milliseconds since 1970, or text that SQLite's date functions read. A session of which it cannot be told ends.
    #[must_use]
    pub fn with_sessions_begun_column(self, column: impl Into<String>) -> Self {
        self.naming(|names| {
            if let Some(sessions) = &mut names.sessions {
                sessions.begun = Some(column.into());
            }
        })
    }

    fn naming(mut self, name: impl FnOnce(&mut Names)) -> Self {
        name(&mut self.names);
        self.texts = Texts::of(&self.names);
        self
    }

    /// Checks that the tables and columns are there, and that ids are unique; warns when finding an account reads the
    /// whole table.
    ///
    /// # Errors
    /// A permanent error whose source is a [`SchemaError`] that names what is missing.
    pub async fn check(&self) -> Result<(), PortError> {
        table::check(&self.pool, &self.names).await?;
        let texts = [Some(&self.texts.by_email), self.texts.by_username.as_ref(), self.texts.by_phone.as_ref()];
        if table::scans(&self.pool, texts.into_iter().flatten().cloned().collect()).await? {
            tracing::warn!(
                table = self.names.table,
                "finding an account reads the whole table; the documentation of SqliteAccounts names the indexes"
            );
        }
        Ok(())
    }

    /// As [`check`](Self::check), and that a store on `pool` can write them.
    pub(crate) async fn check_in(&self, pool: &SqlitePool) -> Result<(), PortError> {
        if database_file(pool) != database_file(&self.pool) {
            return Err(SchemaError::OtherDatabase.port());
        }
        self.check().await
    }

    /// Writes the change on a connection of the store's.
    pub(crate) async fn set_password_in(
        &self,
        connection: &mut SqliteConnection,
        change: &PasswordChange,
    ) -> Result<Changed, PortError> {
        let was = change.was();
        let contact = |kind| was.contacts().iter().find(|contact| contact.kind() == kind).map(Contact::value);
        let phone = contact(ContactKind::Phone);
        let [phone, phone_without_plus, phone_at_home] = phone.map_or([const { None }; 3], written_forms);
        let query = sqlx::query(safe(&self.texts.set_password));
        let mut query = bind_id(query, was.id())
            .bind(change.new_hash().as_str())
            .bind(was.hash().map(PasswordHash::as_str))
            .bind(contact(ContactKind::Email))
            .bind(phone)
            .bind(phone_without_plus)
            .bind(phone_at_home);
        if self.names.earlier_hashes.is_some() {
            query = query.bind(lines(was));
        }
        let updated = query.execute(connection).await.map_err(failed(CANNOT_WRITE))?;
        Ok(if updated.rows_affected() == 0 { Changed::Conflict } else { Changed::Updated })
    }

    fn account(&self, row: &SqliteRow) -> Result<Found, PortError> {
        let failed = failed("an account has a column that is not of the expected type");
        let read = |column: &str| row.try_get::<Option<String>, _>(column).map_err(&failed);
        let id = read("id")?.ok_or_else(|| PortError::permanent("an account has no id"))?;
        let status =
            if row.try_get("active").map_err(&failed)? { AccountStatus::Active } else { AccountStatus::Disabled };
        let mut account = Account::new(id, status);
        if let Some(email) = read("email_contact")? {
            account = account.with_contact(Contact::email(email));
        }
        if let Some(phone) = read("phone_contact")?.as_deref().and_then(international) {
            account = account.with_contact(Contact::phone(phone));
        }
        if let Some(hash) = read("password_hash")? {
            account = account.with_hash(PasswordHash::new(hash));
        }
        if let Some(locale) = read("locale")?.and_then(|tag| tag.parse().ok()) {
            account = account.with_locale(locale);
        }
        let earlier = read("earlier_hashes")?.unwrap_or_default();
        account = earlier.lines().take(most_earlier()).map(PasswordHash::new).fold(account, Account::with_earlier_hash);
        let username = read("username")?;
        if let Some(username) = &username {
            account = account.with_context_word(username);
        }
        Ok(Found { account, email: read("email")?, username, phone: read("phone")? })
    }
}

#[async_trait]
impl Accounts for SqliteAccounts {
    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        let typed = identifier.as_str();
        let query = match (identifier.kind(), &self.texts.by_username, &self.texts.by_phone) {
            (IdentifierKind::Email, _, _) => {
                sqlx::query(safe(&self.texts.by_email)).bind(typed).bind(in_native_script(typed))
            }
            (IdentifierKind::Username, Some(text), _) => sqlx::query(safe(text)).bind(typed),
            (IdentifierKind::Phone, _, Some(text)) => {
                let mut query = sqlx::query(safe(text));
                let same = identifier.same_numbers();
                let forms = same.iter().flat_map(|number| written_forms(number));
                for form in forms.chain(std::iter::repeat(None)).take(PHONE_FORMS) {
                    query = query.bind(form);
                }
                query
            }
            _ => return Ok(Vec::new()),
        };
        let mut accounts = Vec::new();
        for row in query.fetch_all(&self.pool).await.map_err(failed(CANNOT_READ))? {
            let found = self.account(&row)?;
            let column = match identifier.kind() {
                IdentifierKind::Email => &found.email,
                IdentifierKind::Username => &found.username,
                _ => &found.phone,
            };
            // The table's collation found it; what decides is the one policy of all stores (R14, R15).
            if column.as_deref().is_some_and(|stored| identifier.names(stored)) {
                accounts.push(found.account);
            }
        }
        Ok(accounts)
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        let row = bind_id(sqlx::query(safe(&self.texts.load)), account)
            .fetch_optional(&self.pool)
            .await
            .map_err(failed(CANNOT_READ))?;
        row.map(|row| Ok(self.account(&row)?.account)).transpose()
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let changed = self.set_password_in(&mut transaction, change).await?;
        transaction.commit().await.map_err(failed(CANNOT_WRITE))?;
        Ok(changed)
    }

    async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError> {
        let Some(text) = &self.texts.end_sessions else { return Ok(()) };
        let failed = failed("cannot end sessions");
        let mut turn = self.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        bind_id(sqlx::query(safe(text)), account)
            .bind(begun_before.timestamp_millis())
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        transaction.commit().await.map_err(&failed)
    }
}

/// An account, and the names by which it can be found.
struct Found {
    account: Account,
    email: Option<String>,
    username: Option<String>,
    phone: Option<String>,
}

/// What the column of earlier hashes holds once the account has another password.
fn lines(was: &Account) -> String {
    let hashes = was.hash().into_iter().chain(was.earlier_hashes()).take(most_earlier());
    hashes.map(PasswordHash::as_str).collect::<Vec<_>>().join("\n")
}

/// How many of them any policy looks at.
fn most_earlier() -> usize {
    RuleKind::NotEarlier.range().map_or(0, |range| usize::from(*range.end()))
}

/// The texts are made in one place, of names that the program's author wrote, each quoted; see [`table`].
fn safe(text: &Arc<str>) -> AssertSqlSafe<Arc<str>> {
    AssertSqlSafe(Arc::clone(text))
}

/// Binds an account's id as `?1` to `?3`: as text, as the integer and as the blob that it may stand for, so that the
/// index of the column is used whatever its type.
fn bind_id<'q>(query: Query<'q, Sqlite, SqliteArguments>, id: &AccountId) -> Query<'q, Sqlite, SqliteArguments> {
    let text = id.as_str();
    query.bind(text.to_owned()).bind(text.parse::<i64>().ok()).bind(from_hex(text))
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// An address with the domain in its own script, for tables that keep what was typed.
fn in_native_script(address: &str) -> Option<String> {
    let (local, domain) = address.split_once('@')?;
    let (native, no_errors) = idna::domain_to_unicode(domain);
    (no_errors.is_ok() && native != domain).then(|| format!("{local}@{native}"))
}

/// How many texts the statement that finds a number compares with: two numbers that are one, in three forms each.
const PHONE_FORMS: usize = 6;

/// The ways in which a table may hold a number: `+62812…`, `62812…`, `0812…`.
fn written_forms(international: &str) -> [Option<String>; 3] {
    let without_plus = international.strip_prefix('+').map(str::to_owned);
    let at_home = international.strip_prefix("+62").map(|national| format!("0{national}"));
    [Some(international.to_owned()), without_plus, at_home]
}

/// A stored number in E.164 form, if it is stored in one of the [`written_forms`]. Of two that are one number it stays
/// the one that is stored: messages go there.
fn international(stored: &str) -> Option<String> {
    let number = Identifier::phone(stored, CallingCode::INDONESIA).ok()?;
    let mut same = number.same_numbers().into_iter();
    same.find(|number| written_forms(number).iter().flatten().any(|form| form == stored))
}

/// Two pools are of one database when they name one file.
fn database_file(pool: &SqlitePool) -> PathBuf {
    let options = pool.connect_options();
    let name: &Path = options.get_filename();
    name.canonicalize().unwrap_or_else(|_in_memory| name.to_path_buf())
}
