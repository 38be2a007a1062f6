//! What would fail later is refused or named when the program starts.

use std::error::Error;

use password_reset::PortError;
use password_reset::ports::UserTable;
use password_reset_postgres::{PostgresAccounts, PostgresStore, SchemaError};
use password_reset_testkit::Log;
use sqlx::{AssertSqlSafe, PgPool};
use tracing::Level;

use crate::common::World;

async fn warnings(check: impl Future<Output = Result<(), PortError>>) -> String {
    let (log, _guard) = Log::of_this_thread(Level::INFO);
    check.await.unwrap();
    log.text()
}

fn sentence(error: &PortError) -> String {
    assert!(!error.is_transient(), "{error:?}");
    let schema: Option<&SchemaError> = error.source().and_then(|source| source.downcast_ref());
    schema.unwrap_or_else(|| panic!("{error:?}")).to_string()
}

async fn run(pool: &PgPool, text: &str) {
    sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(pool).await.unwrap();
}

fn named(world: &World) -> PostgresAccounts {
    world.accounts_in(
        UserTable::new("users")
            .with_username_column("name")
            .with_phone_column("phone")
            .with_earlier_hashes_column("before"),
    )
}

/// The types that SQLite's check refuses too, as Postgres calls them.
#[tokio::test]
async fn a_column_that_is_no_text_is_refused() {
    let world = World::bare().await;
    let columns = ["email", "password_hash", "name", "phone", "before"];
    for column in columns {
        for (declared, fits) in [
            ("integer", false),
            ("bigint", false),
            ("smallint", false),
            ("numeric(15)", false),
            ("real", false),
            ("double precision", false),
            ("bytea", false),
            ("date", false),
            ("boolean", false),
            ("uuid", false),
            ("character(20)", false),
            ("jsonb", false),
            ("text[]", false),
            ("text", true),
            ("varchar(200)", true),
            ("character varying", true),
        ] {
            let columns = columns.map(|name| format!("{name} {}", if name == column { declared } else { "text" }));
            run(&world.pool, "drop table if exists users").await;
            run(&world.pool, &format!("create table users (id bigint primary key, {})", columns.join(", "))).await;
            match named(&world).check().await {
                Ok(()) => assert!(fits, "{column} {declared}"),
                Err(error) => {
                    let said = sentence(&error);
                    assert!(!fits, "{said}");
                    let wanted = format!("column \"users\".{column} has type ");
                    assert!(
                        said.starts_with(&wanted) && said.ends_with(": alter it to text, varchar or citext"),
                        "{said}"
                    );
                }
            }
        }
    }
}

/// A role without a right is refused, and the sentence is the statement that gives it.
#[tokio::test]
async fn a_right_that_is_missing_is_refused_and_the_sentence_grants_it() {
    let world = World::new().await;
    world.run("create table sessions (user_id bigint); alter table users add column before text").await;
    let all = "grant usage on schema public to the_role;
               grant select, insert, update, delete on all tables in schema public to the_role;";
    let tables = ["resets", "quotas", "senders", "audit", "feeds"].map(|name| format!("password_reset_{name}"));
    let mut missing = Vec::new();
    for right in ["select", "insert", "update", "delete"] {
        missing.extend(tables.iter().map(|table| (format!("revoke {right} on {table} from the_role"), table.clone())));
    }
    for revoke in [
        "revoke update on users from the_role",
        "revoke select on users from the_role",
        "revoke select on users from the_role; grant select (id, email) on users to the_role",
        "revoke update on users from the_role; grant update (email) on users to the_role",
        "revoke update on users from the_role; grant update (password_hash) on users to the_role",
    ] {
        missing.push((revoke.to_owned(), "users".to_owned()));
    }
    for right in ["select", "delete"] {
        missing.push((format!("revoke {right} on sessions from the_role"), "sessions".to_owned()));
    }
    for (revoke, table) in missing {
        let role = world.role(&format!("{all} {revoke}")).await;
        let pool = world.pool_with(1, &[("role", &role)]).await;
        let users = UserTable::new("users").with_earlier_hashes_column("before");
        let accounts = PostgresAccounts::new(&pool, users.with_sessions_table("sessions", "user_id"));
        let store = PostgresStore::new(&pool).writing(accounts);
        let said = sentence(&store.check().await.expect_err(&revoke));
        assert!(said.contains(&table) && said.starts_with(&format!("the role {role} lacks a right on ")), "{said}");
        run(&world.pool, said.split('`').nth(1).unwrap()).await;
        store.check().await.unwrap();
        drop(store);
        pool.close().await;
        world.drop_role(&role).await;
    }
    assert_eq!(world.number("select count(*) from users where password_hash = 'old hash'").await, 1);
}

