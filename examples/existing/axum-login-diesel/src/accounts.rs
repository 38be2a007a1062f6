//! `Accounts` over the application's own table, with Diesel.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::pooled_connection::bb8::{Pool, PooledConnection};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use password_reset::identity::{IdentifierKind, stored_forms};
use password_reset::ports::{Accounts, Changed, PasswordChange, UserRow};
use password_reset::{Account, AccountId, AccountStatus, CallingCode, Identifier, PortError, async_trait};

diesel::table! {
    users (id) {
        id -> Int8,
        email -> Nullable<Text>,
        username -> Nullable<Text>,
        phone -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        confirmed_at -> Nullable<Timestamptz>,
        active -> Bool,
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

#[derive(Queryable, Selectable)]
struct User {
    id: i64,
    email: Option<String>,
    username: Option<String>,
    phone: Option<String>,
    password_hash: Option<String>,
    confirmed_at: Option<chrono::DateTime<chrono::Utc>>,
    active: bool,
}

/// The application's users.
#[derive(Clone, Debug)]
pub struct Users {
    pool: Pool<AsyncPgConnection>,
    home: Option<CallingCode>,
}

impl Users {
    /// Phone numbers without a country belong to `home`.
    pub fn new(pool: Pool<AsyncPgConnection>, home: Option<CallingCode>) -> Self {
        Self { pool, home }
    }

    async fn connection(&self) -> Result<PooledConnection<'_, AsyncPgConnection>, PortError> {
        self.pool.get().await.map_err(|error| PortError::transient("no connection to the users").because(error))
    }
}

/// What the library makes an account of. Only what is confirmed is a contact.
fn row(user: User) -> UserRow {
    let confirmed = |contact: &Option<String>| user.confirmed_at.and(contact.clone());
    UserRow {
        id: user.id.to_string(),
        email_contact: confirmed(&user.email),
        phone_contact: confirmed(&user.phone),
        email: user.email,
        username: user.username,
        phone: user.phone,
        password_hash: user.password_hash,
        is_active: user.active,
        ..UserRow::default()
    }
}

#[async_trait]
impl Accounts for Users {
    fn home_country(&self) -> Option<CallingCode> {
        self.home
    }

    async fn find(&self, typed: &Identifier) -> Result<Vec<Account>, PortError> {
        let text = typed.as_str();
        // Whose account could be reset comes first: it must be among those that are read, however many strangers sign up with the name.
        let first = (users::active.and(users::confirmed_at.is_not_null()).desc(), users::active.desc(), users::id);
        let query = users::table.select(User::as_select()).order(first).limit(100).into_boxed();
        let query = match typed.kind() {
            _ if text.contains('\0') => return Ok(Vec::new()), // no text of Postgres has it
            IdentifierKind::Email => query.filter(lower(users::email).eq(lower(text))),
            IdentifierKind::Username => query.filter(users::username.eq(text)),
            IdentifierKind::Phone => {
                let same = typed.same_numbers();
                let forms = same.iter().flat_map(|number| stored_forms(number, self.home)).flatten();
                query.filter(users::phone.eq_any(forms.collect::<Vec<_>>()))
            }
            _ => return Ok(Vec::new()),
        };
        let found: Vec<User> = query.load(&mut self.connection().await?).await.map_err(failed)?;
        // The database found them; what decides is the comparison of the library.
        let found = found.into_iter().map(row).filter(|row| row.is_named_by(typed, self.home));
        Ok(found.map(|row| row.account(self.home)).collect())
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        let Some(id) = number(account) else { return Ok(None) };
        let query = users::table.find(id).select(User::as_select());
        let user = query.first(&mut self.connection().await?).await.optional().map_err(failed)?;
        Ok(user.map(|user| row(user).account(self.home)))
    }

    /// Compares and sets under the lock of the row: no login page and no other reset comes between.
    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        let Some(id) = number(change.was().id()) else { return Ok(Changed::Conflict) };
        let new = change.new_hash();
        let mut connection = self.connection().await?;
        let changed = connection.transaction(async |connection| {
            let query = users::table.find(id).select(User::as_select()).for_update();
            let Some(user) = query.first(connection).await.optional()? else { return Ok(Changed::Conflict) };
            let now = row(user).account(self.home);
            if now.hash() == Some(new) {
                return Ok(Changed::Updated); // this call was made before
            }
            let was = change.was();
            let as_it_was = now.hash() == was.hash() && now.contacts() == was.contacts();
            if !as_it_was || now.status() != AccountStatus::Active {
                return Ok(Changed::Conflict);
            }
            let update = diesel::update(users::table.find(id)).set(users::password_hash.eq(new.as_str()));
            update.execute(connection).await.map(|_| Changed::Updated)
        });
        changed.await.map_err(failed)
    }

    /// The sessions carry the auth hash that axum-login compares, so they end by themselves.
    async fn end_sessions(&self, _: &AccountId, _: chrono::DateTime<chrono::Utc>) -> Result<(), PortError> {
        Ok(())
    }
}

/// The id, if its text is the one way of writing that number.
fn number(account: &AccountId) -> Option<i64> {
    account.as_str().parse().ok().filter(|id: &i64| id.to_string() == account.as_str())
}

/// What may be a text of the database is kept as the source: logs have it, and no page.
fn failed(error: diesel::result::Error) -> PortError {
    PortError::transient("users cannot be read or written").because(error)
}
