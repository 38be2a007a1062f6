//! Tables as applications have them.

use std::error::Error;

use password_reset::ports::{Accounts, Changed, PasswordChange, ResetStore, Transitioned, UserTable};
use password_reset::{AccountId, AccountStatus, CallingCode, Contact, Identifier, Locale, PasswordHash};
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
async fn columns_say_what_they_say() {
    let world = World::bare();
    world.run(
        "create table \"my \"\"users\"\"\" (
                 uid integer primary key, mail text, \"pass word\" text, verified_at text, nick text, wa text,
                 wa_ok integer, is_active integer, deleted_at text, lang text, called text, zone text);
             insert into \"my \"\"users\"\"\" values
                 (1, 'Ana@toko.example', 'h', '2026-01-01', 'ana', '0812000001', 1, 1, null, 'id-ID', 'Ana W', 'Asia/Makassar'),
                 (2, 'budi@toko.example', null, null, 'budi', '+62812000002', 0, 1, null, 'en', '', ''),
                 (3, 'citra@toko.example', 'h', '0', 'citra', '62812000003', 1, 0, null, '??', null, null),
                 (4, 'dewi@toko.example', 'h', '1', 'dewi', '0812-000-004', 1, 1, '2026-02-02', null, null, null),
                 (5, '', 'h', '1', 'eko', '', 1, 1, '', null, null, null),
                 (6, null, 'h', '1', null, null, 1, 'false', null, null, null, null);",
    );
    let accounts = SqliteAccounts::open(
        world.file(),
        UserTable::new("my \"users\"")
            .with_id_column("uid")
            .with_email_column("mail")
            .with_password_hash_column("pass word")
            .with_email_confirmed_column("verified_at")
            .with_username_column("nick")
            .with_phone_column("wa")
            .with_home_country(CallingCode::INDONESIA)
            .with_phone_confirmed_column("wa_ok")
            .with_active_column("is_active")
            .with_disabled_column("deleted_at")
            .with_name_column("called")
            .with_locale_column("lang")
            .with_zone_column("zone"),
    )
    .unwrap();
    accounts.check().await.unwrap();
    let load = async |id: i64| accounts.load(&AccountId::from(id)).await.unwrap().unwrap();
    let ana = load(1).await;
    assert_eq!(ana.contacts(), [Contact::email("Ana@toko.example"), Contact::phone("+62812000001")]);
    assert_eq!((ana.status(), ana.locale()), (AccountStatus::Active, Some(Locale::INDONESIAN)));
    assert_eq!(ana.hash(), Some(&PasswordHash::new("h")));
    assert_eq!((ana.name(), ana.username(), ana.zone()), (Some("Ana W"), Some("ana"), Some("Asia/Makassar")));
    assert_eq!(ana.context_words(), ["ana", "Ana W"]);
    let budi = load(2).await;
    assert!(budi.contacts().is_empty() && budi.hash().is_none());
    assert_eq!((budi.name(), budi.username()), (Some(""), Some("budi")), "messages leave out what is no name");
    let citra = load(3).await;
    assert_eq!(citra.contacts(), [Contact::phone("+62812000003")]);
    assert_eq!((citra.status(), citra.locale(), citra.zone()), (AccountStatus::Disabled, None, None));
    let dewi = load(4).await;
    assert_eq!(
        (dewi.contacts(), dewi.status()),
        ([Contact::email("dewi@toko.example")].as_slice(), AccountStatus::Disabled)
    );
    let eko = load(5).await;
    assert!(eko.contacts().is_empty() && eko.status() == AccountStatus::Active);
    assert_eq!(load(6).await.status(), AccountStatus::Disabled);

    // An unconfirmed name still finds its account, so that the trail says why nothing was sent.
    assert_eq!(ids(&accounts, &email("BUDI@toko.example")).await, ["2"]);
    assert_eq!(ids(&accounts, &Identifier::username("citra").unwrap()).await, ["3"]);
    for typed in ["0812000001", "62812000001", "+62812000001"] {
        let typed = Identifier::phone(typed, CallingCode::INDONESIA).unwrap();
        assert_eq!(ids(&accounts, &typed).await, ["1"]);
    }
    let odd = Identifier::phone("0812000004", CallingCode::INDONESIA).unwrap();
    assert!(ids(&accounts, &odd).await.is_empty());

    for (id, expected) in [
        (1, Changed::Updated),
        (2, Changed::Updated),
        (3, Changed::Conflict),
        (4, Changed::Conflict),
        (5, Changed::Updated),
    ] {
        assert_eq!(change(&accounts, &id.to_string(), "new").await, expected, "{id}");
    }
}

