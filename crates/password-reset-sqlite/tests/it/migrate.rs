//! The tables are made once, beside whatever else is in the file, and what does not fit is named.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Waker};

use password_reset::PortError;
use password_reset::ports::{ResetStore, UserTable};
use password_reset_sqlite::{SchemaError, SqliteAccounts, SqliteStore};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{SqlSafeStr, SqlitePool};
use tokio::sync::Barrier;

use crate::common::{World, request};

fn schema_error(error: &PortError) -> &SchemaError {
    assert!(!error.is_transient());
    error.source().unwrap().downcast_ref().unwrap()
}

#[tokio::test]
async fn the_applications_own_driver_and_migrations_go_their_own_way() {
    let world = World::bare();
    let options = SqliteConnectOptions::new().filename(world.file()).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let text = "create table users (id integer primary key, email text, password_hash text)";
    let first = Migration::new(1, Cow::Borrowed("users"), MigrationType::Simple, text.into_sql_str(), false);
    let more = "alter table users add column username text";
    let second = Migration::new(2, Cow::Borrowed("username"), MigrationType::Simple, more.into_sql_str(), false);
    Migrator::with_migrations(vec![first.clone()]).run(&pool).await.unwrap();
    world.writing().migrate().await.unwrap();
    Migrator::with_migrations(vec![first, second]).run(&pool).await.unwrap();
    world.writing().migrate().await.unwrap();
    assert_eq!(world.number("select count(*) from _sqlx_migrations"), 2);
    assert_eq!(world.number("select count(*) from password_reset_migrations"), 1);
    assert_eq!(
        world.number(
            "select count(*) from sqlite_schema where type = 'table' and name not like 'password_reset_%' \
                 and name not in ('users', '_sqlx_migrations') and name not like 'sqlite_%'"
        ),
        0,
        "every table of the store has its prefix"
    );
}

