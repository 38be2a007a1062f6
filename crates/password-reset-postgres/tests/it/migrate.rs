//! The tables are made once, beside whatever else is in the database, and what does not fit is named.

use std::error::Error;
use std::sync::Arc;

use password_reset::PortError;
use password_reset::ports::{Attempt, AttemptKind, Due, ResetStore, UserTable};
use password_reset_postgres::{PostgresAccounts, PostgresStore, SchemaError};
use sqlx::Executor;
use tokio::sync::Barrier;

use crate::common::{World, after, pool, request, verified};

fn schema_error(error: &PortError) -> &SchemaError {
    assert!(!error.is_transient());
    error.source().unwrap().downcast_ref().unwrap()
}

const FILES: &[&str] = &[include_str!("../../migrations/0001_resets.sql")];

#[tokio::test]
async fn every_table_has_its_prefix_and_the_applications_migrations_go_their_own_way() {
    let world = World::bare().await;
    world.run("create table _sqlx_migrations (version bigint); create table migrations (id int)").await;
    world.store().migrate().await.unwrap();
    let others = "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' \
                  and relname not like 'password\\_reset\\_%' and relname not in ('_sqlx_migrations', 'migrations')";
    assert_eq!(world.number(others).await, 0);
    assert_eq!(world.number("select count(*) from password_reset_migrations").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_nodes_that_migrate_at_once_all_succeed() {
    for schema in [None, Some("resets \"here\"")] {
        let world = World::bare().await;
        let barrier = Arc::new(Barrier::new(8));
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let pool = world.pool_with(1, &[]).await;
            let store = PostgresStore::new(&pool);
            let store = schema.map_or(store.clone(), |schema| store.in_schema(schema));
            let barrier = Arc::clone(&barrier);
            tasks.push(tokio::spawn(async move {
                barrier.wait().await;
                store.migrate().await.map(|()| store)
            }));
        }
        for task in tasks {
            let store = task.await.unwrap().unwrap();
            store.open(&request(), None, None, &[]).await.unwrap();
        }
    }
}

#[tokio::test]
async fn two_schemas_of_one_database_share_nothing() {
    let world = World::new().await;
    let (one, two) = (world.store().in_schema("one"), world.store().in_schema("two"));
    one.migrate().await.unwrap();
    two.migrate().await.unwrap();
    let reset = request();
    one.open(&reset, None, None, &[]).await.unwrap();
    assert_eq!(one.load(reset.id()).await.unwrap().map(|loaded| loaded.reset), Some(reset.clone()));
    for other in [&two, &world.store()] {
        assert!(other.load(reset.id()).await.unwrap().is_none());
    }
}

/// Once the tables are there, a role that may only read and write rows is enough: for everything that is ever called.
#[tokio::test]
async fn a_role_that_may_not_make_tables_is_enough_once_they_are_there() {
    let world = World::new().await;
    let role = world
        .role(
            "revoke create on schema public from public;
             grant usage on schema public to the_role;
             grant select, insert, update, delete on all tables in schema public to the_role;
             revoke insert, update, delete on password_reset_migrations from the_role;",
        )
        .await;
    let pool = world.pool_with(2, &[("role", &role)]).await;
    pool.execute("create table not_mine (id int)").await.unwrap_err();
    let accounts = PostgresAccounts::new(&pool, "users");
    let store = PostgresStore::new(&pool).writing(accounts.clone());
    store.migrate().await.unwrap();
    store.check().await.unwrap();
    let reset = verified(&store).await;
    store.attempt(&Attempt::new(reset.id(), AttemptKind::Code, 5)).await.unwrap();
    let was = password_reset::ports::Accounts::load(&accounts, &"1".into()).await.unwrap().unwrap();
    store.transition(&crate::common::apply(&reset, &was, "new hash")).await.unwrap();
    assert_eq!(store.lease(&Due::new(after(5), after(65), 10)).await.unwrap().len(), 1);
    store.purge(&password_reset::ports::Purge::new(after(0), after(0), after(0), 10)).await.unwrap();
    store.erase(&"1".into(), &[]).await.unwrap();
    drop((store, accounts));
    pool.close().await;
    world.drop_role(&role).await;
}

#[tokio::test]
async fn what_was_not_migrated_is_said_so() {
    let world = World::bare().await;
    let error = world.store().check().await.unwrap_err();
    assert_eq!(schema_error(&error), &SchemaError::NotMigrated);
    world.store().migrate().await.unwrap();
    world.store().check().await.unwrap();
    let error = world.store().in_schema("elsewhere").check().await.unwrap_err();
    assert_eq!(schema_error(&error), &SchemaError::NotMigrated);
}

/// An application may keep the files among its own migrations, and no table says so.
#[tokio::test]
async fn files_that_the_application_applied_are_enough() {
    let world = World::bare().await;
    for file in FILES {
        sqlx::raw_sql(*file).execute(&world.pool).await.unwrap();
    }
    world.store().migrate().await.unwrap();
    world.store().check().await.unwrap();
    assert_eq!(world.number("select count(*) from pg_class where relname = 'password_reset_migrations'").await, 0);
    world.store().open(&request(), None, None, &[]).await.unwrap();
    world.run("alter table password_reset_audit drop column detail").await;
    for result in [world.store().check().await, world.store().migrate().await] {
        assert_eq!(schema_error(&result.unwrap_err()), &SchemaError::NotMigrated);
    }
}

#[tokio::test]
async fn a_schema_of_another_version_is_refused() {
    let world = World::new().await;
    world.run("insert into password_reset_migrations values (99, 'later', '\\x00')").await;
    for result in [world.store().migrate().await, world.store().check().await] {
        let error = result.unwrap_err();
        assert!(matches!(schema_error(&error), SchemaError::Newer { found: 99, .. }), "{error:?}");
    }
    world.run("delete from password_reset_migrations where version = 99").await;
    world.run("update password_reset_migrations set checksum = '\\x00'").await;
    let error = world.store().migrate().await.unwrap_err();
    assert!(matches!(schema_error(&error), SchemaError::Altered { version: 1 }), "{error:?}");
}

#[tokio::test]
async fn missing_tables_columns_and_types_are_named() {
    let world = World::bare().await;
    let error = world.writing().migrate().await.unwrap_err();
    assert!(matches!(schema_error(&error), SchemaError::NoTable { table } if table == "\"users\""), "{error:?}");
    world.run("create table users (id bigint primary key, mail text, \"Verified\" text, phone bigint)").await;
    let accounts = world.accounts_in(
        UserTable::new("users")
            .with_email_column("mail")
            .with_email_confirmed_column("Verified")
            .with_username_column("name")
            .with_active_column("ok"),
    );
    let error = world.store().writing(accounts).migrate().await.unwrap_err();
    let wanted = ["password_hash", "name", "ok"].map(str::to_owned).to_vec();
    assert!(matches!(schema_error(&error), SchemaError::NoColumns { columns, .. } if *columns == wanted), "{error:?}");
    world.run("alter table users add column password_hash text").await;
    let accounts = world.accounts_in(UserTable::new("users").with_email_column("mail").with_phone_column("phone"));
    let error = accounts.check().await.unwrap_err();
    assert!(matches!(schema_error(&error), SchemaError::Type { column, .. } if column == "phone"), "{error:?}");
    world.run("create table sessions (account bigint, begun text)").await;
    let users = UserTable::new("users").with_email_column("mail").with_sessions_table("sessions", "account");
    world.accounts_in(users.clone()).check().await.unwrap();
    let error = world.accounts_in(users.with_sessions_begun_column("begun")).check().await.unwrap_err();
    assert!(matches!(schema_error(&error), SchemaError::Type { column, .. } if column == "begun"), "{error:?}");
}

#[tokio::test]
async fn ids_must_be_unique() {
    let world = World::bare().await;
    for (text, fits) in [
        ("create table users (id bigint, email text, password_hash text)", false),
        ("create table users (id bigint, email text, password_hash text, primary key (id, email))", false),
        (
            "create table users (id bigint, email text, password_hash text); \
             create unique index on users (id) where email is not null",
            false,
        ),
        ("create table users (id bigint, email text, password_hash text); create index on users (id)", false),
        ("create table users (id bigint unique, email text, password_hash text)", true),
        ("create table users (id uuid primary key, email varchar(200), password_hash char varying)", true),
        ("create table users (id numeric primary key, email text, password_hash text)", false),
    ] {
        world.run("drop table if exists users").await;
        world.run(text).await;
        let checked = world.accounts().check().await;
        assert_eq!(checked.is_ok(), fits, "{text}");
        if let Err(error) = checked {
            let expected = matches!(schema_error(&error), SchemaError::IdNotUnique { .. } | SchemaError::Type { .. });
            assert!(expected, "{error:?}");
        }
    }
}

#[tokio::test]
async fn accounts_in_another_database_are_not_written() {
    let (here, there) = (World::new().await, World::new().await);
    let error = here.store().writing(there.accounts()).migrate().await.unwrap_err();
    assert_eq!(schema_error(&error), &SchemaError::OtherDatabase);
    // Another pool on the same database will do.
    let pool = pool(here.database.options(), 1).await;
    here.store().writing(PostgresAccounts::new(&pool, "users")).migrate().await.unwrap();
}

/// The index of what is owed is passed over from its beginning, where what was paid stays until vacuum comes.
#[tokio::test]
async fn vacuum_comes_after_as_many_changes_however_many_rows_there_are() {
    let world = World::new().await;
    let options: Vec<String> =
        sqlx::query_scalar("select unnest(reloptions) from pg_class where oid = 'password_reset_resets'::regclass")
            .fetch_all(&world.pool)
            .await
            .unwrap();
    let wanted = ["autovacuum_vacuum_scale_factor=0", "autovacuum_vacuum_threshold=5000", "vacuum_index_cleanup=on"];
    assert_eq!(options, wanted);
}
