//! Changes of contacts, and what dies with them.

use std::time::Duration;

use password_reset::contacts::ConfirmationError;
use password_reset::flow::{AuditEvent, State};
use password_reset::message::SecretUrl;
use password_reset::{Account, AccountId, Contact, Locale, Site};

use crate::support::{App, EMAIL, NEW, ani, cheap_hash, id, user};

const NEW_EMAIL: &str = "ani@baru.example";

fn changed(app: &App) {
    app.accounts.add_named("ani", user(&[Contact::email(NEW_EMAIL)]).with_locale(Locale::INDONESIAN));
}

#[tokio::test]
async fn live_resets_end_and_the_old_contact_is_notified() {
    let app = App::new();
    let (requester_token, mail) = app.mailed().await;
    changed(&app);
    app.reset.contacts().changed(&id(), &[Contact::email(EMAIL)]).await.unwrap();
    assert!(app.verify_link(&mail).await.is_err());
    assert!(app.verify_code(&requester_token, mail.code().unwrap()).await.is_err());
    app.mail.later(None);
    app.worker.run_once().await.unwrap();
    app.later(1);
    app.worker.run_once().await.unwrap();
    let notified = app.mail.last().unwrap();
    assert_eq!((notified.kind(), notified.to.value(), notified.locale), ("contact_changed", EMAIL, Locale::INDONESIAN));
    assert_eq!(app.mail.delivered().len(), 2, "once, although it was tried twice");
    assert!(app.store.resets().unwrap().iter().all(|reset| !reset.state().is_open() && reset.tasks().is_empty()));
    assert!(app.events().contains(&AuditEvent::ContactChanged));
}

#[tokio::test]
async fn a_contact_that_stayed_gets_no_notice_and_an_old_number_does() {
    let app = App::reaching(&[], |builder| builder);
    changed(&app);
    let before = [Contact::email(NEW_EMAIL), Contact::phone("+6281200000001")];
    app.reset.contacts().changed(&id(), &before).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert!(app.mail.tried().is_empty());
    assert_eq!(
        (app.phone.last().unwrap().kind(), app.phone.last().unwrap().to.value()),
        ("contact_changed", "+6281200000001")
    );
    app.reset.contacts().changed(&AccountId::new("nobody"), &before).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert_eq!(app.phone.delivered().len(), 1);
}

#[tokio::test]
async fn the_row_of_a_notice_proves_nothing_and_goes_with_the_others() {
    let app = App::new();
    changed(&app);
    app.reset.contacts().changed(&id(), &[Contact::email(EMAIL)]).await.unwrap();
    app.worker.run_once().await.unwrap();
    let rows = app.store.resets().unwrap();
    assert!(matches!(rows[0].state(), State::Closed(_)));
    app.later(60 * 26);
    app.worker.run_once().await.unwrap();
    assert!(app.store.resets().unwrap().is_empty());
}

/// A change that was pending dies with the password and with every other change.
#[tokio::test]
async fn a_pending_change_dies_with_a_reset_and_with_another_change() {
    let app = App::new();
    let new = Contact::email(NEW_EMAIL);
    let token = app.reset.contacts().token(&app.account(), &new);
    assert_eq!(token.len(), 64);
    assert!(app.reset.contacts().confirms(&app.account(), &new, &token));
    let with_another = app.account().with_contact(Contact::email("other@toko.example"));
    assert!(!app.reset.contacts().confirms(&with_another, &new, &token), "another change came first");
    app.reset_to(NEW).await;
    assert!(!app.reset.contacts().confirms(&app.account(), &new, &token), "the password is another");
}