/// Rows that a policy hides are no error later: the account is not found, and no line of the log says why.
#[tokio::test]
async fn row_level_security_is_refused_unless_the_role_bypasses_it() {
    let world = World::new().await;
    world.run("create table sessions (user_id bigint)").await;
    let resets = ["resets", "quotas", "senders", "audit", "feeds"].map(|name| format!("password_reset_{name}"));
    for table in resets.iter().map(String::as_str).chain(["users", "sessions"]) {
        for policy in ["", "create policy all_rows on the_table using (true)"] {
            let grants =
                "grant usage on schema public to the_role; grant all on all tables in schema public to the_role";
            let role = world.role(grants).await;
            let pool = world.pool_with(1, &[("role", &role)]).await;
            let store = PostgresStore::new(&pool).writing(PostgresAccounts::new(
                &pool,
                UserTable::new("users").with_sessions_table("sessions", "user_id"),
            ));
            store.check().await.unwrap();
            let enable = format!("alter table {table} enable row level security; {policy}");
            run(&world.pool, &enable.replace("the_table", table)).await;
            let said = sentence(&store.check().await.expect_err(table));
            assert!(
                said.starts_with("row-level security of ") && said.contains(table) && said.contains(&role),
                "{said}"
            );
            // The owner of the tables sees all rows, until that is forced; its superuser always.
            world.writing().check().await.unwrap();
            // Each of the two statements helps.
            for statement in [1, 3].map(|at| said.split('`').nth(at).unwrap()) {
                run(&world.pool, statement).await;
                store.check().await.unwrap();
                run(
                    &world.pool,
                    &format!("alter role {role} nobypassrls; alter table {table} enable row level security"),
                )
                .await;
                store.check().await.unwrap_err();
            }
            run(&world.pool, &format!("drop policy if exists all_rows on {table}")).await;
            run(&world.pool, &format!("alter table {table} disable row level security")).await;
            drop(store);
            pool.close().await;
            world.drop_role(&role).await;
        }
    }
}

#[tokio::test]
async fn a_database_that_only_reads_is_refused() {
    let world = World::new().await;
    for setting in ["default_transaction_read_only", "transaction_read_only"] {
        let pool = world.pool_with(1, &[("default_transaction_read_only", "on"), (setting, "on")]).await;
        let accounts = PostgresAccounts::new(&pool, "users");
        for refused in [accounts.check().await, PostgresStore::new(&pool).check().await] {
            assert!(sentence(&refused.unwrap_err()).contains("the database is read-only: connect to the primary"));
        }
    }
}

