//! What becomes of messages: where the next one goes, what administrators see, and what strangers do not.

use password_reset::admin::DeliveryOutcome;
use password_reset::flow::AuditEvent;
use password_reset::inbound::DeliveryReport;
use password_reset::{CallingCode, Contact, Identifier, ProofKind, ResetRequest};
use password_reset_testkit::RecordingNotifier;

use crate::support::{App, EMAIL, NEW, email, id, source, user};

const SECOND: &str = "second@toko.example";
const PHONE: &str = "+6281200000001";

/// An account with these contacts, and notifiers for mailboxes and phones.
fn app(contacts: &[Contact]) -> App {
    App::reaching(contacts, |builder| builder)
}

/// Asks by the address, and says where a message went.
async fn goes_to(app: &App) -> Vec<String> {
    let tried = |notifier: &RecordingNotifier| notifier.tried().len();
    let before = (tried(&app.mail), tried(&app.phone));
    app.mailed_now().await;
    let mails = app.mail.tried().split_off(before.0);
    let phones = app.phone.tried().split_off(before.1);
    mails.into_iter().chain(phones).map(|sent| sent.to.value().to_owned()).collect()
}

async fn last_outcomes(app: &App) -> Vec<(String, DeliveryOutcome)> {
    let last = app.reset.admin().deliveries(&id()).await.unwrap();
    last.into_iter().map(|last| (last.contact.value().to_owned(), last.outcome)).collect()
}

#[tokio::test]
async fn a_mailbox_that_does_not_exist_is_passed_over_until_it_takes_a_message_again() {
    let app = app(&[Contact::email(EMAIL), Contact::email(SECOND)]);
    app.mail.no_such_contact("550 5.1.1");
    assert_eq!(goes_to(&app).await, [EMAIL]);
    assert_eq!(last_outcomes(&app).await, [(EMAIL.to_owned(), DeliveryOutcome::NoSuchContact)]);
    assert_eq!(goes_to(&app).await, [SECOND], "the next one goes to the next mailbox");
    let mail = app.mail.last().unwrap();
    let grant = app.verify_link(&mail).await.expect("the stamp is as it was, and the link opens");
    app.set(grant, NEW).await.unwrap();
    // The notices go to both, and this time the first takes it.
    app.worker.run_once().await.unwrap();
    let taken = DeliveryOutcome::Taken;
    assert_eq!(last_outcomes(&app).await, [(EMAIL.to_owned(), taken), (SECOND.to_owned(), taken)]);
    assert_eq!(goes_to(&app).await, [EMAIL], "the success took the mark away");
}

