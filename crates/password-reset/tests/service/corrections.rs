//! Contacts that administrators have corrected, and what they read of messages.

use std::time::Duration;

use password_reset::admin::{AdminRequest, AdminRequestError, DeliveryOutcome, NotSentReason};
use password_reset::flow::{AuditEvent, State};
use password_reset::inbound::DeliveryReport;
use password_reset::message::SecretUrl;
use password_reset::ports::{AdminAction, AdminDecision, Decision, RiskPolicy};
use password_reset::{Account, AccountId, AccountStatus, Contact, Language, Languages, Site};
use password_reset_testkit::MemoryStore;
use password_reset_testkit::voice::avoided;

use crate::support::{App, EMAIL, deciding, id, source, start, user};

const NEW_EMAIL: &str = "ani@baru.example";
const ADMIN: &str = "dewi";

/// `dewi` may correct contacts and start resets, `budi` may start resets alone.
fn roles() -> impl RiskPolicy {
    deciding(
        |_| Decision::Allow,
        |asking| {
            let fresh = asking.authenticated_at.is_some_and(|at| asking.at - at <= chrono::TimeDelta::minutes(5));
            let may = match asking.action {
                AdminAction::Reset => ["budi", ADMIN].contains(&asking.actor.as_str()),
                _ => asking.actor.as_str() == ADMIN,
            };
            if fresh && may { AdminDecision::Allow } else { AdminDecision::Deny }
        },
    )
}

fn app() -> App {
    App::with(MemoryStore::new(), |builder| builder.risk_policy(roles()))
}

fn by(actor: &str) -> AdminRequest {
    AdminRequest::new(actor, "7", "ticket 4711", source()).authenticated_at(start())
}

async fn correct(app: &App, request: AdminRequest, new: &Contact) -> Result<(), AdminRequestError> {
    let token = app.reset.contacts().token(&app.account(), new);
    let link = SecretUrl::new(&Site::new("Toko Contoh", "https://toko.example"), "account/confirm", &token);
    app.reset.admin().send_confirmation(request, new, link, Duration::from_secs(3600)).await
}

/// From the address that does not work to the one that does, and everything on record.
#[tokio::test]
async fn an_administrator_has_an_address_corrected_and_everything_is_on_record() {
    let app = app();
    let (_, mail) = app.mailed().await;
    let new = Contact::email(NEW_EMAIL);
    correct(&app, by(ADMIN), &new).await.unwrap();
    let asked = app.mail.last().unwrap();
    assert_eq!((asked.kind(), &asked.to), ("confirm_contact", &new));
    // Nothing changes before the owner of the new address presses the button.
    assert_eq!(app.account().contacts(), [Contact::email(EMAIL)]);
    assert!(app.store.resets().unwrap().iter().all(|reset| reset.state().is_open()));
    let row = app.store.trail().into_iter().find(|row| row.event == AuditEvent::CorrectionRequested).unwrap();
    assert_eq!((row.actor, row.account), (Some(AccountId::new(ADMIN)), Some(id())));
    assert_eq!(row.detail.as_deref(), Some("ticket 4711"));

    let token = asked.link().unwrap().split_once('#').unwrap().1.to_owned();
    assert!(app.reset.contacts().confirms(&app.account(), &new, &token));
    app.accounts.add_named("ani", user(&[new]));
    app.reset.contacts().changed(&id(), &[Contact::email(EMAIL)]).await.unwrap();
    app.worker.run_once().await.unwrap();
    let notified = app.mail.last().unwrap();
    assert_eq!((notified.kind(), notified.to.value()), ("contact_changed", EMAIL));
    assert!(app.verify_link(&mail).await.is_err(), "live resets end");
    assert!(app.store.resets().unwrap().iter().all(|reset| matches!(reset.state(), State::Closed(_))));
    assert!(app.events().contains(&AuditEvent::ContactChanged));
}

/// The mailbox that does not exist refuses the notice as well, and the next message goes to the one that does.
#[tokio::test]
async fn after_a_correction_messages_go_to_the_address_that_works() {
    let contacts = |email: &str| [Contact::email(email), Contact::phone("+6281200000001")];
    let app = App::reaching(&contacts(EMAIL), |builder| builder.risk_policy(roles()));
    let ask = async || {
        app.mailed_for(password_reset::Identifier::username("ani").unwrap()).await;
        app.worker.run_once().await.unwrap();
    };
    app.mail.no_such_contact("550 5.1.1");
    ask().await;
    assert_eq!(app.reset.admin().deliveries(&id()).await.unwrap()[0].outcome, DeliveryOutcome::NoSuchContact);
    correct(&app, by(ADMIN), &Contact::email(NEW_EMAIL)).await.unwrap();
    app.accounts.add_named("ani", user(&contacts(NEW_EMAIL)));
    app.mail.no_such_contact("550 5.1.1");
    app.reset.contacts().changed(&id(), &contacts(EMAIL)).await.unwrap();
    app.worker.run_once().await.unwrap();
    ask().await;
    let sent = app.mail.last().unwrap();
    assert_eq!((sent.kind(), sent.to.value()), ("reset_link", NEW_EMAIL));
}

