//! The application's user table.

mod check;
mod table;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::identity::{IdentifierKind, stored_forms, stored_number};
use password_reset::policy::RuleKind;
use password_reset::ports::{Accounts, Changed, PasswordChange};
use password_reset::{
    Account, AccountId, AccountStatus, CallingCode, Contact, ContactKind, Identifier, PasswordHash, PortError,
};
use rusqlite::{Connection, Row, params};

use self::table::{Names, Sessions, Texts};
use crate::database::Database;
use crate::error::{Outcome, SchemaError, failed};
use crate::statement::Statement;
use crate::writer::Wait;

const CANNOT_READ: &str = "cannot read accounts";
const CANNOT_WRITE: &str = "cannot write an account";
const CANNOT_CHECK: &str = "cannot check the table of accounts";

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
/// * A phone number is stored as `+628…`, digits only. With [a home country](Self::with_home_country) its numbers may also
///   be `628…` or `08…`. Other forms are not contacts.
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
/// that they did not prove. Without [`with_active_column`](Self::with_active_column) or
/// [`with_disabled_column`](Self::with_disabled_column) every row is an account that may be reset.
#[derive(Clone, Debug)]
pub struct SqliteAccounts {
    database: Database,
    names: Names,
    texts: Arc<Texts>,
}

impl SqliteAccounts {
    /// The accounts in `table` of a database file that is not the resets'; for accounts in the same file see
    /// [`SqliteStore::accounts`](crate::SqliteStore::accounts).
    ///
    /// The table is not looked at yet; call [`check`](Self::check) when the program starts.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: impl AsRef<Path>, table: impl Into<String>) -> Result<Self, PortError> {
        Ok(Self::new(Database::open(path.as_ref(), "")?, table.into()))
    }

    pub(crate) fn new(database: Database, table: String) -> Self {
        let names = Names::new(table);
        let texts = Arc::new(Texts::of(&names));
        Self { database, names, texts }
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
        self.naming(|names| names.sessions = Some(Sessions { table, account, begun: None }))
    }

    /// Names the column that says when a session of [`with_sessions_table`](Self::with_sessions_table) began: seconds
    /// or milliseconds since 1970, or text that SQLite's date functions read. A session without a readable time ends.
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
        self.texts = Arc::new(Texts::of(&self.names));
        self
    }

    /// Checks that the tables can be read and written as they are named: columns, their types and values, unique ids and
    /// rights. Warns, with the statement, of an index that is missing. The guide has the whole list.
    ///
    /// # Errors
    /// A permanent error whose source is a [`SchemaError`] that says what to do, or a transient one when others keep the file
    /// from being written.
    pub async fn check(&self) -> Result<(), PortError> {
        self.database.read(CANNOT_CHECK, |connection| check::tables(connection, &self.names))?;
        let (names, texts) = (self.names.clone(), Arc::clone(&self.texts));
        self.database.alone(CANNOT_CHECK, move |connection| check::rights(connection, &names, &texts)).await?;
        let missing = |connection: &Connection| check::missing_indexes(connection, &self.names, &self.texts);
        for index in self.database.read(CANNOT_CHECK, missing)? {
            tracing::warn!("an account or its sessions are found by reading the whole table: run `{index}`");
        }
        Ok(())
    }

    /// As [`check`](Self::check), and that a store in `database` can write them.
    pub(crate) async fn check_in(&self, database: &Database) -> Result<(), PortError> {
        if !self.database.is_same_file(database) {
            return Err(SchemaError::OtherDatabase.port());
        }
        self.check().await
    }

    /// Loads an account on a connection of the store's.
    pub(crate) fn load_in(&self, connection: &Connection, account: &AccountId) -> Outcome<Option<Account>> {
        by_id(connection, &self.texts.load, account)?.first(|row| Ok(found(row, self.names.home)?.account))
    }

    /// Writes the change in a transaction of the store's.
    pub(crate) fn set_password_in(&self, connection: &Connection, change: &PasswordChange) -> Outcome<Changed> {
        let was = change.was();
        let contact = |kind| was.contacts().iter().find(|contact| contact.kind() == kind).map(Contact::value);
        let phone =
            contact(ContactKind::Phone).map_or([const { None }; 3], |number| stored_forms(number, self.names.home));
        let mut update = by_id(connection, &self.texts.set_password, was.id())?;
        update.bind(params![
            change.new_hash().as_str(),
            was.hash().map(PasswordHash::as_str),
            contact(ContactKind::Email),
            phone[0],
            phone[1],
            phone[2],
        ])?;
        if self.names.earlier_hashes.is_some() {
            update.bind(params![lines(change)])?;
        }
        Ok(if update.run()? == 0 { Changed::Conflict } else { Changed::Updated })
    }
}

