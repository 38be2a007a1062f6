//! What would fail later is refused or named when the program starts.

use chrono::TimeDelta;
use password_reset::PortError;
use password_reset::flow::{AuditEvent, AuditRow};
use password_reset::ports::{Clock as _, ResetStore, SystemClock, UserTable};
use password_reset_sqlite::{SchemaError, SqliteAccounts, SqliteStore};
use password_reset_testkit::Log;
use tracing::Level;

use crate::common::World;

async fn warnings(check: impl Future<Output = Result<(), PortError>>) -> String {
    let (log, _guard) = Log::of_this_thread(Level::INFO);
    check.await.unwrap();
    log.text()
}

fn sentence(error: &PortError) -> String {
    assert!(!error.is_transient(), "{error:?}");
    let schema: &SchemaError = std::error::Error::source(error)
        .and_then(|source| source.downcast_ref())
        .unwrap_or_else(|| panic!("{error:?}"));
    schema.to_string()
}

fn named(world: &World) -> SqliteAccounts {
    let users = UserTable::new("users").with_username_column("name").with_phone_column("phone");
    world.accounts_in(users.with_locale_column("lang").with_earlier_hashes_column("before"))
}

/// SQLite takes any value into a column of any type, and changes texts that look like numbers: `0812` becomes 812.
#[tokio::test]
async fn a_column_whose_type_changes_texts_is_refused() {
    let world = World::bare();
    let columns = ["email", "password_hash", "name", "phone", "lang", "before"];
    let table = |column: &str, declared: &str, options: &str| {
        let mut columns = columns.map(|name| format!("{name} {}", if name == column { declared } else { "text" }));
        columns.sort();
        world.run("drop table if exists users");
        world.run(&format!("create table users (id integer primary key, {}) {options}", columns.join(", ")));
    };
    let refused = [
        "INTEGER",
        "int",
        "bigint",
        "UNSIGNED BIG INT",
        "numeric",
        "DECIMAL(15,0)",
        "string",
        "real",
        "double precision",
        "FLOAT",
        "blob",
        "date",
        "boolean",
        "any",
        "uuid",
        "POINT",
    ];
    for column in columns {
        for declared in refused {
            table(column, declared, "");
            let said = sentence(&named(&world).check().await.unwrap_err());
            let wanted = format!("column {column:?} of table \"users\" has type {declared}: declare it as TEXT");
            assert_eq!(said.to_lowercase(), wanted.to_lowercase());
        }
        for declared in ["text", "VARCHAR(20)", "character varying", "nchar(15)", "CLOB", "citext", ""] {
            table(column, declared, "");
            named(&world).check().await.unwrap();
        }
        table(column, "any", "strict");
        named(&world).check().await.unwrap();
        table(column, "int", "strict");
        named(&world).check().await.unwrap_err();
    }
    table("", "", "");
    world.run("create table sessions (user_id real)");
    let said = sentence(
        &world
            .accounts_in(UserTable::new("users").with_sessions_table("sessions", "user_id"))
            .check()
            .await
            .unwrap_err(),
    );
    assert_eq!(said, "column \"user_id\" of table \"sessions\" has type REAL: declare it as INTEGER, TEXT or BLOB");
    world.run("drop table users; create table users (id double primary key, email text, password_hash text)");
    assert!(sentence(&world.accounts().check().await.unwrap_err()).contains("column \"id\""));
}