#[tokio::test]
async fn without_another_mailbox_the_code_goes_to_the_phone_and_is_typed_where_it_was_asked() {
    let app = app(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
    app.mail.no_such_contact("550 5.1.1");
    assert_eq!(goes_to(&app).await, [EMAIL]);
    let asked = app.ask().await;
    app.worker.run_once().await.unwrap();
    let sent = app.phone.last().unwrap();
    assert_eq!((sent.kind(), sent.to.value(), sent.link()), ("code", PHONE, None));
    let grant = app.verify_code(&asked.requester_token, sent.code().unwrap()).await.unwrap();
    assert_eq!(grant.proved_by(), ProofKind::Code);
}

#[tokio::test]
async fn a_code_for_the_phone_never_goes_to_a_mailbox() {
    let app = app(&[Contact::phone(PHONE), Contact::email(EMAIL), Contact::phone("+6281200000002")]);
    let ask = async || {
        let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
        let request = ResetRequest::whatsapp_code(phone, source());
        app.reset.request(request).await.unwrap();
        app.worker.run_once().await.unwrap();
        let mut codes = app.phone.tried().into_iter().filter(|sent| sent.code().is_some());
        codes.next_back().unwrap().to.value().to_owned()
    };
    app.phone.no_such_contact("131026");
    assert_eq!(ask().await, PHONE);
    app.phone.no_such_contact("131026");
    assert_eq!(ask().await, "+6281200000002");
    assert_eq!(ask().await, PHONE, "where all fail, the first is tried again");
    assert!(app.mail.tried().iter().all(|sent| sent.kind() == "code_requested" && sent.code().is_none()));
}

#[tokio::test]
async fn only_a_contact_that_does_not_exist_is_passed_over() {
    for what in ["never", "later"] {
        let app = app(&[Contact::email(EMAIL), Contact::email(SECOND)]);
        match what {
            "never" => app.mail.never("550 5.7.1"),
            _ => app.mail.later(None),
        }
        assert_eq!(goes_to(&app).await, [EMAIL]);
        let expected = if what == "never" { DeliveryOutcome::Refused } else { DeliveryOutcome::Delayed };
        assert_eq!(last_outcomes(&app).await, [(EMAIL.to_owned(), expected)]);
        assert_eq!(goes_to(&app).await, [EMAIL], "{what}");
    }
}

#[tokio::test]
async fn a_changed_contact_carries_no_mark() {
    let app = app(&[Contact::email(EMAIL), Contact::email(SECOND)]);
    app.mail.no_such_contact("550 5.1.1");
    assert_eq!(goes_to(&app).await, [EMAIL]);
    app.accounts.add_named("ani", user(&[Contact::email("new@toko.example"), Contact::email(SECOND)]));
    assert!(last_outcomes(&app).await.is_empty());
    let name = Identifier::username("ani").unwrap();
    app.mailed_for(name).await;
    assert_eq!(app.mail.last().unwrap().to.value(), "new@toko.example");
}

#[tokio::test]
async fn a_report_that_comes_later_counts_too() {
    let app = app(&[Contact::email(EMAIL), Contact::email(SECOND)]);
    assert_eq!(goes_to(&app).await, [EMAIL]);
    let reset = app.store.resets().unwrap()[0].id();
    let bounced = DeliveryReport::NoSuchContact { why: "5.1.1 \u{202e}".to_owned() };
    app.reset.reports().delivery(reset, bounced).await.unwrap();
    assert_eq!(last_outcomes(&app).await, [(EMAIL.to_owned(), DeliveryOutcome::NoSuchContact)]);
    assert_eq!(app.details(AuditEvent::NoSuchContact), ["5.1.1"]);
    assert_eq!(goes_to(&app).await, [SECOND]);
}

#[tokio::test]
async fn of_several_numbers_the_code_goes_to_the_one_that_was_typed() {
    let other = "+6281200000002";
    let app = app(&[Contact::phone(PHONE), Contact::phone(other)]);
    let typed = Identifier::phone(other, CallingCode::INDONESIA).unwrap();
    app.reset.request(ResetRequest::whatsapp_code(typed, source())).await.unwrap();
    app.worker.run_once().await.unwrap();
    let codes = app.phone.delivered().into_iter().filter(|sent| sent.kind() == "code");
    assert_eq!(codes.map(|sent| sent.to.value().to_owned()).collect::<Vec<_>>(), [other]);
}

#[tokio::test]
async fn a_code_that_goes_to_the_phone_in_place_of_a_mail_is_not_sent_once_it_has_expired() {
    let app = app(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
    app.mail.no_such_contact("550 5.1.1");
    assert_eq!(goes_to(&app).await, [EMAIL]);
    app.phone.later(None);
    assert_eq!(goes_to(&app).await, [PHONE]);
    app.later(11);
    app.worker.run_once().await.unwrap();
    assert!(
        !app.phone.delivered().iter().any(|sent| sent.kind() == "code"),
        "the code lives ten minutes, the link longer"
    );
}

#[tokio::test]
async fn each_mailbox_of_an_account_has_its_own_number_of_messages() {
    const THIRD: &str = "third@toko.example";
    let app = app(&[EMAIL, SECOND, THIRD].map(Contact::email));
    let ask = async |address: &str| {
        let before = app.mail.tried().len();
        app.mailed_for(email(address)).await;
        app.mail.tried().split_off(before).into_iter().map(|sent| sent.to.value().to_owned()).collect::<Vec<_>>()
    };
    for address in [SECOND, THIRD, EMAIL] {
        for _ in 0..3 {
            assert_eq!(ask(address).await, [address]);
        }
        assert_eq!(ask(address).await, [""; 0], "{address}");
    }
}
