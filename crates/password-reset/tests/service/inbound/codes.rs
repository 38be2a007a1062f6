//! Codes that are sent to a WhatsApp number.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use password_reset::flow::AuditEvent;
use password_reset::inbound::DeliveryReport;
use password_reset::ports::Opened;
use password_reset::secret::Code;
use password_reset::{CallingCode, Identifier, PasswordReset, Proof, RequestError, ResetRequest};
use password_reset_testkit::mocks::MockResetStore;
use password_reset_testkit::{MemoryAccounts, PlainHasher, RecordingNotifier, Sent};

use super::{PHONE, again, app, page};
use crate::support::{EMAIL, cancel, keys, site, source};

#[tokio::test]
async fn a_code_by_whatsapp_is_typed_on_the_page_that_asked() {
    let app = app(page());
    let phone = Identifier::phone("0812-0000-0001", CallingCode::INDONESIA).unwrap();
    let asked = app.reset.request(ResetRequest::whatsapp_code(phone, source())).await.unwrap();
    app.worker.run_once().await.unwrap();
    let sent = app.phone.last().unwrap();
    assert_eq!((sent.kind(), sent.code().unwrap().len()), ("code", 8));
    let proof = Proof::Code { requester_token: again(&asked), code: Code::parse(sent.code().unwrap()).unwrap() };
    drop(app.reset.verify(proof).await.unwrap());
    let reset = app.store.resets().unwrap().pop().unwrap();
    app.reset.reports().delivery(reset.id(), DeliveryReport::Delivered).await.unwrap();
    let failed = DeliveryReport::Failed { why: "131026\r\n\u{202e}".to_owned() };
    app.reset.reports().delivery(reset.id(), failed).await.unwrap();
    assert!(app.events().contains(&AuditEvent::Arrived));
    assert_eq!(app.details(AuditEvent::SendFailed), ["131026"]);
}

/// WhatsApp's template for codes has a fixed text, which does not say what a code is for.
#[tokio::test]
async fn the_other_contacts_are_notified_of_a_code_by_whatsapp() {
    let app = app(page());
    let ask = async |number: &str| {
        let number = Identifier::phone(number, CallingCode::INDONESIA).unwrap();
        let asked = app.reset.request(ResetRequest::whatsapp_code(number, source())).await.unwrap();
        app.worker.run_once().await.unwrap();
        asked
    };
    ask("+6281200000099").await;
    assert!(app.mail.tried().is_empty(), "a number of no account");
    let asked = ask(PHONE).await;
    let code = app.phone.last().unwrap();
    let notice = app.mail.last().unwrap();
    assert_eq!((notice.kind(), notice.to.value(), notice.code()), ("code_requested", EMAIL, None));
    assert!(app.phone.tried().iter().all(|sent| sent.kind() == "code"), "the number has the code");
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.tried().len(), 1, "once");
    app.reset.cancel(&cancel(&notice)).await.unwrap();
    let proof = Proof::Code { requester_token: again(&asked), code: Code::parse(code.code().unwrap()).unwrap() };
    assert!(app.reset.verify(proof).await.is_err(), "and it can be cancelled there");
    // As many notices as codes, and no more: strangers decide how often they ask.
    for _ in 0..10 {
        ask(PHONE).await;
    }
    let of = |sent: &[Sent], kind: &str| sent.iter().filter(|sent| sent.kind() == kind).count();
    let codes = of(&app.phone.tried(), "code");
    assert_eq!((of(&app.mail.tried(), "code_requested"), codes), (codes, 3));
}

#[tokio::test]
async fn no_code_is_sent_that_has_expired() {
    let app = app(page());
    let phone = || Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
    // The last of them would have a link that lives for hours, if there were one.
    for _ in 0..3 {
        app.phone.later(Some(std::time::Duration::from_secs(60 * 60)));
        app.reset.request(ResetRequest::whatsapp_code(phone(), source())).await.unwrap();
        app.worker.run_once().await.unwrap();
    }
    assert_eq!(app.phone.tried().len(), 3);
    app.later(10);
    app.worker.run_once().await.unwrap();
    assert_eq!(app.phone.tried().len(), 3, "nothing more");
    assert_eq!(app.details(AuditEvent::SendFailed), ["expired"; 3]);
}

/// The store knows whether a code is taken for a number; the service draws again.
#[tokio::test]
async fn a_code_that_is_taken_is_drawn_again() {
    let ask = async |taken: usize| {
        let drawn = Arc::new(Mutex::new(Vec::new()));
        let (keys_of, left) = (Arc::clone(&drawn), AtomicUsize::new(taken));
        let mut store = MockResetStore::new();
        store.expect_open().returning(move |reset, _, _, _| {
            keys_of.lock().unwrap().push((reset.id(), reset.stored().inbound_key.unwrap()));
            let taken = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            Ok(if taken { Opened::DuplicateKey } else { Opened::Stored })
        });
        let (reset, _worker) = PasswordReset::builder(MemoryAccounts::new(), store, keys(), site())
            .inbound(page())
            .notifier(RecordingNotifier::new())
            .hash_pool(PlainHasher::salted().pool())
            .build()
            .unwrap();
        let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
        let asked = reset.request(ResetRequest::whatsapp_inbound(phone, source())).await;
        let drawn = drawn.lock().unwrap().clone();
        (asked, drawn)
    };
    let (asked, drawn) = ask(3).await;
    assert!(asked.is_ok() && drawn.len() == 4);
    for (at, one) in drawn.iter().enumerate() {
        assert!(drawn[at + 1..].iter().all(|other| other.0 != one.0 && other.1 != one.1), "another each time");
    }
    let (asked, drawn) = ask(1_000).await;
    assert!(matches!(asked, Err(RequestError::Unavailable(_))) && drawn.len() < 20, "but not for ever");
}
