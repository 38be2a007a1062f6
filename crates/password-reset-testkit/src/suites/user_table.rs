//! The application's own user table, by the names of its columns.

use std::error::Error;

use password_reset::ports::{Accounts, Changed, PasswordChange, UserTable};
use password_reset::{AccountId, AccountStatus, CallingCode, Contact, Identifier, Locale, PasswordHash};

use super::UserTableFixture;
use crate::sample::noon;

async fn ids(accounts: &dyn Accounts, identifier: &Identifier) -> Vec<String> {
    let found = accounts.find(identifier).await.unwrap();
    found.iter().map(|account| account.id().as_str().to_owned()).collect()
}

fn email(typed: &str) -> Identifier {
    Identifier::email(typed).unwrap()
}

async fn change(accounts: &dyn Accounts, id: &str, new: &str) -> Changed {
    let was = accounts.load(&AccountId::new(id)).await.unwrap().unwrap();
    accounts.set_password(&PasswordChange::new(was, PasswordHash::new(new), noon())).await.unwrap()
}

/// Every column is read as its method of `UserTable` says, whatever it is called.
pub async fn columns_say_what_they_say(fixture: &impl UserTableFixture) {
    fixture
        .run(
            "create table \"my \"\"Users\"\"\" (
                 uid integer primary key, \"Mail\" text, \"pass word\" text, verified_at text, nick text, wa text,
                 wa_ok text, is_active text, deleted_at text, lang text, called text, zone text);
             insert into \"my \"\"Users\"\"\" values
                 (1, 'Ana@toko.example', 'h', '2026-01-01', 'ana', '0812000001', '1', '1', null, 'id-ID', 'Ana W', 'Asia/Makassar'),
                 (2, 'budi@toko.example', null, null, 'budi', '+62812000002', '0', '1', null, 'en', '', ''),
                 (3, 'citra@toko.example', 'h', '0', 'citra', '62812000003', '1', '0', null, '??', null, null),
                 (4, 'dewi@toko.example', 'h', '1', 'dewi', '0812-000-004', '1', '1', '2026-02-02', null, null, null),
                 (5, '', 'h', '1', 'eko', '', '1', '1', '', null, null, null),
                 (6, null, 'h', '1', null, null, '1', 'false', null, null, null, null),
                 (7, null, 'h', '1', null, null, '1', null, null, null, null, null);",
        )
        .await;
    let users = UserTable::new("my \"Users\"")
        .with_id_column("uid")
        .with_email_column("Mail")
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
        .with_zone_column("zone");
    let accounts = fixture.accounts_of(users).await.unwrap();
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
    for id in [6, 7] {
        assert_eq!(load(id).await.status(), AccountStatus::Disabled, "{id}");
    }

    // An unconfirmed name still finds its account, so that the trail says why nothing was sent.
    assert_eq!(ids(&*accounts, &email("BUDI@toko.example")).await, ["2"]);
    assert_eq!(ids(&*accounts, &Identifier::username("citra").unwrap()).await, ["3"]);
    for typed in ["0812000001", "62812000001", "+62812000001"] {
        let typed = Identifier::phone(typed, CallingCode::INDONESIA).unwrap();
        assert_eq!(ids(&*accounts, &typed).await, ["1"]);
    }
    let odd = Identifier::phone("0812000004", CallingCode::INDONESIA).unwrap();
    assert!(ids(&*accounts, &odd).await.is_empty());

    for (id, expected) in [
        (1, Changed::Updated),
        (2, Changed::Updated),
        (3, Changed::Conflict),
        (4, Changed::Conflict),
        (5, Changed::Updated),
    ] {
        assert_eq!(change(&*accounts, &id.to_string(), "new").await, expected, "{id}");
    }
}

/// What was checked and what is in the table when the password is written: any difference is stale.
pub async fn a_password_is_set_only_on_the_account_as_it_was(fixture: &impl UserTableFixture) {
    fixture
        .run("create table people (id integer primary key, email text, password_hash text, ok_at text, phone text, active text)")
        .await;
    let users = UserTable::new("people")
        .with_email_confirmed_column("ok_at")
        .with_phone_column("phone")
        .with_home_country(CallingCode::INDONESIA)
        .with_active_column("active");
    let accounts = fixture.accounts_of(users).await.unwrap();
    for (between, expected) in [
        ("update people set id = id", Changed::Updated),
        ("update people set email = 'eve@toko.example'", Changed::Conflict),
        ("update people set email = upper(email)", Changed::Conflict),
        ("update people set email = null", Changed::Conflict),
        ("update people set ok_at = null", Changed::Conflict),
        ("update people set phone = '0812000009'", Changed::Conflict),
        ("update people set phone = null", Changed::Conflict),
        ("update people set phone = '62812000001'", Changed::Updated), // the same number
        ("update people set active = '0'", Changed::Conflict),
        ("update people set password_hash = 'elsewhere'", Changed::Conflict),
        ("update people set password_hash = null", Changed::Conflict),
        ("update people set password_hash = 'new'", Changed::Updated), // the same call was answered before
        ("update people set id = 2", Changed::Conflict),
        ("delete from people", Changed::Conflict),
    ] {
        fixture.run("delete from people").await;
        fixture.run("insert into people values (1, 'ana@toko.example', 'old', '1', '0812000001', '1')").await;
        let was = accounts.load(&AccountId::new("1")).await.unwrap().unwrap();
        fixture.run(between).await;
        let change = PasswordChange::new(was, PasswordHash::new("new"), noon());
        assert_eq!(accounts.set_password(&change).await.unwrap(), expected, "{between}");
        let written = fixture.number("select count(*) from people where password_hash = 'new'").await;
        assert_eq!(written, i64::from(expected == Changed::Updated), "{between}");
    }
}