#[async_trait]
impl Accounts for SqliteAccounts {
    fn home_country(&self) -> Option<CallingCode> {
        self.names.home
    }

    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        let typed = identifier.as_str();
        let native = in_native_script(typed);
        let found = self.database.read(CANNOT_READ, |connection| {
            let statement = match (identifier.kind(), &self.texts.by_username, &self.texts.by_phone) {
                (IdentifierKind::Email, _, _) => {
                    Statement::with(connection, &self.texts.by_email, params![typed, native])?
                }
                (IdentifierKind::Username, Some(text), _) => Statement::with(connection, text, params![typed])?,
                (IdentifierKind::Phone, _, Some(text)) => {
                    let mut statement = Statement::new(connection, text)?;
                    let same = identifier.same_numbers();
                    let forms = same.iter().flat_map(|number| stored_forms(number, self.names.home));
                    for form in forms.chain(std::iter::repeat(None)).take(PHONE_FORMS) {
                        statement.bind(params![form])?;
                    }
                    statement
                }
                _ => return Ok(Vec::new()),
            };
            statement.all(|row| found(row, self.names.home))
        })?;
        // The table's collation found them; what decides is the one policy of all stores.
        let names = |found: &Found| {
            let column = match identifier.kind() {
                IdentifierKind::Email => &found.email,
                IdentifierKind::Username => &found.username,
                _ => &found.phone,
            };
            column.as_deref().is_some_and(|stored| identifier.names(stored))
        };
        Ok(found.into_iter().filter(names).map(|found| found.account).collect())
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        self.database.read(CANNOT_READ, |connection| self.load_in(connection, account))
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        let (accounts, change) = (self.clone(), change.clone());
        self.database
            .write(Wait::ForDisk, CANNOT_WRITE, move |connection| accounts.set_password_in(connection, &change))
            .await
    }

    async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError> {
        let Some(text) = self.texts.end_sessions.as_ref().map(Arc::clone) else { return Ok(()) };
        let account = account.clone();
        let is_dated = self.names.sessions.as_ref().is_some_and(|sessions| sessions.begun.is_some());
        self.database
            .write(Wait::ForDisk, "cannot end sessions", move |connection| {
                let mut delete = by_id(connection, &text, &account)?;
                if is_dated {
                    delete.bind(params![begun_before.timestamp_millis()])?;
                }
                delete.run()?;
                Ok(())
            })
            .await
    }
}

/// An account, and the names by which it can be found.
struct Found {
    account: Account,
    email: Option<String>,
    username: Option<String>,
    phone: Option<String>,
}

/// Reads an account from the columns of [`table`]'s statements, from left to right.
fn found(row: &Row<'_>, home: Option<CallingCode>) -> Outcome<Found> {
    let read = |column: usize| {
        row.get::<_, Option<String>>(column).map_err(failed("an account has a column that is not of the expected type"))
    };
    let id = read(0)?.ok_or_else(|| PortError::permanent("an account has no id"))?;
    let (email, username, phone) = (read(1)?, read(3)?, read(4)?);
    let status = if row.get::<_, bool>(9)? { AccountStatus::Active } else { AccountStatus::Disabled };
    let mut account = Account::new(id, status);
    if let Some(email) = read(2)? {
        account = account.with_contact(Contact::email(email));
    }
    let phone = phone.and_then(|stored| stored_number(&stored, home));
    if let Some(phone) = read(5)?.and_then(|stored| stored_number(&stored, home)) {
        account = account.with_contact(Contact::phone(phone));
    }
    if let Some(hash) = read(6)? {
        account = account.with_hash(PasswordHash::new(hash));
    }
    if let Some(locale) = read(7)?.and_then(|tag| tag.parse().ok()) {
        account = account.with_locale(locale);
    }
    let earlier = read(8)?.unwrap_or_default();
    account = earlier.lines().take(most_earlier()).map(PasswordHash::new).fold(account, Account::with_earlier_hash);
    if let Some(username) = &username {
        account = account.with_username(username);
    }
    if let Some(name) = read(10)? {
        account = account.with_name(name);
    }
    if let Some(zone) = read(11)? {
        account = account.with_zone(zone);
    }
    Ok(Found { account, email, username, phone })
}

/// What the column of earlier hashes holds once the account has another password.
fn lines(change: &PasswordChange) -> String {
    change.earlier_hashes().map(PasswordHash::as_str).collect::<Vec<_>>().join("\n")
}

/// How many of them any policy looks at.
fn most_earlier() -> usize {
    RuleKind::NotEarlier.range().map_or(0, |range| usize::from(*range.end()))
}

/// Binds an account's id as `?1` to `?3`: as text, as the integer and as the blob that it may stand for, so that the
/// index of the column is used whatever its type.
fn by_id<'c>(connection: &'c Connection, text: &str, id: &AccountId) -> rusqlite::Result<Statement<'c>> {
    let id = id.as_str();
    Statement::with(connection, text, params![id, id.parse::<i64>().ok(), from_hex(id)])
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
