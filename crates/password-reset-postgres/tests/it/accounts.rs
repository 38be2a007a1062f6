//! Tables as applications have them.

use password_reset::ports::{Accounts, Changed, PasswordChange, ResetStore, Transitioned, UserTable};
use password_reset::{AccountId, AccountStatus, Contact, Identifier, Locale, PasswordHash};
use password_reset_postgres::PostgresAccounts;
use sqlx::AssertSqlSafe;

use crate::common::{World, apply, noon, verified};

async fn ids(accounts: &PostgresAccounts, identifier: &Identifier) -> Vec<String> {
    let found = accounts.find(identifier).await.unwrap();
    found.iter().map(|account| account.id().as_str().to_owned()).collect()
}

fn email(typed: &str) -> Identifier {
    Identifier::email(typed).unwrap()
}

async fn change(accounts: &PostgresAccounts, id: &str, new: &str) -> Changed {
    let was = accounts.load(&AccountId::new(id)).await.unwrap().unwrap();
    accounts.set_password(&PasswordChange::new(was, PasswordHash::new(new), noon())).await.unwrap()
}

#[tokio::test]
async fn ids_may_be_numbers_texts_uuids_or_bytes() {
    let world = World::bare().await;
    let uuid = "0198a5c0-b7e9-7cc1-8d5e-0123456789ab";
    let tables: [(&str, &[(&str, &str)]); 8] = [
        ("smallint", &[("7", "7")]),
        ("integer", &[("7", "7"), ("-3", "-3")]),
        ("bigint", &[("9223372036854775807", "9223372036854775807"), ("7", "7")]),
        ("positive", &[("7", "7")]),
        ("text", &[("'0197-ab'", "0197-ab"), ("'007'", "007"), ("'7'", "7"), ("'ab'", "ab")]),
        ("varchar(20)", &[("'x'", "x")]),
        ("uuid", &[("'0198A5C0B7E97CC18D5E0123456789AB'", uuid)]),
        ("bytea", &[("'\\x0198a5c0'", "0198a5c0")]),
    ];
    world.run("create domain positive as bigint check (value > 0)").await;
    for (id_type, rows) in tables {
        world.run("drop table if exists users").await;
        let create = format!("create table users (id {id_type} primary key, email text, password_hash text)");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&world.pool).await.unwrap();
        for (literal, id) in rows {
            let insert = format!("insert into users values ({literal}, '{id}@toko.example', 'old')");
            sqlx::query(AssertSqlSafe(insert)).execute(&world.pool).await.unwrap();
        }
        let accounts = world.accounts();
        accounts.check().await.unwrap();
        for (_, id) in rows {
            let loaded = accounts.load(&AccountId::new(*id)).await.unwrap().unwrap();
            assert_eq!(loaded.id().as_str(), *id, "{id_type}");
            assert_eq!(ids(&accounts, &email(&format!("{id}@toko.example"))).await, [*id]);
            assert_eq!(change(&accounts, id, "new").await, Changed::Updated, "{id_type}");
            assert_eq!(world.number("select count(*) from users where password_hash = 'new'").await, 1);
            world.run("update users set password_hash = 'old'").await;
        }
        // One text names one account: no other way of writing a number, a UUID or bytes does.
        let upper = uuid.to_uppercase();
        for alias in [
            "07",
            "+7",
            " 7",
            "7.0",
            "7e0",
            "0x7",
            "AB",
            &upper,
            &uuid.replace('-', ""),
            "",
            "null",
            "a\0b",
            "99999999999999999999",
        ] {
            assert!(accounts.load(&AccountId::new(alias)).await.unwrap().is_none(), "{alias:?} in {id_type}");
        }
    }
}

#[tokio::test]
async fn names_of_tables_are_names_whatever_is_in_them() {
    let world = World::new().await;
    for name in ["users; drop table users", "users\" where 1=1 --", "users' or '1'='1", "", "us\0ers", "Users", "$1"] {
        for accounts in [
            PostgresAccounts::new(&world.pool, name),
            world.accounts_in(UserTable::new("users").with_email_column(name)),
            world.accounts().in_schema(name),
            world.accounts_in(UserTable::new("users").with_sessions_table(name, name)),
        ] {
            accounts.load(&AccountId::new("1")).await.unwrap_err();
            accounts.check().await.unwrap_err();
        }
    }
    assert_eq!(world.number("select count(*) from users").await, 2);
}

/// A collation that takes accents and case for nothing, and one that folds more than ASCII, find no more than they may.
#[tokio::test]
async fn a_collation_of_the_table_does_not_decide() {
    let world = World::bare().await;
    world
        .run(
            "create collation lax (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
             create table users (id int primary key, email text collate lax, name text collate lax unique,
                 password_hash text);
             insert into users values (1, 'ana@toko.example', 'Ana', 'h'), (2, '\u{e9}va@toko.example', 'Eva', 'h');",
        )
        .await;
    let accounts = world.accounts_in(UserTable::new("users").with_username_column("name"));
    for other in ["ana", "\u{c1}na", "An\u{e1}", "\u{ff21}na"] {
        assert!(ids(&accounts, &Identifier::username(other).unwrap()).await.is_empty(), "{other}");
    }
    assert_eq!(ids(&accounts, &Identifier::username("Ana").unwrap()).await, ["1"]);
    for other in ["eva@toko.example", "an\u{e1}@toko.example", "\u{c9}va@toko.example"] {
        assert!(ids(&accounts, &email(other)).await.is_empty(), "{other}");
    }
    assert_eq!(ids(&accounts, &email("ANA@toko.example")).await, ["1"]);
    assert_eq!(ids(&accounts, &email("\u{e9}va@TOKO.example")).await, ["2"]);
}

