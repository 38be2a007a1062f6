//! The application's user table.

mod table;

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::ports::{Accounts, Changed, PasswordChange};
use password_reset::{
    Account, AccountId, AccountStatus, CallingCode, Contact, ContactKind, Identifier, IdentifierKind, PasswordHash,
    PortError, RuleKind,
};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row};
use tokio::sync::OnceCell;

use self::table::{Names, Sessions, Texts};
use crate::error::{SchemaError, failed};
use crate::row::Statement;
use crate::spares::Spares;
use crate::sql;
use crate::together::{Kind, Together};

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
/// * A phone number is text, stored as `+628…`, `628…` or `08…`, digits only; other forms are not contacts.
/// * A column that says yes or no is *no* when it is null, `0`, empty, `false`, `f`, `no`, `n` or `off`, and *yes*
///   otherwise: a flag or the time since when will do.
/// * The password hash is text; null means that the account has none yet.
///
/// The types of the columns are looked up once, when the accounts are first used or [checked](Self::check).
///
/// What a table cannot say (several addresses, sessions elsewhere) is said by an own [`Accounts`] that
/// calls this one for the rest; [`PostgresStore::writing`](crate::PostgresStore::writing) still takes this one.
///
/// # Security
/// Without [`with_email_confirmed_column`](Self::with_email_confirmed_column) every address in the table counts as
/// confirmed by its owner, and so does every phone number without
/// [`with_phone_confirmed_column`](Self::with_phone_confirmed_column). Name the columns if people can enter an address
/// that they did not prove (R18). Without [`with_active_column`](Self::with_active_column) or
/// [`with_disabled_column`](Self::with_disabled_column) every row is an account that may be reset (R19).
#[derive(Clone, Debug)]
pub struct PostgresAccounts {
    pool: PgPool,
    spares: Spares,
    by_email: Together<ByEmail>,
    loads: Together<Loads>,
    names: Names,
    texts: Arc<OnceCell<Texts>>,
}

impl PostgresAccounts {
    /// The accounts in `table`. Nothing is looked at yet; call [`check`](Self::check) when the program starts.
    #[must_use]
    pub fn new(pool: &PgPool, table: impl Into<String>) -> Self {
        let spares = Spares::new(pool);
        let (by_email, loads) = (Together::new(ByEmail(spares.clone())), Together::new(Loads(spares.clone())));
        Self { pool: pool.clone(), spares, by_email, loads, names: Names::new(table.into()), texts: Arc::default() }
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

    /// Names the column that tells when a session of [`with_sessions_table`](Self::with_sessions_table) began: a
    /// timestamp, which is UTC where it has no time zone, or seconds or milliseconds since 1970. A session of which it
    /// cannot be told ends.
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
        self.texts = Arc::default();
        // Calls that go together are carried out by one statement, which is of one table.
        self.by_email = Together::new(ByEmail(self.spares.clone()));
        self.loads = Together::new(Loads(self.spares.clone()));
        self
    }

    /// Checks that the tables and columns are there and of types that can be read, and that ids are unique; warns when
    /// finding an account reads the whole table.
    ///
    /// # Errors
    /// A permanent error whose source is a [`SchemaError`] that names what is missing.
    pub async fn check(&self) -> Result<(), PortError> {
        // Looked at anew: what was there at the last look may not be.
        let texts = Texts::of(&self.pool, &self.names).await?;
        table::has_unique_ids(&self.pool, &self.names).await?;
        if self.scans(&texts).await? {
            tracing::warn!(
                table = self.names.table,
                "finding an account reads the whole table; the documentation of PostgresAccounts names the indexes"
            );
        }
        Ok(())
    }

    /// As [`check`](Self::check), and that a store on `pool` can write them.
    pub(crate) async fn check_in(&self, pool: &PgPool) -> Result<(), PortError> {
        if database(pool).await? != database(&self.pool).await? {
            return Err(SchemaError::OtherDatabase.port());
        }
        self.check().await
    }

