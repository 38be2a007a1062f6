//! A database of its own, and resets to put into it.

use chrono::{DateTime, TimeDelta, Utc};
use password_reset::flow::{AuditEvent, AuditRow, Reset, Step};
use password_reset::ports::{Digest, Opened, ResetStore, UserTable};
use password_reset::{Account, PasswordHash};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_postgres_server::{Database, Server};
use password_reset_testkit::sample;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool};

/// A user table with two accounts.
pub const USERS: &str = "create table users (id bigint primary key, email text not null, password_hash text);
     create index users_email_lower on users (lower(email));
     insert into users values (1, 'ana@toko.example', 'old hash'), (2, 'budi@toko.example', null)";

pub struct World {
    pub pool: PgPool,
    // After the pool.
    pub database: Database,
}

impl World {
    /// A database with a user table and the store's tables.
    pub async fn new() -> Self {
        Self::of(Server::shared().unwrap()).await
    }

    /// The same on this server.
    pub async fn of(server: &Server) -> Self {
        let world = Self::bare_of(server).await;
        world.run(USERS).await;
        world.store().migrate().await.unwrap();
        world
    }

    /// A database with nothing in it.
    pub async fn bare() -> Self {
        Self::bare_of(Server::shared().unwrap()).await
    }

    pub async fn bare_of(server: &Server) -> Self {
        let database = server.database().await.unwrap();
        Self { pool: pool(database.options(), 4).await, database }
    }

    pub fn accounts(&self) -> PostgresAccounts {
        self.accounts_in("users".into())
    }

    pub fn accounts_in(&self, users: UserTable) -> PostgresAccounts {
        PostgresAccounts::new(&self.pool, users)
    }

    pub fn store(&self) -> PostgresStore {
        PostgresStore::new(&self.pool)
    }

    pub fn writing(&self) -> PostgresStore {
        self.store().writing(self.accounts())
    }

    /// A pool of another node, with settings of its own.
    pub async fn pool_with(&self, connections: u32, settings: &[(&str, &str)]) -> PgPool {
        pool(self.database.options().options(settings.iter().copied()), connections).await
    }

    pub async fn run(&self, text: &str) {
        sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&self.pool).await.unwrap();
    }

    /// A role of this test, for roles are of the whole server; `grants` calls it `the_role`.
    pub async fn role(&self, grants: &str) -> String {
        let role = format!("role_of_{}", self.database.name());
        let grants = grants.replace("the_role", &role);
        sqlx::raw_sql(AssertSqlSafe(format!("create role {role}; {grants}"))).execute(&self.pool).await.unwrap();
        role
    }

    pub async fn drop_role(&self, role: &str) {
        let drop = format!("drop owned by {role}; drop role {role}");
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(&self.pool).await.unwrap();
    }

    pub async fn number(&self, text: &'static str) -> i64 {
        sqlx::query_scalar(text).fetch_one(&self.pool).await.unwrap()
    }
}

pub async fn pool(options: PgConnectOptions, connections: u32) -> PgPool {
    PgPoolOptions::new().max_connections(connections).connect_with(options).await.unwrap()
}

/// A fixed time, with a part that no store keeps.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 123_456_789).unwrap()
}

pub fn after(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

pub fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

pub fn request() -> Reset {
    sample::requested(noon())
}

pub fn note(event: AuditEvent) -> AuditRow {
    AuditRow::new(noon(), event)
}

pub async fn store_request(store: &PostgresStore) -> Reset {
    let reset = request();
    assert_eq!(store.open(&reset, None, None, &[]).await.unwrap(), Opened::Stored);
    reset
}

pub fn issue(reset: &Reset, account: &str) -> Step {
    sample::issue(reset, &account.into(), after(1))
}

pub fn prove(reset: &Reset) -> Step {
    sample::prove(reset, after(2))
}

pub fn apply(reset: &Reset, was: &Account, new: &str) -> Step {
    sample::apply_with(reset, was.clone(), PasswordHash::new(new), after(3))
}

/// A reset of account 1 to which a proof was brought.
pub async fn verified(store: &PostgresStore) -> Reset {
    let reset = sample::verified(&"1".into(), noon());
    assert_eq!(store.open(&reset, None, None, &[]).await.unwrap(), Opened::Stored);
    reset
}
