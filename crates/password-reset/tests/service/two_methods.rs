//! The two proofs of a step-up come by two contacts, and the row says by which the first came, whatever becomes of the contacts
//! in between.

use async_trait::async_trait;
use password_reset::admin::AdminRequest;
use password_reset::flow::{AuditEvent, State};
use password_reset::ports::{AccountLock, AccountLocker, AdminDecision, Decision};
use password_reset::secret::{CancelToken, Code, LockToken, PartialGrantToken};
use password_reset::{
    CallingCode, Channel, Contact, ContactKind, Grant, Identifier, Limits, Locked, PartialGrant, PortError, Proof,
    ProofKind, Requested, ResetRequest, Stage, StepUp, VerifyError,
};
use password_reset_testkit::{RecordingNotifier, Sent};

use crate::support::{App, EMAIL, NEW, cancel, deciding, source};

const PHONE: &str = "+6281200000001";
const SAME_PHONE: &str = "+62 812-0000-0001";

/// The application locks the account with the login, which none of these tests has.
#[derive(Debug)]
struct Locks;

#[async_trait]
impl AccountLocker for Locks {
    async fn lock(&self, _: &AccountLock) -> Result<(), PortError> {
        Ok(())
    }
}

fn app(contacts: &[Contact]) -> App {
    let limits = Limits::default().message_burst(10);
    let policy = deciding(|_| Decision::StepUp(StepUp::Code), |_| AdminDecision::Allow);
    App::reaching(contacts, |builder| builder.risk_policy(policy).account_locker(Locks).limits(limits))
}

fn partial(outcome: Result<Grant, VerifyError>) -> PartialGrant {
    match outcome {
        Err(VerifyError::StepUpRequired(partial_grant)) => *partial_grant,
        other => panic!("{other:?}"),
    }
}

fn last(notifier: &RecordingNotifier, is: impl Fn(&Sent) -> bool) -> Sent {
    notifier.tried().into_iter().rfind(is).unwrap()
}

/// Asks while the mailbox is marked dead, so that the code goes to the phone.
async fn asked_by_phone(app: &App) -> (Requested, Sent) {
    mailbox_dies(app).await;
    let asked = app.ask().await;
    app.worker.run_once().await.unwrap();
    let sent = app.phone.last().unwrap();
    assert_eq!((sent.kind(), sent.to.kind()), ("code", ContactKind::Phone));
    (asked, sent)
}

/// A mail of another request comes back: there is no such mailbox.
async fn mailbox_dies(app: &App) {
    app.mail.no_such_contact("550 5.1.1");
    app.mailed_now().await;
    assert_eq!(app.details(AuditEvent::NoSuchContact).len(), 1);
}

/// The owner cancels the request whose mail came back, and the mailbox takes the notice of it.
async fn mailbox_works_again(app: &App) {
    let first = app.mail.tried().pop().unwrap();
    app.reset.cancel(&cancel(&first)).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert!(app.mail.delivered().iter().any(|sent| sent.kind() == "reset_cancelled"));
}

async fn step_up(app: &App, partial_grant: PartialGrant, sent: &Sent) -> Result<Grant, VerifyError> {
    let partial_grant = PartialGrantToken::parse(partial_grant.into_token().expose()).unwrap();
    let code = Code::parse(sent.code().unwrap()).unwrap();
    app.reset.verify(Proof::StepUpCode { partial_grant, code }).await
}

/// Sets a password with the second code, which a notifier sends.
async fn step_up_and_set(app: &App, partial_grant: PartialGrant, sent_by: &RecordingNotifier) {
    app.worker.run_once().await.unwrap();
    let code = last(sent_by, |sent| sent.kind() == "step_up_code");
    let grant = step_up(app, partial_grant, &code).await.unwrap();
    app.set(grant, NEW).await.unwrap();
    app.worker.run_once().await.unwrap();
}

/// The owner follows the lock link of the notice that a contact got last.
async fn lock_from(app: &App, notified: &RecordingNotifier) -> Locked {
    let notice = last(notified, |sent| sent.lock_secret().is_some());
    app.reset.lock(&LockToken::parse(notice.lock_secret().unwrap()).unwrap()).await.unwrap()
}

/// How many messages of a kind went to the mailbox, and to the phone.
fn counts(app: &App, kind: &str) -> (usize, usize) {
    let of = |sent: Vec<Sent>| sent.iter().filter(|sent| sent.kind() == kind).count();
    (of(app.mail.delivered()), of(app.phone.delivered()))
}

fn step_up_codes(app: &App) -> Vec<String> {
    let tried = app.mail.tried().into_iter().chain(app.phone.tried());
    tried.filter(|sent| sent.kind() == "step_up_code").map(|sent| sent.to.value().to_owned()).collect()
}