#[tokio::test]
async fn tables_of_the_store_that_were_changed_are_refused() {
    for schema in [None, Some("re\"sets")] {
        let path = format!("\"{}\"", schema.unwrap_or("public").replace('"', "\"\""));
        let world = World::bare().await;
        let pool = world.pool_with(1, &[]).await;
        let store = || schema.map_or(PostgresStore::new(&pool), |schema| PostgresStore::new(&pool).in_schema(schema));
        store().migrate().await.unwrap();
        let pool = &pool;
        let indexes: Vec<String> = sqlx::query_scalar(
            "select indexname::text from pg_indexes where tablename like 'password\\_reset\\_%' \
             and indexdef not like '%UNIQUE%(id)' and indexname not in (select conname from pg_constraint)",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(indexes.len(), 13, "{indexes:?}");
        for name in indexes {
            run(pool, &format!("drop index {path}.{name}")).await;
            let said = sentence(&store().check().await.unwrap_err());
            let statement = said.split('`').nth(1).unwrap();
            assert!(statement.contains(&name), "{said}");
            run(pool, statement).await;
            store().check().await.unwrap();
        }
        for change in [
            "alter table only {}.password_reset_quotas alter column full_at type timestamp",
            "alter table only {}.password_reset_audit rename column detail to details",
            "alter table only {}.password_reset_senders drop column identity",
            "drop table {}.password_reset_audit",
        ] {
            run(pool, &change.replace("{}", &path)).await;
            let said = sentence(&store().check().await.unwrap_err());
            assert!(said.contains("call `PostgresStore::migrate`"), "{change}: {said}");
        }
    }
}

#[tokio::test]
async fn an_index_that_is_missing_is_named_with_its_statement() {
    let world = World::bare().await;
    for id in ["bigint", "uuid", "text", "bytea"] {
        run(
            &world.pool,
            &format!(
                "drop table if exists \"my users\", sessions;
                 create table \"my users\" (id {id} primary key, email text, password_hash text, name text, phone text);
                 create table sessions (user_id {id}, begun timestamptz)"
            ),
        )
        .await;
        let users = UserTable::new("my users").with_username_column("name").with_phone_column("phone");
        let users = users.with_sessions_table("sessions", "user_id").with_sessions_begun_column("begun");
        let accounts = PostgresAccounts::new(&world.pool, users);
        let mut statements = vec![
            "create index on \"my users\" (lower(\"email\"))",
            "create index on \"my users\" (\"name\")",
            "create index on \"my users\" (\"phone\")",
            "create index on \"sessions\" (\"user_id\")",
        ];
        while let Some(statement) = statements.pop() {
            let said = warnings(accounts.check()).await;
            assert!(said.contains(statement), "{said}");
            run(&world.pool, statement).await;
            assert_eq!(warnings(accounts.check()).await.matches("run `").count(), statements.len(), "{id}");
        }
    }
}

#[tokio::test]
async fn commits_that_do_not_wait_and_clocks_that_differ_are_named() {
    let world = World::new().await;
    assert_eq!(warnings(world.writing().check()).await, "");
    let pool = world.pool_with(1, &[("synchronous_commit", "off")]).await;
    let said = warnings(PostgresStore::new(&pool).check()).await;
    assert!(said.contains("set `fsync` and `synchronous_commit` to `on`"), "{said}");
    let path = [("search_path", "skewed,pg_catalog,public")];
    for (ahead, named) in
        [("1 hour", Some(3600)), ("-1 hour", Some(3600)), ("5 seconds", Some(5)), ("-5 seconds", Some(5)), ("0", None)]
    {
        run(
            &world.pool,
            &format!(
                "drop schema if exists skewed cascade; create schema skewed;
                 create function skewed.clock_timestamp() returns timestamptz language sql volatile
                 as $$ select pg_catalog.clock_timestamp() + interval '{ahead}' $$"
            ),
        )
        .await;
        let pool = world.pool_with(1, &path).await;
        let said = warnings(PostgresStore::new(&pool).in_schema("public").check()).await;
        assert_eq!(said.contains("keep both right with NTP"), named.is_some(), "{ahead}: {said}");
        let seconds = said.split_once("of this machine differ by ").and_then(|(_, rest)| rest.split(' ').next());
        let seconds: Option<i64> = seconds.map(|seconds| seconds.parse().unwrap());
        assert!(seconds == named || seconds == named.map(|named| named - 1), "{ahead}: {said}");
    }
}
