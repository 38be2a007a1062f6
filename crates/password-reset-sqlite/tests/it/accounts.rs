//! Tables as applications have them.

use password_reset::ports::{Accounts, Changed, PasswordChange, ResetStore, Transitioned, UserTable};
use password_reset::{AccountId, Identifier, PasswordHash};
use password_reset_sqlite::SqliteAccounts;

use crate::common::{World, apply, noon, verified};

async fn ids(accounts: &SqliteAccounts, identifier: &Identifier) -> Vec<String> {
    let found = accounts.find(identifier).await.unwrap();
    found.iter().map(|account| account.id().as_str().to_owned()).collect()
}

fn email(typed: &str) -> Identifier {
    Identifier::email(typed).unwrap()
}

async fn change(accounts: &SqliteAccounts, id: &str, new: &str) -> Changed {
    let was = accounts.load(&AccountId::new(id)).await.unwrap().unwrap();
    accounts.set_password(&PasswordChange::new(was, PasswordHash::new(new), noon())).await.unwrap()
}

#[tokio::test]
async fn ids_may_be_numbers_texts_or_blobs() {
    let world = World::bare();
    let tables: [(&'static str, &[(&str, &str)]); 4] = [
        ("create table users (id integer primary key, email text, password_hash text)", &[("7", "7"), ("-3", "-3")]),
        (
            "create table users (id text primary key, email text, password_hash text)",
            &[("'0197-ab'", "0197-ab"), ("'007'", "007"), ("'7'", "7"), ("'ab'", "ab")],
        ),
        (
            "create table users (id blob primary key, email text, password_hash text)",
            &[("x'0198a5c0b7e97cc18d5e0123456789ab'", "0198a5c0b7e97cc18d5e0123456789ab")],
        ),
        ("create table users (id primary key, email text, password_hash text)", &[("12", "12"), ("'x'", "x")]),
    ];
    for (text, rows) in tables {
        world.run("drop table if exists users");
        world.run(text);
        for (literal, id) in rows {
            let insert = format!("insert into users values ({literal}, '{id}@toko.example', 'old')");
            world.run(&insert);
        }
        let accounts = world.accounts();
        accounts.check().await.unwrap();
        for (_, id) in rows {
            let loaded = accounts.load(&AccountId::new(*id)).await.unwrap().unwrap();
            assert_eq!(loaded.id().as_str(), *id, "{text}");
            assert_eq!(ids(&accounts, &email(&format!("{id}@toko.example"))).await, [*id]);
            assert_eq!(change(&accounts, id, "new").await, Changed::Updated, "{text}");
            assert_eq!(world.number("select count(*) from users where password_hash = 'new'"), 1);
            world.run("update users set password_hash = 'old'");
        }
        // One text names one account: no other way of writing a number or a blob does.
        for alias in ["07", "+7", " 7", "7.0", "7e0", "0x7", "AB", "0198A5C0B7E97CC18D5E0123456789AB", "", "null"] {
            assert!(accounts.load(&AccountId::new(alias)).await.unwrap().is_none(), "{alias:?} in {text}");
        }
    }
}

#[tokio::test]
async fn a_column_that_is_not_there_is_never_a_value() {
    // SQLite reads "emial", alone, as the string 'emial'.
    let world = World::new().await;
    let accounts = world.accounts_in(UserTable::new("users").with_email_column("emial"));
    accounts.load(&AccountId::new("1")).await.unwrap_err();
    accounts.find(&email("ana@toko.example")).await.unwrap_err();
    accounts.check().await.unwrap_err();
}

#[tokio::test]
async fn names_of_tables_are_names_whatever_is_in_them() {
    let world = World::new().await;
    for name in ["users; drop table users", "users\" where 1=1 --", "users' or '1'='1", "", "us\0ers"] {
        let accounts = SqliteAccounts::open(world.file(), UserTable::new(name).with_email_column(name)).unwrap();
        accounts.load(&AccountId::new("1")).await.unwrap_err();
        accounts.check().await.unwrap_err();
    }
    assert_eq!(world.number("select count(*) from users"), 2);
}

#[tokio::test]
async fn a_collation_of_the_table_does_not_decide() {
    let world = World::bare();
    world.run(
        "create table users (id integer primary key, email text collate nocase, name text collate nocase unique,
                 password_hash text);
             insert into users values (1, 'ana@toko.example', 'Ana', 'h');",
    );
    let accounts = world.accounts_in(UserTable::new("users").with_username_column("name"));
    assert!(ids(&accounts, &Identifier::username("ana").unwrap()).await.is_empty());
    assert_eq!(ids(&accounts, &Identifier::username("Ana").unwrap()).await, ["1"]);
}

#[tokio::test]
async fn sessions_end_that_began_before() {
    let world = World::new().await;
    let at = noon().timestamp();
    let text = format!(
        "create table sessions (user_id text, begun, note text);
         insert into sessions values
             ('1', {before}, 'seconds, before'), ('1', {after}, 'kept: seconds, after'),
             ('1', {before}000, 'milliseconds, before'), ('1', {after}000, 'kept: milliseconds, after'),
             ('1', datetime({before}, 'unixepoch'), 'text, before'),
             ('1', datetime({after}, 'unixepoch'), 'kept: text, after'),
             ('1', '2023-11-14T22:13:20.122Z', 'text with milliseconds, before'),
             ('1', '2023-11-14T22:13:20.124Z', 'kept: text with milliseconds, after'),
             ('1', {at}, 'the same second'), ('1', null, 'no time'), ('1', 'soon', 'no time'), ('1', x'00', 'no time'),
             ('2', {before}, 'kept: of another account'), ('01', {before}, 'kept: of no account')",
        before = at - 60,
        after = at + 60,
    );
    world.run(&text);
    let accounts = world.accounts_in(
        UserTable::new("users").with_sessions_table("sessions", "user_id").with_sessions_begun_column("begun"),
    );
    accounts.check().await.unwrap();
    for _ in 0..2 {
        accounts.end_sessions(&AccountId::new("1"), noon()).await.unwrap();
        let wrong = world.texts("select note from sessions where note not like 'kept%'");
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!(world.number("select count(*) from sessions"), 6);
    }
    // Without a column that tells, all of them end.
    let accounts = world.accounts_in(UserTable::new("users").with_sessions_table("sessions", "user_id"));
    accounts.end_sessions(&AccountId::new("1"), noon()).await.unwrap();
    assert_eq!(world.number("select count(*) from sessions where user_id = '1'"), 0);
    assert_eq!(world.number("select count(*) from sessions"), 2);
}

#[tokio::test]
async fn a_store_that_writes_the_account_keeps_its_earlier_hash_too() {
    let world = World::new().await;
    world.run("alter table users add column before text");
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
