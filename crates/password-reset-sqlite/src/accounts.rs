//! The application's user table.

mod check;
mod table;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::identity::IdentifierKind;
use password_reset::ports::{Accounts, Changed, PasswordChange, UserRow, UserTable};
use password_reset::{Account, AccountId, CallingCode, Identifier, PasswordHash, PortError};
use rusqlite::{Connection, Row, params};

use self::table::Texts;
use crate::database::Database;
use crate::error::{Outcome, SchemaError, failed};
use crate::statement::Statement;
use crate::writer::Wait;

const CANNOT_READ: &str = "cannot read accounts";
const CANNOT_WRITE: &str = "cannot write an account";
const NEVER_DISABLED: &str =
    "no column disables accounts: name one with `UserTable::with_disabled_column`, or `with_active_column`";
const CANNOT_CHECK: &str = "cannot check the table of accounts";

/// The application's own user table, read and written as it is. [`UserTable`] says how each column is read.
///
/// What a table cannot say (several addresses, sessions elsewhere) is said by an own [`Accounts`] that
/// calls this one for the rest; [`SqliteStore::writing`](crate::SqliteStore::writing) still takes this one.
#[derive(Clone, Debug)]
pub struct SqliteAccounts {
    database: Database,
    users: Arc<UserTable>,
    texts: Arc<Texts>,
}

impl SqliteAccounts {
    /// The accounts in a table of a database file that is not the resets'; for accounts in the same file see
    /// [`SqliteStore::accounts`](crate::SqliteStore::accounts).
    ///
    /// The table is not looked at yet; call [`check`](Self::check) when the program starts.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: impl AsRef<Path>, users: impl Into<UserTable>) -> Result<Self, PortError> {
        Ok(Self::new(Database::open(path.as_ref(), "")?, users.into()))
    }

    pub(crate) fn new(database: Database, users: UserTable) -> Self {
        let texts = Arc::new(Texts::of(&users));
        Self { database, users: Arc::new(users), texts }
    }

    /// Checks that the tables can be read and written as they are named: columns, their types and values, unique ids and
    /// rights. Warns, with the statement, of an index that is missing. The guide has the whole list.
    ///
    /// # Errors
    /// A permanent error whose source is a [`SchemaError`] that says what to do, or a transient one when others keep the file
    /// from being written.
    pub async fn check(&self) -> Result<(), PortError> {
        self.database.read(CANNOT_CHECK, |connection| check::tables(connection, &self.users))?;
        let (users, texts) = (Arc::clone(&self.users), Arc::clone(&self.texts));
        self.database
            .write(Wait::Alone, CANNOT_CHECK, move |connection| check::rights(connection, &users, &texts))
            .await?;
        let missing = |connection: &Connection| check::missing_indexes(connection, &self.users, &self.texts);
        for index in self.database.read(CANNOT_CHECK, missing)? {
            tracing::warn!("an account or its sessions are found by reading the whole table: run `{index}`");
        }
        Ok(())
    }

    /// Disables an account, by [the disabling column](UserTable::with_disabled_column) or else
    /// [the active one](UserTable::with_active_column), which are written as 1 and 0; whether there is such an account.
    ///
    /// # Errors
    /// Permanent when the table is described with neither column, or cannot be written; transient when another process keeps the
    /// file from being written.
    pub async fn disable(&self, account: &AccountId) -> Result<bool, PortError> {
        let text = self.texts.disable.clone().ok_or_else(|| PortError::permanent(NEVER_DISABLED))?;
        let account = account.clone();
        let written = self.database.write(Wait::ForDisk, "cannot disable the account", move |connection| {
            Ok(by_id(connection, &text, &account)?.run()? > 0)
        });
        written.await
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
        by_id(connection, &self.texts.load, account)?.first(|row| Ok(user(row)?.account(self.users.home)))
    }

    /// Writes the change in a transaction of the store's.
    pub(crate) fn set_password_in(&self, connection: &Connection, change: &PasswordChange) -> Outcome<Changed> {
        let was = change.was();
        let (email, [phone, other_form, at_home]) = self.users.contacts_before(change);
        let mut update = by_id(connection, &self.texts.set_password, was.id())?;
        update.bind(params![
            change.new_hash().as_str(),
            was.hash().map(PasswordHash::as_str),
            email,
            phone,
            other_form,
            at_home,
        ])?;
        if self.users.earlier_hashes.is_some() {
            update.bind(params![UserTable::earlier_hashes_after(change)])?;
        }
        Ok(if update.run()? == 0 { Changed::Conflict } else { Changed::Updated })
    }
}

#[async_trait]
impl Accounts for SqliteAccounts {
    fn home_country(&self) -> Option<CallingCode> {
        self.users.home
    }

    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        let text = match identifier.kind() {
            IdentifierKind::Email => Some(&self.texts.by_email),
            IdentifierKind::Username => self.texts.by_username.as_ref(),
            IdentifierKind::Phone => self.texts.by_phone.as_ref(),
            _ => None,
        };
        let Some(text) = text else { return Ok(Vec::new()) };
        let home = self.users.home;
        let found = self.database.read(CANNOT_READ, |connection| {
            let mut statement = Statement::new(connection, text)?;
            for form in self.users.forms(identifier) {
                statement.bind(params![form])?;
            }
            statement.all(user)
        })?;
        Ok(found.into_iter().filter(|row| row.is_named_by(identifier, home)).map(|row| row.account(home)).collect())
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
        let is_dated = self.users.sessions.as_ref().is_some_and(|sessions| sessions.begun.is_some());
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

/// Reads the columns of [`table`]'s statements, from left to right.
fn user(row: &Row<'_>) -> Outcome<UserRow> {
    let read = |column: usize| {
        row.get::<_, Option<String>>(column).map_err(failed("an account has a column that is not of the expected type"))
    };
    Ok(UserRow {
        id: read(0)?.ok_or_else(|| PortError::permanent("an account has no id"))?,
        email: read(1)?,
        email_contact: read(2)?,
        username: read(3)?,
        phone: read(4)?,
        phone_contact: read(5)?,
        password_hash: read(6)?,
        locale: read(7)?,
        earlier_hashes: read(8)?,
        is_active: row.get(9)?,
        name: read(10)?,
        zone: read(11)?,
    })
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
