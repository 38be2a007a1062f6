//! The promises of the ports, kept on Postgres: the store alone and with the accounts in its transactions, in a schema of
//! its own, behind a pooler of transactions, and accounts whose ids are numbers, texts, UUIDs and bytes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "test code")]

#[path = "pooler/mod.rs"]
mod pooler;

use std::sync::Arc;

use async_trait::async_trait;
use password_reset::ports::{Accounts, ResetStore, UserTable};
use password_reset::{AccountId, AccountStatus, CallingCode, PasswordHash, PortError};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_postgres_server::{Database, Server};
use password_reset_testkit::suites::{AccountSpec, AccountsFixture, StoreFixture, UserTableFixture};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, Row};

struct Fixture {
    pool: PgPool,
    store: PostgresStore,
    other: PostgresStore,
    // After the pools.
    _database: Database,
}

#[derive(Clone, Copy)]
enum How {
    Alone,
    Writing,
    /// As `Writing`, and every transaction on another connection to the server.
    BehindPooler,
    /// In a schema whose name needs its quotes, and not on the search path.
    InSchema,
}

fn users() -> UserTable {
    UserTable::new("users")
        .with_username_column("username")
        .with_phone_column("phone")
        .with_email_confirmed_column("confirmed_at")
        .with_phone_confirmed_column("confirmed_at")
        .with_active_column("active")
        .with_disabled_column("deleted_at")
        .with_sessions_table("sessions", "user_id")
        .with_sessions_begun_column("begun")
}

/// A database of its own, with a user table whose ids are of the stated type.
async fn fresh(id: &str, how: How) -> Fixture {
    let server = if let How::BehindPooler = how { Server::private() } else { Server::shared() };
    let database = server.unwrap().database().await.unwrap();
    let options = match how {
        How::BehindPooler => pooler::start(&database.options(), 4).await,
        _ => database.options(),
    };
    let pool = || PgPoolOptions::new().max_connections(6).connect_with(options.clone());
    let (pool, other) = (pool().await.unwrap(), pool().await.unwrap());
    let tables = format!(
        "create table users (id {id}, email text, username text, phone text, password_hash text,
             confirmed_at timestamptz, active bool not null, deleted_at timestamptz);
         create index users_email_lower on users (lower(email));
         create table sessions (user_id {}, begun timestamptz)",
        id.split(' ').next().unwrap(),
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(tables)).execute(&pool).await.unwrap();
    let accounts = |pool| PostgresAccounts::new(pool, users());
    let store = |pool| match how {
        How::Alone => PostgresStore::new(pool),
        How::InSchema => PostgresStore::new(pool).in_schema("Password \"resets\""),
        How::Writing => PostgresStore::new(pool).writing(accounts(pool)),
        How::BehindPooler => PostgresStore::new(pool).writing(accounts(pool)).not_listening(),
    };
    accounts(&pool).check().await.unwrap();
    store(&pool).migrate().await.unwrap();
    store(&other).migrate().await.unwrap();
    Fixture { store: store(&pool), other: store(&other), pool, _database: database }
}

impl StoreFixture for Fixture {
    fn store(&self) -> Arc<dyn ResetStore> {
        Arc::new(self.store.clone())
    }

    fn another_node(&self) -> Arc<dyn ResetStore> {
        Arc::new(self.other.clone())
    }
}

#[async_trait]
impl AccountsFixture for Fixture {
    fn accounts_at(&self, home: Option<CallingCode>) -> Arc<dyn Accounts> {
        let mut users = users();
        users.home = home;
        Arc::new(PostgresAccounts::new(&self.pool, users))
    }

    async fn create(&self, spec: AccountSpec) -> AccountId {
        let id: String = sqlx::query_scalar(
            "select format_type(atttypid, null) from pg_attribute where attrelid = 'users'::regclass and attname = 'id'",
        )
        .fetch_one(&self.pool)
        .await
        .unwrap();
        let (value, text) = match id.as_str() {
            "text" => ("'user ' || (select count(*) + 1 from users)", "id"),
            "bytea" => ("uuid_send(gen_random_uuid())", "encode(id, 'hex')"),
            "uuid" => ("gen_random_uuid()", "id::text"),
            _ => ("(select count(*) + 1 from users)", "id::text"),
        };
        let insert = format!(
            "insert into users (id, email, username, phone, password_hash, active, confirmed_at, deleted_at)
             values ({value}, $1, $2, $3, $4, $5, case when $6 then now() end, case when $7 then now() end) returning {text}"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(insert))
            .bind(spec.email)
            .bind(spec.username)
            .bind(spec.phone)
            .bind(spec.hash.as_ref().map(PasswordHash::as_str))
            .bind(spec.status == AccountStatus::Active || spec.deleted)
            .bind(spec.confirmed)
            .bind(spec.deleted)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        AccountId::new(row.get::<String, _>(0))
    }
}

#[async_trait]
impl UserTableFixture for Fixture {
    async fn accounts_of(&self, users: UserTable) -> Result<Arc<dyn Accounts>, PortError> {
        let accounts = PostgresAccounts::new(&self.pool, users);
        accounts.check().await?;
        Ok(Arc::new(accounts))
    }

    async fn run(&self, sql: &str) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&self.pool).await.unwrap();
    }

    async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(&self.pool).await.unwrap()
    }
}

mod user_table {
    password_reset_testkit::user_table_conformance!(
        async || super::fresh("integer primary key", super::How::Alone).await
    );
}

mod store {
    password_reset_testkit::store_conformance!(async || super::fresh("bigint primary key", super::How::InSchema).await);
    password_reset_testkit::service_conformance!(
        async || super::fresh("bigint primary key", super::How::InSchema).await
    );
}

mod store_that_writes_accounts {
    password_reset_testkit::store_conformance!(async || super::fresh("bigint primary key", super::How::Writing).await);
    password_reset_testkit::writing_store_conformance!(async || super::fresh(
        "bigint primary key",
        super::How::Writing
    )
    .await);
}

mod store_behind_a_pooler {
    password_reset_testkit::store_conformance!(
        async || super::fresh("bigint primary key", super::How::BehindPooler).await
    );
    password_reset_testkit::writing_store_conformance!(async || super::fresh(
        "bigint primary key",
        super::How::BehindPooler
    )
    .await);
}

mod store_that_writes_accounts_with_uuids {
    password_reset_testkit::writing_store_conformance!(
        async || super::fresh("uuid primary key", super::How::Writing).await
    );
}

mod accounts_with_number_ids {
    password_reset_testkit::accounts_conformance!(async || super::fresh("integer primary key", super::How::Alone).await);
}

mod accounts_with_text_ids {
    password_reset_testkit::accounts_conformance!(async || super::fresh("text primary key", super::How::Alone).await);
}

mod accounts_with_uuids {
    password_reset_testkit::accounts_conformance!(async || super::fresh("uuid primary key", super::How::Alone).await);
}

mod accounts_with_ids_of_bytes {
    password_reset_testkit::accounts_conformance!(async || super::fresh("bytea primary key", super::How::Alone).await);
}