/// The account of a row with another value could not be read, by whatever name it is found.
#[tokio::test]
async fn a_value_that_is_no_text_is_refused_and_the_sentence_mends_it() {
    let world = World::bare();
    for (column, value) in [
        ("phone", "6281200000001"),
        ("phone", "x'2b36'"),
        ("name", "12"),
        ("name", "1.5"),
        ("email", "x'616e61'"),
        ("password_hash", "x'2432'"),
        ("lang", "0"),
        ("before", "x'24'"),
    ] {
        world.run("drop table if exists users; create table users (id integer primary key, email, password_hash, name, phone, lang, before)");
        world.run("insert into users (id, email) values (1, 'ana@toko.example'), (2, null), (3, 'budi@toko.example')");
        named(&world).check().await.unwrap();
        world.run(&format!("update users set {column} = {value} where id = 2"));
        let said = sentence(&named(&world).check().await.unwrap_err());
        assert!(said.contains(&format!("column {column:?} of table \"users\" holds numbers or bytes")), "{said}");
        let statement = said.split('`').nth(1).unwrap();
        world.run(statement);
        named(&world).check().await.unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_refused() {
    let world = World::new().await;
    let uri = |mode: &str| format!("file:{}?{mode}", world.file().display());
    for store in [SqliteStore::open(uri("mode=ro")).unwrap(), world.store_with("pragma query_only = on")] {
        for error in [store.check().await.unwrap_err(), store.accounts("users").check().await.unwrap_err()] {
            let said = sentence(&error);
            assert!(said.contains("cannot be written (") && said.contains("without `mode=ro`"), "{said}");
        }
    }
    // A table on which a password cannot be set.
    world.run(
        "create view people as select id, email, password_hash from users;
         create table made (id integer primary key, email text, password_hash text as ('x') stored);
         create table kept (user_id integer); create view sessions as select user_id from kept",
    );
    for (accounts, table) in [
        (SqliteAccounts::open(world.file(), "made").unwrap(), "made"),
        (world.accounts_in(UserTable::new("users").with_sessions_table("sessions", "user_id")), "sessions"),
    ] {
        let said = sentence(&accounts.check().await.unwrap_err());
        assert!(said.contains(&format!("table \"{table}\" cannot be written")), "{said}");
    }
    // Nothing is left of the writes.
    world.writing().check().await.unwrap();
    assert_eq!(world.number("select count(*) from password_reset_quotas"), 0);
    assert_eq!(world.number("select count(*) from users where password_hash = 'old hash'"), 1);
    // Another process that writes keeps the check waiting; that passes.
    let writing = world.writing_elsewhere();
    assert!(world.store_with("pragma busy_timeout = 0").check().await.unwrap_err().is_transient());
    drop(writing);
}

#[tokio::test]
async fn tables_of_the_store_that_were_changed_are_refused() {
    for change in [
        "alter table password_reset_audit drop column detail",
        "alter table password_reset_audit rename column detail to details",
        "drop table password_reset_senders",
        "drop table password_reset_quotas; create table password_reset_quotas (key blob, full_at text)",
    ] {
        let world = World::new().await;
        world.run(change);
        assert!(
            sentence(&world.store().check().await.unwrap_err()).contains("call `SqliteStore::migrate`"),
            "{change}"
        );
    }
    let world = World::new().await;
    let indexes = world.texts(
        "select name from sqlite_schema where type = 'index' and sql is not null and name like 'password_reset%'",
    );
    assert_eq!(indexes.len(), 13);
    for name in indexes {
        world.run(&format!("drop index {name}"));
        let said = sentence(&world.store().check().await.unwrap_err());
        let statement = said.split('`').nth(1).unwrap();
        assert!(statement.contains(&name), "{said}");
        world.run(statement);
        world.store().check().await.unwrap();
    }
    world.run(
        "drop index password_reset_resets_inbound_key;
         create index password_reset_resets_inbound_key on password_reset_resets (realm, inbound_key)",
    );
    assert!(sentence(&world.store().check().await.unwrap_err()).contains("UNIQUE INDEX"));
}

#[tokio::test]
async fn an_index_that_is_missing_is_named_with_its_statement() {
    let world = World::bare();
    world.run(
        "create table \"my users\" (id integer primary key, email text, password_hash text, name text, phone text);
         create table sessions (user_id integer)",
    );
    let users = UserTable::new("my users").with_username_column("name").with_phone_column("phone");
    let users = users.with_sessions_table("sessions", "user_id");
    let accounts = SqliteAccounts::open(world.file(), users).unwrap();
    let mut statements = vec![
        "create index \"my users_email_lower\" on \"my users\" (lower(\"email\"))",
        "create index \"my users_name\" on \"my users\" (\"name\")",
        "create index \"my users_phone\" on \"my users\" (\"phone\")",
        "create index \"sessions_user_id\" on \"sessions\" (\"user_id\")",
    ];
    while let Some(statement) = statements.pop() {
        let said = warnings(accounts.check()).await;
        assert!(said.contains(statement), "{said}");
        world.run(statement);
        assert_eq!(warnings(accounts.check()).await.matches("run `").count(), statements.len());
    }
}

#[tokio::test]
async fn commits_that_do_not_wait_and_a_clock_that_is_behind_are_named() {
    let world = World::new().await;
    assert_eq!(warnings(world.writing().check()).await, "");
    for setup in ["pragma synchronous = off", "pragma synchronous = 0; pragma busy_timeout = 1000"] {
        let said = warnings(world.store_with(setup).check()).await;
        assert!(said.contains("remove `pragma synchronous = off`"), "{said}");
    }
    for (ahead, named) in [(-60, false), (0, false), (60, true), (4 * 3600, true), (-1, false)] {
        let row = AuditRow::new(SystemClock.now() + TimeDelta::seconds(ahead), AuditEvent::Requested);
        world.store().record(&row).await.unwrap();
        let said = warnings(world.store().check()).await;
        assert_eq!(said.contains("ahead of this machine's clock"), named, "{ahead}: {said}");
    }
}