/// As when an administrator starts a reset, for the stronger of the two actions.
#[tokio::test]
async fn who_may_not_correct_a_contact_sends_nothing_and_is_on_record() {
    let new = Contact::email(NEW_EMAIL);
    let stale = AdminRequest::new(ADMIN, "7", "ticket 4711", source());
    for request in [by("budi"), by("mallory"), stale] {
        let app = app();
        assert!(matches!(correct(&app, request, &new).await, Err(AdminRequestError::Denied)));
        assert!(app.mail.tried().is_empty());
        assert_eq!(app.details(AuditEvent::AdminRefused), ["denied"]);
    }
    let without = App::new();
    assert!(matches!(correct(&without, by(ADMIN), &new).await, Err(AdminRequestError::Denied)));
    let app = app();
    for reason in ["", "  ", "a\nb", &"x".repeat(201)] {
        let request = AdminRequest::new(ADMIN, "7", reason, source()).authenticated_at(start());
        assert!(matches!(correct(&app, request, &new).await, Err(AdminRequestError::BadReason)), "{reason:?}");
    }
    let gone = AdminRequest::new(ADMIN, "8", "ticket 4711", source()).authenticated_at(start());
    assert!(matches!(correct(&app, gone, &new).await, Err(AdminRequestError::Denied)));
    let phone = Contact::phone("+6281200000001");
    assert!(matches!(correct(&app, by(ADMIN), &phone).await, Err(AdminRequestError::ChannelOff)));
    app.mail.no_such_contact("550 5.1.1");
    let refused = correct(&app, by(ADMIN), &new).await;
    assert!(matches!(&refused, Err(AdminRequestError::NotSent { why }) if why == "550 5.1.1"), "{refused:?}");
    let mut sent = 0;
    while correct(&app, by(ADMIN), &new).await.is_ok() {
        sent += 1;
    }
    assert!((1..5).contains(&sent), "an administrator cannot flood an address: {sent}");
    let disabled = Account::new("7", AccountStatus::Disabled).with_contact(Contact::email(EMAIL));
    app.accounts.add_named("ani", disabled);
    assert!(matches!(correct(&app, by(ADMIN), &new).await, Err(AdminRequestError::Disabled)));
}

/// What each way of refusing a message means to an administrator, at once and when it comes back later.
#[tokio::test]
async fn the_list_says_in_words_why_nothing_arrived_at_once_and_later() {
    let cases = [
        ("550 5.1.1", true, "does not exist", "tidak ditemukan"),
        ("550 5.1.10", true, "does not exist", "tidak ditemukan"),
        ("550 5.1.2", true, "after the @", "setelah @"),
        ("550 5.2.1", true, "is closed", "tidak aktif"),
        ("552 5.2.2", false, "inbox is full", "penuh"),
        ("5.2.2", false, "inbox is full", "penuh"),
        ("452 4.2.2", false, "inbox is full", "penuh"),
        ("552 5.3.4", false, "this kind of message", "jenis pesan ini"),
        ("554 5.6.0", false, "this kind of message", "jenis pesan ini"),
        ("554 5.7.1", false, "refuses messages from this service", "menolak pesan dari layanan ini"),
        ("553 5.1.8", false, "refuses messages from this service", "menolak pesan dari layanan ini"),
        ("550 5.4.5", false, "refuses messages from this service", "menolak pesan dari layanan ini"),
        ("5.4.1", false, "does not answer", "tidak menjawab"),
        ("4.4.7", false, "does not answer", "tidak menjawab"),
        ("550", false, "was rejected", "ditolak"),
        ("bounced", false, "was rejected", "ditolak"),
        ("hard bounce", true, "does not exist", "tidak ditemukan"),
        ("soft bounce 5.2.2", false, "inbox is full", "penuh"),
        ("complaint", false, "marked a message as spam", "sebagai spam"),
        ("suppressed", false, "no longer sends", "tidak lagi mengirim"),
        ("blocked", false, "refuses messages from this service", "menolak pesan dari layanan ini"),
        ("rejected by the mail service", false, "refuses messages from this service", "menolak pesan dari layanan ini"),
    ];
    for (code, gone, english, indonesian) in cases {
        for later in [false, true] {
            let app = App::new();
            match (later, gone) {
                (false, true) => app.mail.no_such_contact(code),
                (false, false) => app.mail.never(code),
                (true, _) => {}
            }
            app.mailed_now().await;
            if later {
                let why = code.to_owned();
                let report = if gone { DeliveryReport::NoSuchContact { why } } else { DeliveryReport::Failed { why } };
                let reset = app.store.resets().unwrap()[0].id();
                app.reset.reports().delivery(reset, report).await.unwrap();
            }
            let last = app.reset.admin().deliveries(&id()).await.unwrap().remove(0);
            assert_eq!((last.contact.value(), last.why.as_deref()), (EMAIL, Some(code)));
            for (language, words) in [(Language::english(), english), (Language::indonesian(), indonesian)] {
                let said = last.words(&language);
                assert!(said.contains(words), "{code}, later: {later}: {said}");
            }
        }
    }
}