#[tokio::test]
async fn a_mailbox_that_works_again_does_not_send_both_proofs_to_the_phone() {
    let app = app(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
    let (asked, first) = asked_by_phone(&app).await;
    mailbox_works_again(&app).await;
    let partial_grant = partial(app.verify_code(&asked.requester_token, first.code().unwrap()).await);
    app.worker.run_once().await.unwrap();
    assert_eq!(step_up_codes(&app), [EMAIL]);
    let second = last(&app.mail, |sent| sent.kind() == "step_up_code");
    let grant = step_up(&app, partial_grant, &second).await.unwrap();
    assert_eq!((grant.proved_by(), grant.step_up()), (ProofKind::Code, Some(ProofKind::StepUpCode)));
}

#[tokio::test]
async fn a_mailbox_that_dies_behind_its_link_gets_no_second_proof_and_the_phone_does() {
    let app = app(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
    let (_, mail) = app.mailed().await;
    mailbox_dies(&app).await;
    drop(partial(app.verify_link(&mail).await));
    app.worker.run_once().await.unwrap();
    assert_eq!(step_up_codes(&app), [PHONE]);
}

/// Two spellings of one number are one phone, and two phones are one method.
#[tokio::test]
async fn the_same_number_in_another_spelling_is_no_second_method() {
    let app = app(&[Contact::phone(PHONE), Contact::phone(SAME_PHONE)]);
    let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
    let asked = app.reset.request(ResetRequest::whatsapp_code(phone, source())).await.unwrap();
    app.worker.run_once().await.unwrap();
    let first = app.phone.tried().into_iter().find(|sent| sent.kind() == "code").unwrap();
    let refused = app.verify_code(&asked.requester_token, first.code().unwrap()).await;
    assert!(matches!(refused, Err(VerifyError::Refused)));
    app.worker.run_once().await.unwrap();
    assert!(step_up_codes(&app).is_empty());
}

/// A message that is sent again goes where the row says that its code went, though the mailbox works again meanwhile.
#[tokio::test]
async fn a_message_that_is_tried_again_goes_to_the_same_contact() {
    let app = app(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
    mailbox_dies(&app).await;
    app.phone.later(None);
    app.mailed_now().await;
    mailbox_works_again(&app).await;
    app.later(1);
    app.worker.run_once().await.unwrap();
    let codes: Vec<_> = app.phone.tried().into_iter().filter(|sent| sent.kind() == "code").collect();
    assert_eq!(codes.len(), 2, "tried again at the phone");
    assert_eq!(codes[0].code(), codes[1].code());
    assert!(app.mail.delivered().iter().all(|sent| sent.code().is_none()), "and not at the mailbox");
}

/// Where the only other contact is dead, the right proof is refused in the same words as a wrong code, and what the browser
/// that asked sees is what it saw before.
#[tokio::test]
async fn a_dead_second_contact_does_not_show() {
    let app = app(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
    let (asked, first) = asked_by_phone(&app).await;
    let seen = async || {
        let status = app.reset.status(&asked.requester_token).await.unwrap().unwrap();
        format!("{:?} {}", status.stage, status.shown_until)
    };
    let before = seen().await;
    let right = app.verify_code(&asked.requester_token, first.code().unwrap()).await;
    let wrong = crate::support::wrong(first.code().unwrap());
    let wrong = app.verify_code(&asked.requester_token, &wrong).await;
    assert_eq!(format!("{right:?}"), format!("{wrong:?}"));
    assert_eq!(seen().await, before);
    assert!(step_up_codes(&app).is_empty());
    assert_eq!(app.details(AuditEvent::ProofRefused), ["no_step_up_contact"]);
    let states: Vec<_> = app.store.resets().unwrap().iter().map(|reset| reset.state()).collect();
    assert!(states.iter().all(|state| *state == State::CodeIssued), "{states:?}");
}

/// What the owner locks is the contact by which the attacker proved it, and what is offered instead is another.
#[tokio::test]
async fn a_lock_covers_the_phone_where_the_first_proof_went_there() {
    let app = app(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
    let (asked, first) = asked_by_phone(&app).await;
    mailbox_works_again(&app).await;
    step_up_and_set(&app, partial(app.verify_code(&asked.requester_token, first.code().unwrap()).await), &app.mail)
        .await;
    assert_eq!(counts(&app, "password_changed"), (1, 1), "every contact is notified, whatever the first proof was");
    assert_eq!(lock_from(&app, &app.mail).await.channels, [Channel::EmailLink]);
    assert_eq!(lock_from(&app, &app.phone).await.channels, [Channel::EmailLink], "and so again");
    app.worker.run_once().await.unwrap();
    assert_eq!(counts(&app, "account_locked"), (1, 1));
    let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
    app.reset.request(ResetRequest::whatsapp_code(phone, source())).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert_eq!(app.details(AuditEvent::Suppressed), ["locked"], "the phone gets nothing");
    drop(app.mailed().await);
}

/// Whether it comes before the first proof, before the second code is sent, or before that is typed.
#[tokio::test]
async fn a_lock_between_the_proofs_ends_the_reset() {
    for proofs_before in 0..3 {
        let app = app(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
        let (_, mail) = app.mailed().await;
        step_up_and_set(&app, partial(app.verify_link(&mail).await), &app.phone).await;
        let (asked, first) = asked_by_phone(&app).await;
        mailbox_works_again(&app).await;
        let codes_before = step_up_codes(&app).len();
        let verify = || app.verify_code(&asked.requester_token, first.code().unwrap());
        if proofs_before == 0 {
            assert_eq!(lock_from(&app, &app.phone).await.channels, [Channel::WhatsAppCode]);
            assert!(matches!(verify().await, Err(VerifyError::Refused)));
        } else {
            let partial_grant = partial(verify().await);
            if proofs_before == 2 {
                app.worker.run_once().await.unwrap();
            }
            lock_from(&app, &app.phone).await;
            app.worker.run_once().await.unwrap();
            if proofs_before == 2 {
                let code = last(&app.mail, |sent| sent.kind() == "step_up_code");
                assert!(matches!(step_up(&app, partial_grant, &code).await, Err(VerifyError::Refused)));
            }
        }
        app.worker.run_once().await.unwrap();
        let codes = step_up_codes(&app).len() - codes_before;
        assert_eq!(codes, usize::from(proofs_before == 2), "after {proofs_before}");
        assert!(app.signs_in_with(NEW));
    }
}

/// The owner says of the second code that they asked for none: both contacts learn of it.
#[tokio::test]
async fn a_reset_cancelled_between_the_proofs_is_no_secret_from_the_contact_of_the_first() {
    let app = app(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
    let (asked, first) = asked_by_phone(&app).await;
    mailbox_works_again(&app).await;
    let before = counts(&app, "reset_cancelled");
    let partial_grant = partial(app.verify_code(&asked.requester_token, first.code().unwrap()).await);
    app.worker.run_once().await.unwrap();
    let code = app.mail.last().unwrap();
    app.reset.cancel(&CancelToken::parse(code.cancel_secret().unwrap()).unwrap()).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert_eq!(counts(&app, "reset_cancelled"), (before.0 + 1, before.1 + 1));
    let notice = last(&app.phone, |sent| sent.kind() == "reset_cancelled");
    assert!(notice.cancel_secret().is_none(), "there is nothing left to cancel");
    assert!(matches!(step_up(&app, partial_grant, &code).await, Err(VerifyError::Refused)));
}

/// The notice of an administrator's link goes to every contact but the one that got the link, also once the mailbox, which
/// would have come first, works again.
#[tokio::test]
async fn a_live_notice_goes_to_every_contact_but_the_one_of_the_first_proof() {
    let app = app(&[Contact::email(EMAIL), Contact::email("ani@kantor.example"), Contact::phone(PHONE)]);
    for _mailbox in 0..2 {
        app.mail.no_such_contact("550 5.1.1");
        app.mailed_now().await;
    }
    let request = AdminRequest::new("budi", "7", "asked at the desk", source());
    app.mail.later(None);
    app.reset.admin().request(request).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert_eq!((counts(&app, "admin_link"), counts(&app, "admin_requested")), ((0, 1), (1, 0)));
    app.later(1);
    app.worker.run_once().await.unwrap();
    assert_eq!(counts(&app, "admin_requested"), (2, 0));
}

#[tokio::test]
async fn what_a_link_half_proves_elsewhere_is_not_shown_and_what_a_code_does_until_it_ends() {
    let app = app(&[Contact::email(EMAIL), Contact::phone(PHONE)]);
    let stage = async |asked: &Requested| app.reset.status(&asked.requester_token).await.unwrap().unwrap().stage;
    let elsewhere = app.ask().await;
    app.worker.run_once().await.unwrap();
    let _partial_grant = partial(app.verify_link(&app.mail.last().unwrap()).await);
    assert_eq!(stage(&elsewhere).await, Stage::Waiting);

    let here = app.ask().await;
    app.worker.run_once().await.unwrap();
    let mail = app.mail.last().unwrap();
    let _partial_grant = partial(app.verify_code(&here.requester_token, mail.code().unwrap()).await);
    assert_eq!(stage(&here).await, Stage::PartiallyProved);
    app.later(60);
    assert_eq!(stage(&here).await, Stage::Expired);
}
