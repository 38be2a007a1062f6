//! A mail in place of a code by WhatsApp that does not arrive.

use std::time::Duration;

use password_reset::flow::{AuditEvent, CloseReason, Reset, State};
use password_reset::inbound::DeliveryReport;
use password_reset::{
    Builder, CallingCode, Channel, Contact, ContactKind, Identifier, PasswordReset, ProofKind, Requested, ResetRequest,
    Stage, UndeliveredCodes,
};
use password_reset_testkit::{MemoryAccounts, MemoryStore, RecordingNotifier, Sent};

use crate::support::{App, EMAIL, NEW, cancel, keys, site, source, user};

const PHONE: &str = "+6281200000001";
const OTHER: &str = "+6281200000002";
/// A number of no account.
const NONE: &str = "+6281200000009";

fn app(contacts: &[Contact]) -> App {
    with(contacts, UndeliveredCodes::Mail)
}

fn with(contacts: &[Contact], undelivered: UndeliveredCodes) -> App {
    App::reaching(contacts, |builder| builder.undelivered_codes(undelivered))
}

/// Asks for a code, which the worker sends; what follows it sends too.
async fn ask_for_code(app: &App, number: &str) -> Requested {
    let phone = Identifier::phone(number, CallingCode::INDONESIA).unwrap();
    let asked = app.reset.request(ResetRequest::whatsapp_code(phone, source())).await.unwrap();
    work(app).await;
    asked
}

async fn work(app: &App) {
    for _ in 0..2 {
        app.worker.run_once().await.unwrap();
    }
}

fn links(app: &App) -> Vec<Sent> {
    app.mail.delivered().into_iter().filter(|sent| sent.link().is_some()).collect()
}

fn notices(app: &App) -> usize {
    app.mail.tried().iter().filter(|sent| sent.kind() == "code_requested").count()
}

/// The newest reset by WhatsApp.
fn by_phone(app: &App) -> Reset {
    let mut resets = app.store.resets().unwrap();
    resets.retain(|reset| reset.channel() == Channel::WhatsAppCode);
    resets.into_iter().max_by_key(Reset::id).unwrap()
}

/// What a provider reports of the newest code.
async fn reported(app: &App, report: DeliveryReport) {
    reported_of(app, "code", report).await;
}

/// What a provider reports of the newest message of a kind.
async fn reported_of(app: &App, kind: &str, report: DeliveryReport) {
    let code = app.phone.tried().into_iter().rfind(|sent| sent.kind() == kind).unwrap();
    let mut message = [0; 16];
    for (byte, hex) in message.iter_mut().zip(code.id.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap();
    }
    app.reset.reports().bounce(by_phone(app).id(), message, report).await.unwrap();
    work(app).await;
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
        let app = app(&contacts());
        match answer {
            "never" => app.phone.never("131049"),
            _ => app.phone.no_such_contact("131026"),
        }
        let asked = ask_for_code(&app, PHONE).await;
        let sent = links(&app);
        assert_eq!(sent.len(), 1, "{answer}");
        assert_eq!((sent[0].to.value(), sent[0].code()), (EMAIL, None), "the page that asked shows another reset");
        assert_eq!(notices(&app), 0, "no code went out, so there is none to notify of");
        // A worker that is killed before it records the failure meets it again.
        reported(&app, no_whatsapp()).await;
        assert_eq!(links(&app).len(), 1, "{answer}");
        let grant = app.verify_link(&sent[0]).await.unwrap();
        assert_eq!(grant.proved_by(), ProofKind::Link);
        app.set(grant, NEW).await.unwrap();
        let status = app.reset.status(&asked.requester_token).await.unwrap().unwrap();
        assert_eq!(status.stage, Stage::Waiting, "what happens elsewhere is not shown (I5)");
        assert_eq!(by_phone(&app).state(), State::Closed(CloseReason::OtherResetWon));
    }
}

#[tokio::test]
async fn a_report_that_comes_later_is_answered_once() {
    for report in [no_whatsapp(), failed()] {
        let app = app(&contacts());
        ask_for_code(&app, PHONE).await;
        assert!(links(&app).is_empty());
        for _ in 0..3 {
            reported(&app, report.clone()).await;
        }
        assert_eq!(links(&app).len(), 1, "{report:?}");
        reported(&app, DeliveryReport::Delivered).await;
        assert_eq!(links(&app).len(), 1);
    }
}

#[tokio::test]
async fn a_message_that_arrives_is_followed_by_nothing() {
    let app = app(&contacts());
    ask_for_code(&app, PHONE).await;
    reported(&app, DeliveryReport::Delivered).await;
    assert!(links(&app).is_empty());
    assert_eq!(notices(&app), 1);
}