    /// Whether one of the statements that find an account reads the whole table.
    async fn scans(&self, texts: &Texts) -> Result<bool, PortError> {
        let failed = failed("cannot look at the table of accounts");
        let finding =
            [(Some(&texts.by_email), 2), (texts.by_username.as_ref(), 1), (texts.by_phone.as_ref(), PHONE_FORMS)];
        let mut transaction = self.pool.begin().await.map_err(&failed)?;
        // A small table is read whole however many indexes it has, and a plan without one cannot be otherwise.
        sqlx::query("set local enable_seqscan = off").execute(&mut *transaction).await.map_err(&failed)?;
        for (text, forms) in finding {
            let Some(text) = text else { continue };
            let mut explain = sqlx::query(AssertSqlSafe(format!("explain {text}")));
            for _ in 0..forms {
                explain = explain.bind("nobody");
            }
            for row in explain.fetch_all(&mut *transaction).await.map_err(&failed)? {
                if row.try_get::<String, _>(0).map_err(&failed)?.contains("Seq Scan") {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn texts(&self) -> Result<&Texts, PortError> {
        self.texts.get_or_try_init(|| Texts::of(&self.pool, &self.names)).await
    }

    /// The update that writes a change, for a statement of the store that binds so many parameters before it.
    pub(crate) async fn update_after(&self, parameters: usize) -> Result<String, PortError> {
        Ok(self.texts().await?.set_password(parameters))
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
            contact(ContactKind::Phone).map_or([const { None }; 3], written_forms);
        let statement = statement
            .bind(self.texts().await?.id.canonical(was.id().as_str()))
            .bind(change.new_hash().as_str())
            .bind(was.hash().map(PasswordHash::as_str))
            .bind(contact(ContactKind::Email))
            .bind(phone)
            .bind(phone_without_plus)
            .bind(phone_at_home);
        Ok(if self.names.earlier_hashes.is_some() { statement.bind(lines(was)) } else { statement })
    }
}

#[async_trait]
impl Accounts for PostgresAccounts {
    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        let typed = identifier.as_str();
        let texts = self.texts().await?;
        let query = match (identifier.kind(), &texts.by_username, &texts.by_phone) {
            // Postgres knows no text with such a character, and none that a form lets through has one.
            _ if typed.contains('\0') => return Ok(Vec::new()),
            (IdentifierKind::Email, _, _) => {
                let one = [Some(typed.to_owned()), in_native_script(typed)];
                let texts = [Arc::clone(&texts.by_email), Arc::clone(&texts.by_email_many)];
                let rows = self.by_email.call((one, texts)).await.map_err(failed(CANNOT_READ))?;
                return named(identifier, rows.iter());
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
        named(identifier, query.fetch_all(&self.pool).await.map_err(failed(CANNOT_READ))?.iter())
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        let texts = self.texts().await?;
        let Some(id) = texts.id.canonical(account.as_str()) else { return Ok(None) };
        let texts = [Arc::clone(&texts.load), Arc::clone(&texts.load_many)];
        let row = self.loads.call((id.to_owned(), texts)).await;
        row.map_err(failed(CANNOT_READ))?.map(|row| Ok(read(&row)?.account)).transpose()
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        let text = self.texts().await?.set_password(0);
        let statement = self.bind_change(sqlx::query(AssertSqlSafe(text)), change).await?;
        let updated = statement.execute(&self.pool).await.map_err(failed(CANNOT_WRITE))?;
        Ok(if updated.rows_affected() == 0 { Changed::Conflict } else { Changed::Updated })
    }

    async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError> {
        let Some((id, text)) = &self.texts().await?.end_sessions else { return Ok(()) };
        let Some(account) = id.canonical(account.as_str()) else { return Ok(()) };
        let ended = sqlx::query(safe(text)).bind(account).bind(begun_before).execute(&self.pool).await;
        ended.map(drop).map_err(failed("cannot end sessions"))
    }
}

/// The accounts among those found that an identifier names. The table's collation found them; what decides is the one
/// policy of all stores (R14, R15).
fn named<'r>(identifier: &Identifier, rows: impl Iterator<Item = &'r PgRow>) -> Result<Vec<Account>, PortError> {
    let mut accounts = Vec::new();
    for row in rows {
        let found = read(row)?;
        let column = match identifier.kind() {
            IdentifierKind::Email => &found.email,
            IdentifierKind::Username => &found.username,
            _ => &found.phone,
        };
        if column.as_deref().is_some_and(|stored| identifier.names(stored)) {
            accounts.push(found.account);
        }
    }
    Ok(accounts)
}

/// Accounts by their addresses, each in up to two forms, with the statement for one and that for many. Who asks among
/// others gets what was found for all of them, and picks what the address [names](named).
#[derive(Clone, Debug)]
struct ByEmail(Spares);

#[async_trait]
impl Kind for ByEmail {
    type Asked = ([Option<String>; 2], [Arc<str>; 2]);
    type Answer = Arc<Vec<PgRow>>;
    type Row = Option<String>;

    fn row(asked: &Self::Asked) -> Option<String> {
        asked.0[0].clone()
    }

    fn spares(&self) -> &Spares {
        &self.0
    }

    async fn one(
        &self,
        connection: &mut PgConnection,
        ([typed, native], [text, _]): &Self::Asked,
    ) -> Result<Arc<Vec<PgRow>>, sqlx::Error> {
        sqlx::query(safe(text)).bind(typed).bind(native).fetch_all(connection).await.map(Arc::new)
    }

    async fn many(
        &self,
        connection: &mut PgConnection,
        asked: &[Self::Asked],
    ) -> Result<Vec<Option<Arc<Vec<PgRow>>>>, sqlx::Error> {
        let Some((_, [_, text])) = asked.first() else { return Ok(Vec::new()) };
        let typed: Vec<&String> = asked.iter().flat_map(|(forms, _)| forms.iter().flatten()).collect();
        let rows = Arc::new(sqlx::query(safe(text)).bind(typed).fetch_all(connection).await?);
        Ok(asked.iter().map(|_| Some(Arc::clone(&rows))).collect())
    }
}

/// Accounts by their ids, with the statement for one and that for many.
#[derive(Clone, Debug)]
struct Loads(Spares);

#[async_trait]
impl Kind for Loads {
    type Asked = (String, [Arc<str>; 2]);
    type Answer = Option<PgRow>;
    type Row = String;

    fn row(asked: &Self::Asked) -> String {
        asked.0.clone()
    }

    fn spares(&self) -> &Spares {
        &self.0
    }

    async fn one(
        &self,
        connection: &mut PgConnection,
        (id, [text, _]): &Self::Asked,
    ) -> Result<Option<PgRow>, sqlx::Error> {
        sqlx::query(safe(text)).bind(id).fetch_optional(connection).await
    }

    async fn many(
        &self,
        connection: &mut PgConnection,
        asked: &[Self::Asked],
    ) -> Result<Vec<Option<Option<PgRow>>>, sqlx::Error> {
        let Some((_, [_, text])) = asked.first() else { return Ok(Vec::new()) };
        let ids: Vec<&str> = asked.iter().map(|(id, _)| id.as_str()).collect();
        let mut found = HashMap::new();
        for row in sqlx::query(safe(text)).bind(ids).fetch_all(connection).await? {
            found.insert(row.try_get::<String, _>("id")?, row);
        }
        Ok(asked.iter().map(|(id, _)| Some(found.remove(id))).collect())
    }
}

/// An account, and the names by which it can be found.
struct Found {
    account: Account,
    email: Option<String>,
    username: Option<String>,
    phone: Option<String>,
}

fn read(row: &PgRow) -> Result<Found, PortError> {
    let failed = failed("an account has a column that is not of the expected type");
    let read = |column: &str| row.try_get::<Option<String>, _>(column).map_err(&failed);
    let id = read("id")?.ok_or_else(|| PortError::permanent("an account has no id"))?;
    let status = if row.try_get("active").map_err(&failed)? { AccountStatus::Active } else { AccountStatus::Disabled };
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

/// Two pools are of one database when it has one number in one run of one server.
async fn database(pool: &PgPool) -> Result<(DateTime<Utc>, i64), PortError> {
    sqlx::query_as(sql::DATABASE).fetch_one(pool).await.map_err(failed("cannot ask which database this is"))
}
