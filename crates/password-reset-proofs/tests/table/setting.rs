//! What follows a proof: rules, sessions, notices, and the account as it was.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use password_reset::flow::AuditEvent;
use password_reset::{AccountId, AccountStatus, Contact, Grant, NewPassword, SetPasswordError, VerifyError};
use password_reset_testkit::PlainHasher;

use crate::app::{App, EMAIL, NEW, OLD, OWNER, PHONE, Setup, channel};
use crate::ways::Way;

async fn proved(app: &App, way: Way) -> Grant {
    let begun = app.begin(way).await;
    app.finish(way, &begun).await.unwrap()
}

async fn set(app: &App, grant: Grant) {
    app.reset.set_password(grant, NewPassword::new(NEW)).await.unwrap();
    assert!(app.signs_in_with(NEW));
}

/// Rules that read the password alone, and a rule that reads the present hash.
pub(crate) async fn rules(way: Way) {
    let app = Setup::of(way).build();
    let mut grant = proved(&app, way).await;
    for (bad, code) in [("short", "too_short"), (OLD, "same_as_current")] {
        let refused = app.reset.set_password(grant, NewPassword::new(bad)).await.unwrap_err();
        let SetPasswordError::Rejected { violations, grant: kept } = refused else { panic!("{refused:?}") };
        assert_eq!(violations.codes(), [code]);
        assert!(app.signs_in_with(OLD), "nothing is stored");
        grant = kept;
    }
    set(&app, grant).await;
}

pub(crate) async fn sessions(way: Way) {
    let app = Setup::of(way).build();
    let account = AccountId::new(OWNER);
    app.accounts.begin_session(&account, app.now() - TimeDelta::hours(1));
    let grant = proved(&app, way).await;
    app.accounts.begin_session(&account, app.now() - TimeDelta::milliseconds(1));
    set(&app, grant).await;
    app.accounts.begin_session(&account, app.now());
    app.work().await;
    assert_eq!(app.accounts.sessions(&account), [app.now()], "all that began before the password end, and no other");
}

/// Every confirmed contact is notified of the new password. Those that the reset does not go through are notified while it
/// can be cancelled, where it may not have been the reader of the mailbox who completed it.
pub(crate) async fn notices(way: Way) {
    let app = Setup::of(way).build();
    let begun = app.begin(way).await;
    let grant = app.finish(way, &begun).await.unwrap();
    app.work().await;
    let live: BTreeSet<(String, &str)> = notices_of(&app, |kind| kind != "password_changed");
    let expected = match way {
        Way::Administrator => BTreeSet::from([(PHONE.to_owned(), "admin_requested")]),
        Way::WhatsAppCode => BTreeSet::from([(EMAIL.to_owned(), "code_requested")]),
        Way::PageAdvances => BTreeSet::from([(EMAIL.to_owned(), "reset_proved")]),
        _ => BTreeSet::new(),
    };
    assert_eq!(live, expected);
    set(&app, grant).await;
    app.work().await;
    let changed = notices_of(&app, |kind| kind == "password_changed");
    let all = [EMAIL, PHONE].map(|to| (to.to_owned(), "password_changed"));
    assert_eq!(changed, BTreeSet::from(all));
    for sent in [app.mail.last().unwrap(), app.phone.last().unwrap()] {
        assert_eq!((sent.channel, sent.at), (Some(channel(way)), app.now()), "the notice says how and when");
    }
}

fn notices_of(app: &App, of: impl Fn(&str) -> bool) -> BTreeSet<(String, &'static str)> {
    let all = app.mail.delivered().into_iter().chain(app.phone.delivered());
    let notices = all.filter(|sent| sent.link().is_none() && sent.code().is_none() && of(sent.kind()));
    notices.map(|sent| (sent.to.value().to_owned(), sent.kind())).collect()
}

/// Nothing goes on once the account is another than it was: neither the proof nor the password.
pub(crate) async fn fingerprint(way: Way) {
    let changes: [fn(&App); 4] = [
        |app| {
            let another = PlainHasher::hash_of("another", 0);
            assert!(app.accounts.update(&AccountId::new(OWNER), |account| account.with_hash(another)));
        },
        |app| {
            let contact = Contact::email("new@toko.example");
            assert!(app.accounts.update(&AccountId::new(OWNER), |account| account.with_contact(contact)));
        },
        |app| assert!(app.accounts.set_standing(&AccountId::new(OWNER), AccountStatus::Disabled)),
        |app| assert!(app.accounts.remove(&AccountId::new(OWNER))),
    ];
    for change in changes {
        let app = Setup::of(way).build();
        let begun = app.begin(way).await;
        // A reset by the current password begins with its proof, so there is nothing before it that could be bound.
        if way != Way::CurrentPassword {
            change(&app);
            let refused = app.finish(way, &begun).await;
            assert!(matches!(refused, Err(VerifyError::Refused)), "{refused:?}");
        }
        let app = Setup::of(way).build();
        let grant = proved(&app, way).await;
        change(&app);
        let hash = app.accounts.get(&AccountId::new(OWNER)).and_then(|account| account.hash().cloned());
        let refused = app.reset.set_password(grant, NewPassword::new(NEW)).await;
        assert!(matches!(refused, Err(SetPasswordError::Refused)), "{refused:?}");
        let after = app.accounts.get(&AccountId::new(OWNER)).and_then(|account| account.hash().cloned());
        assert_eq!(after, hash, "nothing is stored");
    }
}

/// The trail has where the request came from, and tells it from another place.
pub(crate) async fn source(way: Way) {
    let mut sources = BTreeSet::new();
    for from in [crate::app::HERE, crate::app::HERE, crate::app::ELSEWHERE] {
        let app = Setup::of(way).build();
        let begun = app.begin_from(way, from).await;
        if way == Way::CurrentPassword {
            let account = AccountId::new(OWNER);
            let wrong = password_reset::Password::new("not the password");
            assert!(app.reset.login().check_current_password(&account, wrong, from).await.is_err());
        } else {
            drop(app.finish(way, &begun).await.unwrap());
        }
        let first = if way == Way::CurrentPassword { AuditEvent::WrongCurrentPassword } else { AuditEvent::Requested };
        let row = app.store.trail().into_iter().find(|row| row.event == first).unwrap();
        sources.insert(row.source.unwrap());
    }
    assert_eq!(sources.len(), 2, "the same place is the same, and another is another");
}