#[tokio::test]
async fn every_sentence_for_administrators_has_the_voice_of_the_library() {
    let app = App::new();
    app.mailed_now().await;
    let mut last = app.reset.admin().deliveries(&id()).await.unwrap().remove(0);
    let outcomes = [
        DeliveryOutcome::Taken,
        DeliveryOutcome::Arrived,
        DeliveryOutcome::Delayed,
        DeliveryOutcome::NoSuchContact,
        DeliveryOutcome::Refused,
        DeliveryOutcome::GivenUp,
    ];
    let codes = [
        None,
        Some("5.1.1"),
        Some("5.1.2"),
        Some("5.2.1"),
        Some("5.2.2"),
        Some("5.3.4"),
        Some("5.4.1"),
        Some("5.7.1"),
        Some("complaint"),
        Some("suppressed"),
    ];
    for contact in [Contact::email(EMAIL), Contact::phone("+6281200000001")] {
        last.contact = contact;
        for outcome in outcomes {
            for code in codes {
                (last.outcome, last.why) = (outcome, code.map(str::to_owned));
                let said = [Language::english(), Language::indonesian()].map(|language| last.words(&language));
                assert!(said[0] != said[1], "{said:?}");
                for (tag, text) in ["en", "id"].into_iter().zip(said) {
                    assert_eq!(avoided(tag, &text), [""; 0], "{text}");
                    assert!(text.ends_with('.'), "{text}");
                }
            }
        }
    }
}

/// Nothing was sent at all: to a contact that works, and the owner waits.
#[tokio::test]
async fn what_was_not_sent_is_said_with_its_reason_until_something_is_sent() {
    let reason = async |app: &App| {
        app.mailed_now().await;
        let not_sent = app.reset.admin().not_sent(&id()).await.unwrap();
        if let Some(not_sent) = not_sent {
            for language in Languages::default().iter() {
                assert_eq!(avoided(language.locale().tag(), &not_sent.words(language)), [""; 0]);
            }
        }
        not_sent.map(|not_sent| not_sent.why)
    };
    let app = App::new();
    assert_eq!(app.reset.admin().not_sent(&id()).await.unwrap(), None);
    for sent in [None, None, None, Some(NotSentReason::LimitReached), Some(NotSentReason::LimitReached)] {
        assert_eq!(reason(&app).await, sent);
    }
    app.later(60 * 24);
    assert_eq!(reason(&app).await, None);
    app.accounts.add_named("ani", Account::new("7", AccountStatus::Disabled).with_contact(Contact::email(EMAIL)));
    assert_eq!(reason(&app).await, Some(NotSentReason::Disabled));
    let app = App::reaching(&[], |builder| builder);
    app.mailed_for(password_reset::Identifier::username("ani").unwrap()).await;
    assert_eq!(app.reset.admin().not_sent(&id()).await.unwrap().map(|it| it.why), Some(NotSentReason::NoContact));
}

/// A change is on record also where the previous contact is nothing that a message could go to.
#[tokio::test]
async fn a_change_of_what_was_no_address_is_on_record() {
    let app = App::new();
    app.reset.contacts().changed(&id(), &[Contact::email("not an address")]).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert!(app.mail.tried().is_empty());
    assert_eq!(app.events(), [AuditEvent::ContactChanged]);
}
