//! What becomes of messages: where the next one goes, what administrators see, and what strangers do not.

use password_reset::admin::DeliveryOutcome;
use password_reset::flow::AuditEvent;
use password_reset::inbound::DeliveryReport;
use password_reset::{
    Account, AccountId, Builder, CallingCode, Contact, ContactKind, Identifier, ProofKind, ResetRequest,
};
use password_reset_testkit::{MemoryStore, RecordingNotifier};

use crate::support::{App, EMAIL, NEW, cheap_hash, email, source};

const SECOND: &str = "second@toko.example";
const PHONE: &str = "+6281200000001";

struct Both {
    app: App,
    phone: RecordingNotifier,
}

/// An account with these contacts, and notifiers for mailboxes and phones.
fn both(contacts: &[Contact]) -> Both {
    let phone = RecordingNotifier::reaching(ContactKind::Phone);
    let notifier = phone.clone();
    let app = App::with(MemoryStore::new(), |builder: Builder| builder.notifier(notifier));
    let account =
        Account::new("7", password_reset::AccountStatus::Active).with_hash(cheap_hash(crate::support::OLD, 1));
    let account = contacts.iter().fold(account, |account, contact| account.with_contact(contact.clone()));
    app.accounts.add_named("ani", account);
    Both { app, phone }
}

impl Both {
    /// Asks by the address, and says where a message went.
    async fn goes_to(&self) -> Vec<String> {
        let tried = |notifier: &RecordingNotifier| notifier.tried().len();
        let before = (tried(&self.app.mail), tried(&self.phone));
        self.app.mailed_now().await;
        let mails = self.app.mail.tried().split_off(before.0);
        let phones = self.phone.tried().split_off(before.1);
        mails.into_iter().chain(phones).map(|sent| sent.to.value().to_owned()).collect()
    }

    async fn said(&self) -> Vec<(String, DeliveryOutcome)> {
        let last = self.app.reset.admin().deliveries(&AccountId::new("7")).await.unwrap();
        last.into_iter().map(|last| (last.contact.value().to_owned(), last.outcome)).collect()
    }
}

#[tokio::test]
async fn a_mailbox_that_does_not_exist_is_passed_over_until_it_takes_a_message_again() {
    let both = both(&[Contact::email(EMAIL), Contact::email(SECOND)]);
    both.app.mail.no_such_contact("550 5.1.1");
    assert_eq!(both.goes_to().await, [EMAIL]);
    assert_eq!(both.said().await, [(EMAIL.to_owned(), DeliveryOutcome::NoSuchContact)]);
    assert_eq!(both.goes_to().await, [SECOND], "the next one goes to the next mailbox");
    let mail = both.app.mail.last().unwrap();
    let grant = both.app.verify_link(&mail).await.expect("the stamp is as it was, and the link opens");
    both.app.set(grant, NEW).await.unwrap();
    // The notices go to both, and this time the first takes it.
    both.app.worker.run_once().await.unwrap();
    let taken = DeliveryOutcome::Taken;
    assert_eq!(both.said().await, [(EMAIL.to_owned(), taken), (SECOND.to_owned(), taken)]);
    assert_eq!(both.goes_to().await, [EMAIL], "the success took the mark away");
}

