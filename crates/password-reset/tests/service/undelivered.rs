//! A mail in place of a code by WhatsApp that does not arrive.

use std::time::Duration;

use password_reset::flow::{AuditEvent, CloseReason, Reset, State};
use password_reset::inbound::DeliveryReport;
use password_reset::{
    Account, AccountStatus, Builder, CallingCode, Channel, Contact, ContactKind, Identifier, PasswordReset, ProofKind,
    Requested, ResetRequest, Stage, UndeliveredCodes,
};
use password_reset_testkit::{MemoryAccounts, MemoryStore, RecordingNotifier, Sent};

use crate::support::{App, EMAIL, NEW, OLD, cancel, cheap_hash, keys, site, source};

const PHONE: &str = "+6281200000001";
const OTHER: &str = "+6281200000002";
/// A number of no account.
const NONE: &str = "+6281200000009";

struct Site {
    app: App,
    phone: RecordingNotifier,
}

impl Site {
    fn new(contacts: &[Contact]) -> Self {
        Self::with(contacts, UndeliveredCodes::Mail)
    }

    fn with(contacts: &[Contact], undelivered: UndeliveredCodes) -> Self {
        let phone = RecordingNotifier::reaching(ContactKind::Phone);
        let notifier = phone.clone();
        let both = |builder: Builder| builder.notifier(notifier).undelivered_codes(undelivered);
        let app = App::with(MemoryStore::new(), both);
        let account = Account::new("7", AccountStatus::Active).with_hash(cheap_hash(OLD, 1));
        let account = contacts.iter().fold(account, |account, contact| account.with_contact(contact.clone()));
        app.accounts.add_named("ani", account);
        Self { app, phone }
    }

    /// Asks for a code, which the worker sends; what follows it sends too.
    async fn ask(&self, number: &str) -> Requested {
        let phone = Identifier::phone(number, CallingCode::INDONESIA).unwrap();
        let asked = self.app.reset.request(ResetRequest::whatsapp_code(phone, source())).await.unwrap();
        self.work().await;
        asked
    }

    async fn work(&self) {
        for _ in 0..2 {
            self.app.worker.run_once().await.unwrap();
        }
    }

    fn links(&self) -> Vec<Sent> {
        self.app.mail.delivered().into_iter().filter(|sent| sent.link().is_some()).collect()
    }

    fn notices(&self) -> usize {
        self.app.mail.tried().iter().filter(|sent| sent.kind() == "code_requested").count()
    }

    /// The newest reset by WhatsApp.
    fn by_phone(&self) -> Reset {
        let mut resets = self.app.store.resets().unwrap();
        resets.retain(|reset| reset.channel() == Channel::WhatsAppCode);
        resets.into_iter().max_by_key(Reset::id).unwrap()
    }

    /// What a provider reports of the newest code.
    async fn reported(&self, report: DeliveryReport) {
        self.reported_of("code", report).await;
    }

    /// What a provider reports of the newest message of a kind.
    async fn reported_of(&self, kind: &str, report: DeliveryReport) {
        let code = self.phone.tried().into_iter().rfind(|sent| sent.kind() == kind).unwrap();
        let mut message = [0; 16];
        for (byte, hex) in message.iter_mut().zip(code.id.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap();
        }
        self.app.reset.reports().bounce(self.by_phone().id(), message, report).await.unwrap();
        self.work().await;
    }
}

fn contacts() -> [Contact; 2] {
    [Contact::phone(PHONE), Contact::email(EMAIL)]
}

fn no_whatsapp() -> DeliveryReport {
    DeliveryReport::NoSuchContact { why: "131026".to_owned() }
}

fn failed() -> DeliveryReport {
    DeliveryReport::Failed { why: "131049".to_owned() }
}

#[tokio::test]
async fn a_number_without_whatsapp_is_answered_by_a_link_in_the_mailbox() {
    for answer in ["no such contact", "never"] {
        let site = Site::new(&contacts());
        match answer {
            "never" => site.phone.never("131049"),
            _ => site.phone.no_such_contact("131026"),
        }
        let asked = site.ask(PHONE).await;
        let links = site.links();
        assert_eq!(links.len(), 1, "{answer}");
        assert_eq!((links[0].to.value(), links[0].code()), (EMAIL, None), "the page that asked shows another reset");
        assert_eq!(site.notices(), 0, "no code went out, so there is none to notify of");
        // A worker that is killed before it records the failure meets it again.
        site.reported(no_whatsapp()).await;
        assert_eq!(site.links().len(), 1, "{answer}");
        let grant = site.app.verify_link(&links[0]).await.unwrap();
        assert_eq!(grant.proved_by(), ProofKind::Link);
        site.app.set(grant, NEW).await.unwrap();
        let status = site.app.reset.status(&asked.requester_token).await.unwrap().unwrap();
        assert_eq!(status.stage, Stage::Waiting, "what happens elsewhere is not shown (I5)");
        assert_eq!(site.by_phone().state(), State::Closed(CloseReason::OtherResetWon));
    }
}

#[tokio::test]
async fn a_report_that_comes_later_is_answered_once() {
    for report in [no_whatsapp(), failed()] {
        let site = Site::new(&contacts());
        site.ask(PHONE).await;
        assert!(site.links().is_empty());
        for _ in 0..3 {
            site.reported(report.clone()).await;
        }
        assert_eq!(site.links().len(), 1, "{report:?}");
        site.reported(DeliveryReport::Delivered).await;
        assert_eq!(site.links().len(), 1);
    }
}

#[tokio::test]
async fn a_message_that_arrives_is_followed_by_nothing() {
    let site = Site::new(&contacts());
    site.ask(PHONE).await;
    site.reported(DeliveryReport::Delivered).await;
    assert!(site.links().is_empty());
    assert_eq!(site.notices(), 1);
}