#[tokio::test]
async fn sessions_end_that_began_before() {
    let world = World::new().await;
    let at = noon().timestamp();
    for (column, value) in [
        ("timestamptz", "to_timestamp({})"),
        ("timestamp", "to_timestamp({}) at time zone 'UTC'"),
        ("bigint", "{}"),
        ("bigint", "{} * 1000::bigint"),
        ("numeric", "{} * 1000::bigint"),
        ("double precision", "{}"),
    ] {
        world.run("drop table if exists sessions").await;
        let value = |seconds: i64| value.replace("{}", &seconds.to_string());
        let text = format!(
            "create table sessions (user_id text, begun {column}, note text);
             insert into sessions values
                 ('1', {before}, 'before'), ('1', {after}, 'kept: after'), ('1', null, 'begun at an unknown time'),
                 ('2', {before}, 'kept: of another account'), ('01', {before}, 'kept: of no account')",
            before = value(at - 60),
            after = value(at + 60),
        );
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&world.pool).await.unwrap();
        // The zone of the session is no part of it.
        let pool = world.pool_with(1, &[("TimeZone", "Asia/Jakarta")]).await;
        let users = UserTable::new("users").with_sessions_table("sessions", "user_id");
        let accounts = PostgresAccounts::new(&pool, users.clone());
        let dated = PostgresAccounts::new(&pool, users.with_sessions_begun_column("begun"));
        dated.check().await.unwrap();
        for _ in 0..2 {
            dated.end_sessions(&AccountId::new("1"), noon()).await.unwrap();
            let wrong = "select count(*) from sessions where note not like 'kept%'";
            assert_eq!(world.number(wrong).await, 0, "{column}");
            assert_eq!(world.number("select count(*) from sessions").await, 3, "{column}");
        }
        // Without a column that tells, all of them end.
        accounts.end_sessions(&AccountId::new("1"), noon()).await.unwrap();
        assert_eq!(world.number("select count(*) from sessions").await, 2);
    }
}

#[tokio::test]
async fn a_store_that_writes_the_account_keeps_its_earlier_hash_too() {
    let world = World::new().await;
    world.run("alter table users add column before text").await;
    let accounts = world.accounts_in(UserTable::new("users").with_earlier_hashes_column("before"));
    let store = world.store().writing(accounts.clone());
    let reset = verified(&store).await;
    let id = AccountId::new("1");
    let was = accounts.load(&id).await.unwrap().unwrap();
    assert_eq!(
        store.transition(&apply(&reset, &was, "new hash")).await.unwrap(),
        Transitioned::Finished { lease: None }
    );
    let now = accounts.load(&id).await.unwrap().unwrap();
    assert_eq!(now.hash(), Some(&PasswordHash::new("new hash")));
    assert_eq!(now.earlier_hashes(), [PasswordHash::new("old hash")]);
}

/// In a schema of its own, with types of columns that the suites do not have.
#[tokio::test]
async fn a_table_may_be_in_a_schema_that_is_not_on_the_search_path() {
    let world = World::bare().await;
    world
        .run(
            "create schema \"the app\";
             create table \"the app\".people (id int primary key, email varchar(254), password_hash text, phone text,
                 ok int, deleted_at timestamp, lang char(5));
             insert into \"the app\".people values
                 (1, 'ana@toko.example', 'h', '+62812000001', 1, null, 'id-ID'),
                 (2, 'budi@toko.example', 'h', '+62812000002', 0, '2026-02-02', '??');",
        )
        .await;
    let users = UserTable::new("people").with_phone_column("phone").with_phone_confirmed_column("ok");
    let users = users.with_disabled_column("deleted_at").with_locale_column("lang");
    let accounts = PostgresAccounts::new(&world.pool, users).in_schema("the app");
    accounts.check().await.unwrap();
    let load = async |id: i64| accounts.load(&AccountId::from(id)).await.unwrap().unwrap();
    let (ana, budi) = (load(1).await, load(2).await);
    assert_eq!(ana.contacts(), [Contact::email("ana@toko.example"), Contact::phone("+62812000001")]);
    assert_eq!((ana.status(), ana.locale()), (AccountStatus::Active, Some(Locale::INDONESIAN)));
    assert_eq!(budi.contacts(), [Contact::email("budi@toko.example")]);
    assert_eq!((budi.status(), budi.locale()), (AccountStatus::Disabled, None));
    assert_eq!(change(&accounts, "1", "new").await, Changed::Updated);
}