#[tokio::test]
async fn without_another_mailbox_the_code_goes_to_the_phone_and_is_typed_where_it_was_asked() {
    let both = both(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
    both.app.mail.no_such_contact("550 5.1.1");
    assert_eq!(both.goes_to().await, [EMAIL]);
    let asked = both.app.ask().await;
    both.app.worker.run_once().await.unwrap();
    let sent = both.phone.last().unwrap();
    assert_eq!((sent.kind(), sent.to.value(), sent.link()), ("code", PHONE, None));
    let grant = both.app.verify_code(&asked.requester_token, sent.code().unwrap()).await.unwrap();
    assert_eq!(grant.proved_by(), ProofKind::Code);
}

#[tokio::test]
async fn a_code_for_the_phone_never_goes_to_a_mailbox() {
    let both = both(&[Contact::phone(PHONE), Contact::email(EMAIL), Contact::phone("+6281200000002")]);
    let ask = async || {
        let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
        let request = ResetRequest::whatsapp_code(phone, source());
        both.app.reset.request(request).await.unwrap();
        both.app.worker.run_once().await.unwrap();
        let mut codes = both.phone.tried().into_iter().filter(|sent| sent.code().is_some());
        codes.next_back().unwrap().to.value().to_owned()
    };
    both.phone.no_such_contact("131026");
    assert_eq!(ask().await, PHONE);
    both.phone.no_such_contact("131026");
    assert_eq!(ask().await, "+6281200000002");
    assert_eq!(ask().await, PHONE, "where all fail, the first is tried again");
    assert!(both.app.mail.tried().iter().all(|sent| sent.kind() == "code_requested" && sent.code().is_none()));
}

#[tokio::test]
async fn only_a_contact_that_does_not_exist_is_passed_over() {
    for what in ["never", "later"] {
        let both = both(&[Contact::email(EMAIL), Contact::email(SECOND)]);
        match what {
            "never" => both.app.mail.never("550 5.7.1"),
            _ => both.app.mail.later(None),
        }
        assert_eq!(both.goes_to().await, [EMAIL]);
        let expected = if what == "never" { DeliveryOutcome::Refused } else { DeliveryOutcome::Delayed };
        assert_eq!(both.said().await, [(EMAIL.to_owned(), expected)]);
        assert_eq!(both.goes_to().await, [EMAIL], "{what}");
    }
}

#[tokio::test]
async fn a_changed_contact_carries_no_mark() {
    let both = both(&[Contact::email(EMAIL), Contact::email(SECOND)]);
    both.app.mail.no_such_contact("550 5.1.1");
    assert_eq!(both.goes_to().await, [EMAIL]);
    let fresh = Account::new("7", password_reset::AccountStatus::Active)
        .with_contact(Contact::email("new@toko.example"))
        .with_contact(Contact::email(SECOND))
        .with_hash(cheap_hash(crate::support::OLD, 1));
    both.app.accounts.add_named("ani", fresh);
    assert!(both.said().await.is_empty());
    let name = Identifier::username("ani").unwrap();
    both.app.ask_for(name).await;
    both.app.worker.run_once().await.unwrap();
    assert_eq!(both.app.mail.last().unwrap().to.value(), "new@toko.example");
}

#[tokio::test]
async fn a_report_that_comes_later_counts_too() {
    let both = both(&[Contact::email(EMAIL), Contact::email(SECOND)]);
    assert_eq!(both.goes_to().await, [EMAIL]);
    let reset = both.app.store.resets().unwrap()[0].id();
    let bounced = DeliveryReport::NoSuchContact { why: "5.1.1 \u{202e}".to_owned() };
    both.app.reset.reports().delivery(reset, bounced).await.unwrap();
    assert_eq!(both.said().await, [(EMAIL.to_owned(), DeliveryOutcome::NoSuchContact)]);
    assert_eq!(both.app.details(AuditEvent::NoSuchContact), ["5.1.1"]);
    assert_eq!(both.goes_to().await, [SECOND]);
}

#[tokio::test]
async fn of_several_numbers_the_code_goes_to_the_one_that_was_typed() {
    let other = "+6281200000002";
    let both = both(&[Contact::phone(PHONE), Contact::phone(other)]);
    let typed = Identifier::phone(other, CallingCode::INDONESIA).unwrap();
    both.app.reset.request(ResetRequest::whatsapp_code(typed, source())).await.unwrap();
    both.app.worker.run_once().await.unwrap();
    let codes = both.phone.delivered().into_iter().filter(|sent| sent.kind() == "code");
    assert_eq!(codes.map(|sent| sent.to.value().to_owned()).collect::<Vec<_>>(), [other]);
}

#[tokio::test]
async fn a_code_that_goes_to_the_phone_in_place_of_a_mail_is_not_sent_once_it_has_expired() {
    let both = both(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
    both.app.mail.no_such_contact("550 5.1.1");
    assert_eq!(both.goes_to().await, [EMAIL]);
    both.phone.later(None);
    assert_eq!(both.goes_to().await, [PHONE]);
    both.app.later(11);
    both.app.worker.run_once().await.unwrap();
    assert!(
        !both.phone.delivered().iter().any(|sent| sent.kind() == "code"),
        "the code lives ten minutes, the link longer"
    );
}

#[tokio::test]
async fn each_mailbox_of_an_account_has_its_own_number_of_messages() {
    const THIRD: &str = "third@toko.example";
    let both = both(&[EMAIL, SECOND, THIRD].map(Contact::email));
    let ask = async |address: &str| {
        let before = both.app.mail.tried().len();
        both.app.ask_for(email(address)).await;
        both.app.worker.run_once().await.unwrap();
        both.app.mail.tried().split_off(before).into_iter().map(|sent| sent.to.value().to_owned()).collect::<Vec<_>>()
    };
    for address in [SECOND, THIRD, EMAIL] {
        for _ in 0..3 {
            assert_eq!(ask(address).await, [address]);
        }
        assert_eq!(ask(address).await, [""; 0], "{address}");
    }
}