#[tokio::test]
async fn a_notice_that_fails_is_no_code_that_fails() {
    let site = Site::new(&[Contact::phone(PHONE), Contact::phone(OTHER), Contact::email(EMAIL)]);
    site.ask(PHONE).await;
    site.reported_of("code_requested", failed()).await;
    assert!(site.links().is_empty());
    assert_eq!(site.app.details(AuditEvent::SendFailed), ["131049"], "it is on record");
}

#[tokio::test]
async fn nothing_follows_unless_the_application_chose_it() {
    let site = Site::with(&contacts(), UndeliveredCodes::Nothing);
    site.phone.no_such_contact("131026");
    site.ask(PHONE).await;
    site.ask(PHONE).await;
    site.reported(failed()).await;
    assert!(site.links().is_empty());
    assert_eq!(site.notices(), 2);
}

/// The report may be late, and the requester may have the code all the same.
#[tokio::test]
async fn a_reset_that_was_proved_cancelled_or_is_over_gets_no_mail() {
    let proved = Site::new(&contacts());
    let asked = proved.ask(PHONE).await;
    let code = proved.phone.last().unwrap();
    drop(proved.app.verify_code(&asked.requester_token, code.code().unwrap()).await.unwrap());
    proved.reported(failed()).await;
    assert!(proved.links().is_empty(), "proved");

    let cancelled = Site::new(&contacts());
    cancelled.ask(PHONE).await;
    let notice = cancelled.app.mail.last().unwrap();
    cancelled.app.reset.cancel(&cancel(&notice)).await.unwrap();
    cancelled.reported(failed()).await;
    assert!(cancelled.links().is_empty(), "cancelled");

    let over = Site::new(&contacts());
    over.ask(PHONE).await;
    over.app.later(24 * 60);
    over.reported(failed()).await;
    assert!(over.links().is_empty(), "over");
}

#[tokio::test]
async fn a_code_that_could_not_be_sent_in_time_is_followed_by_the_mail_too() {
    let site = Site::new(&contacts());
    // The code is over by then, so the worker gives it up at once.
    site.phone.later(Some(Duration::from_secs(20 * 60)));
    site.ask(PHONE).await;
    assert!(site.app.details(AuditEvent::SendFailed)[0].starts_with("expired"));
    assert_eq!(site.links().len(), 1);

    let late = Site::new(&contacts());
    late.phone.later(None);
    late.ask(PHONE).await;
    late.app.later(11);
    late.work().await;
    assert!(late.links().is_empty(), "the request is over");
}

#[tokio::test]
async fn another_number_is_still_the_next_for_codes() {
    let site = Site::new(&[Contact::phone(PHONE), Contact::phone(OTHER), Contact::email(EMAIL)]);
    site.phone.no_such_contact("131026");
    site.ask(PHONE).await;
    assert_eq!(site.links().len(), 1, "for the code that did not arrive");
    site.ask(PHONE).await;
    let codes = site.phone.delivered().into_iter().filter(|sent| sent.kind() == "code");
    assert_eq!(codes.map(|code| code.to.value().to_owned()).collect::<Vec<_>>(), [OTHER]);
    assert_eq!(site.links().len(), 1);
}

/// Numbers of accounts without a mailbox, and of none, and of accounts that may not be reset.
#[tokio::test]
async fn without_a_mailbox_there_is_no_mail_and_nothing_outside_differs() {
    let mut seen = Vec::new();
    for (contacts, number) in [(&contacts()[..], PHONE), (&contacts()[..1], PHONE), (&contacts()[..], NONE)] {
        let site = Site::new(contacts);
        site.phone.no_such_contact("131026");
        let asked = site.ask(number).await;
        let status = site.app.reset.status(&asked.requester_token).await.unwrap().unwrap();
        seen.push(format!("{:?} {} {}", status.stage, status.shown_until, status.code_attempts_left));
        assert_eq!(site.links().len(), usize::from(contacts.len() == 2 && number == PHONE), "{number} {contacts:?}");
    }
    assert!(seen.iter().all(|status| *status == seen[0]), "{seen:#?}");
}

#[tokio::test]
async fn a_number_that_was_removed_meanwhile_brings_no_mail() {
    let site = Site::new(&contacts());
    site.ask(PHONE).await;
    let without =
        Account::new("7", AccountStatus::Active).with_hash(cheap_hash(OLD, 1)).with_contact(Contact::email(EMAIL));
    site.app.accounts.add_named("ani", without);
    site.reported(failed()).await;
    assert!(site.links().is_empty());
}

/// The mail takes a permit of its mailbox, so no number of requests sends more than that has.
#[tokio::test]
async fn mails_in_place_of_codes_are_capped_like_all_others() {
    let site = Site::new(&contacts());
    for _ in 0..6 {
        site.phone.no_such_contact("131026");
        site.ask(PHONE).await;
    }
    assert_eq!(site.links().len(), 3, "the burst of a contact");
}

#[tokio::test]
async fn a_mail_in_place_of_a_code_needs_both_notifiers() {
    let build = |notifier: Option<RecordingNotifier>, kind: ContactKind| {
        let builder = PasswordReset::builder(MemoryAccounts::new(), MemoryStore::new(), keys(), site());
        let builder = builder.notifier(RecordingNotifier::reaching(kind)).undelivered_codes(UndeliveredCodes::Mail);
        let builder = notifier.into_iter().fold(builder, Builder::notifier);
        builder.build().map(drop)
    };
    let error = build(None, ContactKind::Email).unwrap_err();
    assert!(error.to_string().contains("undelivered_codes"), "{error}");
    assert!(build(Some(RecordingNotifier::reaching(ContactKind::Phone)), ContactKind::Email).is_ok());
}