/// What was checked and what is in the table when the password is written: any difference is stale (I8).
#[tokio::test]
async fn a_password_is_set_only_on_the_account_as_it_was() {
    let world = World::bare();
    world.run(
        "create table users (id integer primary key, email text, password_hash text, ok_at text, phone text, active)",
    );
    let accounts = world.accounts_in(
        UserTable::new("users")
            .with_email_confirmed_column("ok_at")
            .with_phone_column("phone")
            .with_home_country(CallingCode::INDONESIA)
            .with_active_column("active"),
    );
    for (between, expected) in [
        ("update users set id = id", Changed::Updated),
        ("update users set email = 'eve@toko.example'", Changed::Conflict),
        ("update users set email = upper(email)", Changed::Conflict),
        ("update users set email = null", Changed::Conflict),
        ("update users set ok_at = null", Changed::Conflict),
        ("update users set phone = '0812000009'", Changed::Conflict),
        ("update users set phone = null", Changed::Conflict),
        ("update users set phone = '62812000001'", Changed::Updated), // the same number
        ("update users set active = 0", Changed::Conflict),
        ("update users set password_hash = 'elsewhere'", Changed::Conflict),
        ("update users set password_hash = null", Changed::Conflict),
        ("update users set password_hash = 'new'", Changed::Updated), // the same call was answered before
        ("update users set id = 2", Changed::Conflict),
        ("delete from users", Changed::Conflict),
    ] {
        world.run("delete from users");
        world.run("insert into users values (1, 'ana@toko.example', 'old', '1', '0812000001', 1)");
        let was = accounts.load(&AccountId::new("1")).await.unwrap().unwrap();
        world.run(between);
        let before = dump(&world);
        let change = PasswordChange::new(was, PasswordHash::new("new"), noon());
        assert_eq!(accounts.set_password(&change).await.unwrap(), expected, "{between}");
        if expected == Changed::Conflict {
            assert_eq!(dump(&world), before, "{between}");
        } else {
            assert_eq!(world.number("select count(*) from users where password_hash = 'new'"), 1);
        }
    }
}

fn dump(world: &World) -> Vec<String> {
    world.texts("select json_array(id, email, password_hash) from users")
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
async fn values_are_values_whatever_is_in_them() {
    let world = World::new().await;
    let accounts = world.accounts_in(UserTable::new("users").with_username_column("email"));
    for text in ["x' or '1'='1", "1; drop table users", "%", "_na@toko.example", "ana@toko.example\" --", "?1", "$1"] {
        assert!(accounts.load(&AccountId::new(text)).await.unwrap().is_none());
        assert!(ids(&accounts, &Identifier::username(text).unwrap()).await.is_empty());
        accounts.end_sessions(&AccountId::new(text), noon()).await.unwrap();
    }
    assert_eq!(world.number("select count(*) from users"), 2);
}

#[tokio::test]
async fn a_domain_in_another_script_is_found_as_it_was_typed() {
    let world = World::new().await;
    world.run("insert into users values (3, 'eva@b\u{fc}cher.example', 'h'), (4, 'eva@xn--bcher-kva.example', 'h')");
    for typed in ["eva@b\u{fc}cher.example", "Eva@B\u{dc}CHER.example", "eva@xn--bcher-kva.example"] {
        assert_eq!(ids(&world.accounts(), &email(typed)).await, ["3", "4"], "{typed}");
    }
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
async fn the_last_five_hashes_are_kept_newest_first_and_older_ones_are_deleted() {
    let world = World::bare();
    world.run("create table users (id integer primary key, email text, password_hash text, before text)");
    world.run("insert into users (id, email, password_hash) values (1, 'ana@toko.example', null), (2, 'x', 'other')");
    let missing =
        world.accounts_in(UserTable::new("users").with_earlier_hashes_column("gone")).check().await.unwrap_err();
    assert!(missing.source().is_some_and(|source| source.to_string().contains("gone")), "{missing:?}");
    let accounts = world.accounts_in(UserTable::new("users").with_earlier_hashes_column("before"));
    accounts.check().await.unwrap();
    let earlier = async || {
        let account = accounts.load(&AccountId::new("1")).await.unwrap().unwrap();
        account.earlier_hashes().iter().map(|hash| hash.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(change(&accounts, "1", "$one$").await, Changed::Updated);
    assert_eq!(earlier().await, [""; 0], "the first password has none before it");
    for (new, before) in [
        ("$two$", vec!["$one$"]),
        ("$three$", vec!["$two$", "$one$"]),
        ("$four$", vec!["$three$", "$two$", "$one$"]),
        ("$five$", vec!["$four$", "$three$", "$two$", "$one$"]),
        ("$six$", vec!["$five$", "$four$", "$three$", "$two$", "$one$"]),
        ("$seven$", vec!["$six$", "$five$", "$four$", "$three$", "$two$"]),
    ] {
        let was = accounts.load(&AccountId::new("1")).await.unwrap().unwrap();
        let change = PasswordChange::new(was, PasswordHash::new(new), noon());
        assert_eq!(accounts.set_password(&change).await.unwrap(), Changed::Updated);
        assert_eq!(earlier().await, before, "{new}");
        // A lost answer, and the same call again.
        assert_eq!(accounts.set_password(&change).await.unwrap(), Changed::Updated);
        assert_eq!(earlier().await, before, "{new} again");
    }
    assert_eq!(world.number("select count(*) from users where before like '%one%'"), 0, "it is gone from the table");
    let was = accounts.load(&AccountId::new("1")).await.unwrap().unwrap();
    world.run("update users set password_hash = '$elsewhere$' where id = 1");
    let stale = PasswordChange::new(was, PasswordHash::new("$eight$"), noon());
    assert_eq!(accounts.set_password(&stale).await.unwrap(), Changed::Conflict);
    assert_eq!(earlier().await.len(), 5);
    assert_eq!(
        world.number("select count(*) from users where id = 2 and before is null"),
        1,
        "others stay as they are"
    );
    // Without the column nothing is read or written.
    let plain = world.accounts();
    assert!(plain.load(&AccountId::new("1")).await.unwrap().unwrap().earlier_hashes().is_empty());
    assert_eq!(change(&plain, "1", "$nine$").await, Changed::Updated);
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