/// Of two changes at once, each text confirms its own address, and only the one that is first.
#[tokio::test]
async fn a_text_confirms_exactly_the_address_that_it_was_made_for() {
    let app = App::new();
    let (mine, theirs) = (Contact::email(NEW_EMAIL), Contact::email("mallory@toko.example"));
    let token = app.reset.contacts().token(&app.account(), &mine);
    for (account, contact, text) in [
        (app.account(), theirs.clone(), token.as_str()),
        (app.account(), Contact::phone(NEW_EMAIL), &token),
        (ani().with_hash(cheap_hash(crate::support::OLD, 2)), mine.clone(), &token),
        (app.account(), mine.clone(), ""),
        (app.account(), mine.clone(), &token[..63]),
        (app.account(), mine.clone(), &token.to_uppercase()),
    ] {
        assert!(!app.reset.contacts().confirms(&account, &contact, text), "{contact:?} {text}");
    }
    let second = app.reset.contacts().token(&app.account(), &theirs);
    let after = app.account().with_contact(mine.clone());
    assert!(
        app.reset.contacts().confirms(&app.account(), &theirs, &second)
            && !app.reset.contacts().confirms(&after, &theirs, &second)
    );
}

fn link(token: &str) -> SecretUrl {
    SecretUrl::new(&Site::new("Toko Contoh", "https://toko.example"), "account/confirm", token)
}

#[tokio::test]
async fn the_message_that_asks_goes_to_the_new_contact_in_the_language_of_the_account() {
    let app = App::new();
    let ani = app.account().with_locale(Locale::INDONESIAN);
    let new = Contact::email(NEW_EMAIL);
    let token = app.reset.contacts().token(&ani, &new);
    app.reset.contacts().send_confirmation(&ani, &new, link(&token), Duration::from_secs(3600)).await.unwrap();
    let sent = app.mail.last().unwrap();
    assert_eq!((sent.kind(), &sent.to, sent.locale), ("confirm_contact", &new, Locale::INDONESIAN));
    assert_eq!(sent.link().unwrap(), format!("https://toko.example/account/confirm#{token}"));
    assert_eq!(sent.lives, Some(Duration::from_secs(3600)));
    assert!(app.store.resets().unwrap().is_empty());
}

/// Neither can an account flood others, nor can many accounts flood one mailbox.
#[tokio::test]
async fn confirmations_are_limited_for_the_account_and_for_the_contact() {
    let app = App::new();
    let send = async |id: &str, to: &str| {
        let account = Account::new(id, password_reset::AccountStatus::Active);
        app.reset
            .contacts()
            .send_confirmation(&account, &Contact::email(to), link("x"), Duration::from_secs(3600))
            .await
    };
    for account in ["1", "2", "3"] {
        send(account, "victim@toko.example").await.unwrap();
    }
    let Err(ConfirmationError::TooMany { retry_after }) = send("4", "victim@toko.example").await else {
        panic!("held")
    };
    assert_eq!(retry_after, Duration::from_secs(205 * 60));
    for at in 0..10 {
        send("5", &format!("ani{at}@toko.example")).await.unwrap();
    }
    assert!(matches!(send("5", "ani10@toko.example").await, Err(ConfirmationError::TooMany { .. })));
    assert_eq!(app.mail.delivered().len(), 13);
    app.clock.advance(retry_after);
    send("4", "victim@toko.example").await.unwrap();
}

#[tokio::test]
async fn what_became_of_the_message_is_said() {
    let app = App::new();
    let send = async |to: Contact| {
        app.reset
            .contacts()
            .send_confirmation(&app.account(), &to, link("x"), Duration::from_secs(3600))
            .await
            .unwrap_err()
    };
    let number = send(Contact::phone("+6281200000001")).await;
    assert!(matches!(number, ConfirmationError::ChannelOff), "nothing reaches phones here: {number:?}");
    app.mail.no_such_contact("550 5.1.1");
    let gone = send(Contact::email(NEW_EMAIL)).await;
    assert!(matches!(&gone, ConfirmationError::NotSent { why } if why == "550 5.1.1"), "{gone:?}");
    app.mail.later(None);
    let later = send(Contact::email(NEW_EMAIL)).await;
    assert!(matches!(later, ConfirmationError::Unavailable(_)), "{later:?}");
    // It is no message of the account, and says nothing of its contacts.
    assert!(app.reset.admin().deliveries(&id()).await.unwrap().is_empty());
}