/// What is typed is never part of a statement.
pub async fn values_are_values_whatever_is_in_them(fixture: &impl UserTableFixture) {
    fixture
        .run(
            "create table people (id text primary key, email text, password_hash text);
             insert into people values ('1', 'ana@toko.example', 'old'), ('2', 'budi@toko.example', null);",
        )
        .await;
    let accounts = fixture.accounts_of(UserTable::new("people").with_username_column("email")).await.unwrap();
    for text in [
        "x' or '1'='1",
        "1; drop table people",
        "%",
        "_na@toko.example",
        "ana@toko.example\" --",
        "?1",
        "$1",
        "\\x31",
        "E'1'",
    ] {
        assert!(accounts.load(&AccountId::new(text)).await.unwrap().is_none());
        assert!(ids(&*accounts, &Identifier::username(text).unwrap()).await.is_empty());
        accounts.end_sessions(&AccountId::new(text), noon()).await.unwrap();
    }
    assert_eq!(fixture.number("select count(*) from people").await, 2);
}

/// A domain is found in both of its forms, whichever is typed.
pub async fn a_domain_in_another_script_is_found_as_it_was_typed(fixture: &impl UserTableFixture) {
    fixture
        .run(
            "create table people (id integer primary key, email text, password_hash text);
             insert into people values (3, 'eva@b\u{fc}cher.example', 'h'), (4, 'eva@xn--bcher-kva.example', 'h');",
        )
        .await;
    let accounts = fixture.accounts_of("people".into()).await.unwrap();
    for typed in ["eva@b\u{fc}cher.example", "Eva@B\u{dc}CHER.example", "eva@xn--bcher-kva.example"] {
        assert_eq!(ids(&*accounts, &email(typed)).await, ["3", "4"], "{typed}");
    }
}

/// The column of earlier hashes has the last five, and nothing else is read or written.
pub async fn the_last_five_hashes_are_kept_newest_first_and_older_ones_are_deleted(fixture: &impl UserTableFixture) {
    fixture
        .run(
            "create table people (id integer primary key, email text, password_hash text, before text);
             insert into people (id, email, password_hash) values (1, 'ana@toko.example', null), (2, 'x', 'other');",
        )
        .await;
    let keeping = |column| fixture.accounts_of(UserTable::new("people").with_earlier_hashes_column(column));
    let missing = keeping("gone").await.unwrap_err();
    assert!(missing.source().is_some_and(|source| source.to_string().contains("gone")), "{missing:?}");
    let accounts = keeping("before").await.unwrap();
    let earlier = async || {
        let account = accounts.load(&AccountId::new("1")).await.unwrap().unwrap();
        account.earlier_hashes().iter().map(|hash| hash.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(change(&*accounts, "1", "$one$").await, Changed::Updated);
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
    assert_eq!(
        fixture.number("select count(*) from people where before like '%one%'").await,
        0,
        "it is gone from the table"
    );
    let was = accounts.load(&AccountId::new("1")).await.unwrap().unwrap();
    fixture.run("update people set password_hash = '$elsewhere$' where id = 1").await;
    let stale = PasswordChange::new(was, PasswordHash::new("$eight$"), noon());
    assert_eq!(accounts.set_password(&stale).await.unwrap(), Changed::Conflict);
    assert_eq!(earlier().await.len(), 5);
    assert_eq!(
        fixture.number("select count(*) from people where id = 2 and before is null").await,
        1,
        "others stay as they are"
    );
    // Without the column nothing is read or written.
    let plain = fixture.accounts_of("people".into()).await.unwrap();
    assert!(plain.load(&AccountId::new("1")).await.unwrap().unwrap().earlier_hashes().is_empty());
    assert_eq!(change(&*plain, "1", "$nine$").await, Changed::Updated);
}
