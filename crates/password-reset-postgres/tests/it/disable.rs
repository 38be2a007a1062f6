//! Accounts that are disabled.

use password_reset::ports::{Accounts as _, UserTable};
use password_reset::{AccountId, AccountStatus};
use password_reset_postgres::PostgresAccounts;
use sqlx::AssertSqlSafe;

use crate::common::World;

#[tokio::test]
async fn an_account_is_disabled_whatever_its_id_and_no_other_is() {
    let world = World::bare().await;
    // Another table of this name, whose columns have other types.
    world.run("create schema elsewhere").await;
    world.run("create table elsewhere.users (id text, disabled_at boolean, active timestamptz)").await;
    let users = || UserTable::new("users");
    for (id_type, rows, id, disabled, active) in [
        ("bigint", "(7), (8)", "7", "timestamptz", "boolean not null default true"),
        ("text", "('ani'), ('7')", "ani", "boolean", "integer not null default 1"),
        (
            "uuid",
            "('0198a5c0-b7e9-7cc1-8d5e-0123456789ab'), ('0198a5c0-b7e9-7cc1-8d5e-0123456789ac')",
            "0198a5c0-b7e9-7cc1-8d5e-0123456789ab",
            "date",
            "text default 'yes'",
        ),
        ("bytea", "('\\x00ff07'), ('\\x00ff08')", "00ff07", "smallint", "timestamp default now()"),
    ] {
        world.run("drop table if exists users").await;
        let create = format!(
            "create table users (id {id_type} primary key, email text, password_hash text, disabled_at {disabled}, active {active});
             insert into users (id) values {rows}"
        );
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&world.pool).await.unwrap();
        let (id, other) = (AccountId::new(id), AccountId::new("00ff09"));
        for table in [users().with_active_column("active"), users().with_disabled_column("disabled_at")] {
            let accounts = PostgresAccounts::new(&world.pool, table.clone()).in_schema("public");
            assert!(!accounts.disable(&other).await.unwrap(), "{id_type}");
            assert!(accounts.disable(&id).await.unwrap(), "{id_type}");
            assert_eq!(accounts.load(&id).await.unwrap().unwrap().status(), AccountStatus::Disabled, "{id_type}");
            let left = "select count(*) from users where active is not null and active::text not in ('false', '0')";
            assert_eq!(world.number(left).await, 1, "{id_type}");
        }
        assert_eq!(world.number("select count(*) from users where disabled_at is not null").await, 1, "{id_type}");
        let refused = PostgresAccounts::new(&world.pool, "users").disable(&id).await.unwrap_err();
        assert!(!refused.is_transient() && refused.to_string().contains("with_disabled_column"), "{refused}");
    }
}