#[tokio::test]
async fn a_notice_that_fails_is_no_code_that_fails() {
    let app = app(&[Contact::phone(PHONE), Contact::phone(OTHER), Contact::email(EMAIL)]);
    ask_for_code(&app, PHONE).await;
    reported_of(&app, "code_requested", failed()).await;
    assert!(links(&app).is_empty());
    assert_eq!(app.details(AuditEvent::SendFailed), ["131049"], "it is on record");
}

#[tokio::test]
async fn nothing_follows_unless_the_application_chose_it() {
    let app = with(&contacts(), UndeliveredCodes::Nothing);
    app.phone.no_such_contact("131026");
    ask_for_code(&app, PHONE).await;
    ask_for_code(&app, PHONE).await;
    reported(&app, failed()).await;
    assert!(links(&app).is_empty());
    assert_eq!(notices(&app), 2);
}

/// The report may be late, and the requester may have the code all the same.
#[tokio::test]
async fn a_reset_that_was_proved_cancelled_or_is_over_gets_no_mail() {
    let proved = app(&contacts());
    let asked = ask_for_code(&proved, PHONE).await;
    let code = proved.phone.last().unwrap();
    drop(proved.verify_code(&asked.requester_token, code.code().unwrap()).await.unwrap());
    reported(&proved, failed()).await;
    assert!(links(&proved).is_empty(), "proved");

    let cancelled = app(&contacts());
    ask_for_code(&cancelled, PHONE).await;
    let notice = cancelled.mail.last().unwrap();
    cancelled.reset.cancel(&cancel(&notice)).await.unwrap();
    reported(&cancelled, failed()).await;
    assert!(links(&cancelled).is_empty(), "cancelled");

    let over = app(&contacts());
    ask_for_code(&over, PHONE).await;
    over.later(24 * 60);
    reported(&over, failed()).await;
    assert!(links(&over).is_empty(), "over");
}

#[tokio::test]
async fn a_code_that_could_not_be_sent_in_time_is_followed_by_the_mail_too() {
    let app = app(&contacts());
    // The code is over by then, so the worker gives it up at once.
    app.phone.later(Some(Duration::from_secs(20 * 60)));
    ask_for_code(&app, PHONE).await;
    assert!(app.details(AuditEvent::SendFailed)[0].starts_with("expired"));
    assert_eq!(links(&app).len(), 1);

    let late = self::app(&contacts());
    late.phone.later(None);
    ask_for_code(&late, PHONE).await;
    late.later(11);
    work(&late).await;
    assert!(links(&late).is_empty(), "the request is over");
}

#[tokio::test]
async fn another_number_is_still_the_next_for_codes() {
    let app = app(&[Contact::phone(PHONE), Contact::phone(OTHER), Contact::email(EMAIL)]);
    app.phone.no_such_contact("131026");
    ask_for_code(&app, PHONE).await;
    assert_eq!(links(&app).len(), 1, "for the code that did not arrive");
    ask_for_code(&app, PHONE).await;
    let codes = app.phone.delivered().into_iter().filter(|sent| sent.kind() == "code");
    assert_eq!(codes.map(|code| code.to.value().to_owned()).collect::<Vec<_>>(), [OTHER]);
    assert_eq!(links(&app).len(), 1);
}

/// Numbers of accounts without a mailbox, and of none, and of accounts that may not be reset.
#[tokio::test]
async fn without_a_mailbox_there_is_no_mail_and_nothing_outside_differs() {
    let mut seen = Vec::new();
    for (contacts, number) in [(&contacts()[..], PHONE), (&contacts()[..1], PHONE), (&contacts()[..], NONE)] {
        let app = app(contacts);
        app.phone.no_such_contact("131026");
        let asked = ask_for_code(&app, number).await;
        let status = app.reset.status(&asked.requester_token).await.unwrap().unwrap();
        seen.push(format!("{:?} {} {}", status.stage, status.shown_until, status.code_attempts_left));
        assert_eq!(links(&app).len(), usize::from(contacts.len() == 2 && number == PHONE), "{number} {contacts:?}");
    }
    assert!(seen.iter().all(|status| *status == seen[0]), "{seen:#?}");
}

#[tokio::test]
async fn a_number_that_was_removed_meanwhile_brings_no_mail() {
    let app = app(&contacts());
    ask_for_code(&app, PHONE).await;
    app.accounts.add_named("ani", user(&[Contact::email(EMAIL)]));
    reported(&app, failed()).await;
    assert!(links(&app).is_empty());
}

/// The mail takes a permit of its mailbox, so no number of requests sends more than that has.
#[tokio::test]
async fn mails_in_place_of_codes_are_capped_like_all_others() {
    let app = app(&contacts());
    for _ in 0..6 {
        app.phone.no_such_contact("131026");
        ask_for_code(&app, PHONE).await;
    }
    assert_eq!(links(&app).len(), 3, "the burst of a contact");
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