#[tokio::test]
async fn migrating_again_writes_nothing() {
    let world = World::new().await;
    let before = world.number("pragma schema_version");
    for _ in 0..3 {
        world.writing().migrate().await.unwrap();
    }
    assert_eq!(world.number("pragma schema_version"), before);
    assert_eq!(world.texts("pragma journal_mode"), ["wal"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_that_migrate_at_once_all_succeed() {
    for _ in 0..10 {
        let dir = tempfile::tempdir().unwrap();
        let barrier = Arc::new(Barrier::new(8));
        let mut tasks = Vec::new();
        for number in 0..8 {
            // Each has a connection and a thread of its own, as in processes of their own.
            let file = dir.path().join("./".repeat(number)).join("app.db");
            let barrier = Arc::clone(&barrier);
            tasks.push(tokio::spawn(async move {
                let store = SqliteStore::open(file).unwrap();
                barrier.wait().await;
                store.migrate().await
            }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let store = SqliteStore::open(dir.path().join("app.db")).unwrap();
        store.check().await.unwrap();
        store.open(&request(), None, None, &[]).await.unwrap();
    }
}

/// A database in memory is another one for each connection.
#[tokio::test]
async fn a_database_in_memory_is_refused() {
    let error = SqliteStore::open(":memory:").unwrap().migrate().await.unwrap_err();
    assert_eq!(schema_error(&error), &SchemaError::NoWal { mode: "memory".to_owned() });
}

#[tokio::test]
async fn a_database_that_was_not_migrated_is_refused() {
    let world = World::bare();
    let error = world.store().check().await.unwrap_err();
    assert!(matches!(schema_error(&error), SchemaError::NoWal { .. }), "{error:?}");
    world.run("pragma journal_mode = wal");
    let error = world.store().check().await.unwrap_err();
    assert_eq!(schema_error(&error), &SchemaError::NotMigrated);
    world.store().migrate().await.unwrap();
    world.store().check().await.unwrap();
}

#[tokio::test]
async fn a_schema_of_another_version_is_refused() {
    let world = World::new().await;
    world.run("insert into password_reset_migrations values (99, 'later', x'00')");
    for result in [world.store().migrate().await, world.store().check().await] {
        let error = result.unwrap_err();
        assert!(matches!(schema_error(&error), SchemaError::Newer { found: 99, .. }), "{error:?}");
    }
    world.run("delete from password_reset_migrations where version = 99");
    world.run("update password_reset_migrations set checksum = x'00'");
    let error = world.store().migrate().await.unwrap_err();
    assert_eq!(schema_error(&error), &SchemaError::Altered { version: 1 });
}

#[tokio::test]
async fn missing_tables_and_columns_are_named() {
    let world = World::bare();
    let error = world.writing().migrate().await.unwrap_err();
    assert_eq!(
        schema_error(&error).to_string(),
        "table \"users\" not found: create it, or name another in `UserTable::new`"
    );
    world.run("create table users (id integer primary key, mail text, Email_Verified_At text)");
    let accounts = world.accounts_in(
        UserTable::new("users")
            .with_email_confirmed_column("email_verified_at")
            .with_active_column("is_active")
            .with_sessions_table("sessions", "user_id"),
    );
    let error = world.store().writing(accounts).migrate().await.unwrap_err();
    let named = schema_error(&error).to_string();
    assert_eq!(
        named,
        "table \"users\" has no column email, password_hash, is_active: add it, or name another with `UserTable::with_…_column`"
    );
    world.run("alter table users rename column mail to email; alter table users add column password_hash text");
    world.writing().migrate().await.unwrap();
    let accounts = world.accounts_in(
        UserTable::new("users").with_sessions_table("sessions", "user_id").with_sessions_begun_column("at"),
    );
    let error = accounts.check().await.unwrap_err();
    assert_eq!(schema_error(&error), &SchemaError::NoTable { table: "sessions".to_owned() });
    world.run("create table sessions (user_id integer)");
    let error = accounts.check().await.unwrap_err();
    let missing = SchemaError::NoColumns { table: "sessions".to_owned(), columns: vec!["at".to_owned()] };
    assert_eq!(schema_error(&error), &missing);
}

#[tokio::test]
async fn an_id_that_two_rows_can_have_is_refused() {
    let world = World::bare();
    let tables = [
        ("create table users (id integer, email text, password_hash text)", false),
        ("create table users (id integer, email text, password_hash text, primary key (id, email))", false),
        ("create table users (id text, email text, password_hash text); create index i on users (id)", false),
        ("create table users (id text, email text, password_hash text, unique (id, email))", false),
        (
            "create table users (id text, email text, password_hash text);
             create unique index i on users (id) where email is not null",
            false,
        ),
        ("create table users (id text, email text, password_hash text, unique (ID))", true),
        ("create table users (id blob primary key, email text, password_hash text) without rowid", true),
        ("create table users (rowed integer primary key, id text unique, email text, password_hash text)", true),
    ];
    for (text, fits) in tables {
        world.run("drop table if exists users");
        world.run(text);
        let checked = world.accounts().check().await;
        assert_eq!(checked.is_ok(), fits, "{text}");
        if let Err(error) = checked {
            assert!(matches!(schema_error(&error), SchemaError::IdNotUnique { .. }), "{error:?}");
        }
    }
}

#[tokio::test]
async fn accounts_in_another_file_are_not_written() {
    let (here, there) = (World::new().await, World::new().await);
    let error = here.store().writing(there.accounts()).migrate().await.unwrap_err();
    assert_eq!(schema_error(&error), &SchemaError::OtherDatabase);
    // Other connections to the same file will do, however its path is spelt.
    let file = here.dir.path().join(".").join("app.db");
    here.store().writing(SqliteAccounts::open(file, "users").unwrap()).migrate().await.unwrap();
}

#[tokio::test]
async fn changing_the_journal_mode_waits_for_readers() {
    let world = World::bare();
    world.run("create table users (id integer primary key, email text, password_hash text)");
    let store = world.store_with("pragma busy_timeout = 0");
    let reading = world.connect();
    reading.execute_batch("begin; select * from users").unwrap();
    let mut migrate = std::pin::pin!(store.migrate());
    for _ in 0..200 {
        // While another connection reads, it is tried again and not refused.
        assert!(migrate.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        tokio::task::yield_now().await;
    }
    reading.execute_batch("commit").unwrap();
    migrate.await.unwrap();
}
