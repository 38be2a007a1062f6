//! `Accounts` over the application's own table, with SeaORM.

use password_reset::identity::{IdentifierKind, stored_forms};
use password_reset::ports::{Accounts, Changed, PasswordChange, UserRow};
use password_reset::{Account, AccountId, AccountStatus, CallingCode, Identifier, PortError, async_trait};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set, TransactionTrait,
};

/// The entity, as an application has it.
mod user {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub email: Option<String>,
        pub username: Option<String>,
        pub phone: Option<String>,
        pub password_hash: Option<String>,
        pub confirmed_at: Option<ChronoDateTimeUtc>,
        pub active: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The application's users.
#[derive(Clone, Debug)]
pub struct Users {
    database: DatabaseConnection,
    home: Option<CallingCode>,
}

impl Users {
    /// Phone numbers without a country belong to `home`.
    pub fn new(database: DatabaseConnection, home: Option<CallingCode>) -> Self {
        Self { database, home }
    }

    /// Compares and sets under the lock of the row: no login page and no other reset comes between.
    async fn compare_and_set(&self, id: i64, change: &PasswordChange) -> Result<Changed, DbErr> {
        let transaction = self.database.begin().await?;
        let Some(user) = user::Entity::find_by_id(id).lock_exclusive().one(&transaction).await? else {
            return Ok(Changed::Conflict);
        };
        let (now, was, new) = (row(user.clone()).account(self.home), change.was(), change.new_hash());
        if now.hash() == Some(new) {
            return Ok(Changed::Updated); // this call was made before
        }
        let as_it_was = now.hash() == was.hash() && now.contacts() == was.contacts();
        if !as_it_was || now.status() != AccountStatus::Active {
            return Ok(Changed::Conflict);
        }
        let mut user = user.into_active_model();
        user.password_hash = Set(Some(new.as_str().to_owned()));
        user.update(&transaction).await?;
        transaction.commit().await?;
        Ok(Changed::Updated)
    }
}

/// What the library makes an account of. Only what is confirmed is a contact.
fn row(user: user::Model) -> UserRow {
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
        let named = match typed.kind() {
            _ if text.contains('\0') => return Ok(Vec::new()), // no text of Postgres has it
            IdentifierKind::Email => {
                Expr::expr(Func::lower(Expr::col(user::Column::Email))).eq(Func::lower(Expr::val(text)))
            }
            IdentifierKind::Username => user::Column::Username.eq(text),
            IdentifierKind::Phone => {
                let same = typed.same_numbers();
                let forms = same.iter().flat_map(|number| stored_forms(number, self.home)).flatten();
                user::Column::Phone.is_in(forms)
            }
            _ => return Ok(Vec::new()),
        };
        // Whose account could be reset comes first: it must be among those that are read, however many strangers sign up with the name.
        let could_be_reset = user::Column::Active.eq(true).and(user::Column::ConfirmedAt.is_not_null());
        let query = user::Entity::find().filter(named).order_by_desc(could_be_reset);
        let query = query.order_by_desc(user::Column::Active).order_by_asc(user::Column::Id).limit(100);
        let found = query.all(&self.database).await.map_err(failed)?;
        // The database found them; what decides is the comparison of the library.
        let found = found.into_iter().map(row).filter(|row| row.is_named_by(typed, self.home));
        Ok(found.map(|row| row.account(self.home)).collect())
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        let Some(id) = number(account) else { return Ok(None) };
        let user = user::Entity::find_by_id(id).one(&self.database).await.map_err(failed)?;
        Ok(user.map(|user| row(user).account(self.home)))
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        match number(change.was().id()) {
            Some(id) => self.compare_and_set(id, change).await.map_err(failed),
            None => Ok(Changed::Conflict),
        }
    }

    /// The sessions are in cookies, where the server cannot delete them; their auth hash ends them.
    async fn end_sessions(&self, _: &AccountId, _: chrono::DateTime<chrono::Utc>) -> Result<(), PortError> {
        Ok(())
    }
}

/// The id, if its text is the one way of writing that number.
fn number(account: &AccountId) -> Option<i64> {
    account.as_str().parse().ok().filter(|id: &i64| id.to_string() == account.as_str())
}

/// What the database says is kept as the source: logs have it, and no page.
fn failed(error: DbErr) -> PortError {
    PortError::transient("users cannot be read or written").because(error)
}
