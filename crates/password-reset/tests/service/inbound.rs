//! Messages that people send, in all three modes.

use std::sync::Arc;

use futures_util::FutureExt;
use password_reset::flow::{AuditEvent, Tasks};
use password_reset::inbound::{Assurance, InboundMessage, Received, Sender};
use password_reset::secret::{CancelToken, Code, RequesterToken};
use password_reset::{
    Account, AccountStatus, Builder, CallingCode, Channel, Contact, Identifier, Inbound, Lifetimes, Locale, Proof,
    RequestError, Requested, ResetRequest, Stage, VerifyError,
};
use password_reset_testkit::{Fault, Faults, FaultyStore, Log, Sent};
use tracing::Level;

use crate::support::{App, EMAIL, NEW, source};

mod codes;
mod senders;

const SERVICE: &str = "+6281100000000";
const PHONE: &str = "+6281200000001";
const OTHER_PHONE: &str = "+6281200000002";

fn app(inbound: Inbound) -> App {
    with(inbound, |builder| builder)
}

fn with(inbound: Inbound, change: impl FnOnce(Builder) -> Builder) -> App {
    App::reaching(&contacts(), |builder| change(builder.inbound(inbound)))
}

fn contacts() -> [Contact; 2] {
    [Contact::email(EMAIL), Contact::phone(PHONE)]
}

async fn ask_by_message(app: &App) -> Requested {
    let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
    app.reset.request(ResetRequest::whatsapp_inbound(phone, source())).await.unwrap()
}

fn message_of(app: &App, asked: &Requested, from: &str) -> InboundMessage {
    let text = asked.challenge.as_ref().unwrap().text(Locale::INDONESIAN);
    InboundMessage::new(Assurance::Signed, Sender::phone(from).unwrap(), app.clock_now(), text)
}

async fn send(app: &App, asked: &Requested, from: &str) -> Received {
    app.reset.receive(message_of(app, asked, from)).await.unwrap()
}

async fn stage(app: &App, asked: &Requested) -> Stage {
    app.reset.status(&asked.requester_token).await.unwrap().unwrap().stage
}

async fn claim(app: &App, requester_token: RequesterToken) -> Result<password_reset::Grant, VerifyError> {
    app.reset.verify(Proof::Claim(requester_token)).await
}

fn again(asked: &Requested) -> RequesterToken {
    RequesterToken::parse(asked.requester_token.expose()).unwrap()
}

fn page() -> Inbound {
    Inbound::page_advances(SERVICE).unwrap()
}

#[tokio::test]
async fn the_page_moves_on_by_itself() {
    let app = app(page());
    let asked = ask_by_message(&app).await;
    app.worker.run_once().await.unwrap();
    assert_eq!(stage(&app, &asked).await, Stage::Waiting);
    let status = app.reset.status(&asked.requester_token).await.unwrap().unwrap();
    let shown = (asked.challenge.as_ref().unwrap(), status.challenge.unwrap());
    assert_eq!((shown.0.code(), shown.0.number()), (shown.1.code(), SERVICE), "loading again shows the same");
    assert_eq!(status.channel, Channel::WhatsAppInbound(password_reset::InboundMode::PageAdvances));

    let bare = InboundMessage::new(
        Assurance::Signed,
        Sender::phone("6281200000001").unwrap(),
        app.clock_now(),
        shown.0.code().to_lowercase(),
    );
    assert_eq!(app.reset.receive(bare).await.unwrap(), Received::Proved);
    assert_eq!(stage(&app, &asked).await, Stage::Proved);
    let grant = claim(&app, again(&asked)).await.unwrap();
    assert_eq!(grant.identifier().as_str(), PHONE);
    assert!(
        matches!(claim(&app, again(&asked)).await, Err(VerifyError::Refused)),
        "the requester token is worth nothing more"
    );
    app.set(grant, NEW).await.unwrap();
    assert_eq!(stage(&app, &asked).await, Stage::Done);
    assert!(app.signs_in_with(NEW));
    assert!(app.phone.delivered().is_empty(), "no reply comes");
}

#[tokio::test]
async fn a_message_may_be_faster_than_the_worker() {
    let app = app(page());
    let asked = ask_by_message(&app).await;
    assert_eq!(send(&app, &asked, PHONE).await, Received::Proved);
    app.worker.run_once().await.unwrap();
    drop(claim(&app, asked.requester_token).await.unwrap());
}

#[tokio::test]
async fn a_message_that_comes_while_the_worker_issues_is_no_failure_and_costs_no_wait() {
    // Before each call of the worker in turn.
    for call in 1..=5 {
        let app = Arc::new(app(page()));
        let asked = Arc::new(ask_by_message(&app).await);
        let sends = {
            let (app, asked) = (Arc::clone(&app), Arc::clone(&asked));
            Arc::new(move || {
                let sent = send(&app, &asked, PHONE).now_or_never();
                assert_eq!(sent, Some(Received::Proved), "the stores are in memory");
            })
        };
        let faults = Faults::at(call, Fault::RunBefore(sends));
        let store = FaultyStore::new(Arc::clone(&app.store), &faults);
        let builder = app.builder_on(store).notifier(app.mail.clone()).notifier(app.phone.clone());
        let (_, worker) = builder.inbound(page()).build().unwrap();
        let (log, guard) = Log::of_this_thread(Level::WARN);
        worker.run_once().await.unwrap();
        drop(guard);
        assert_eq!(log.text(), "", "call {call}");
        let row = app.store.resets().unwrap().remove(0);
        assert!(faults.struck(), "call {call}");
        assert_eq!((row.tasks(), row.delivery_attempts()), (Tasks::NONE, 0), "call {call}: {:?}", faults.calls());
    }
}

#[tokio::test]
async fn a_worker_that_issues_while_a_message_is_read_costs_no_message() {
    let mut struck = 0;
    // Before each call of the service in turn.
    for call in 1..=6 {
        let app = Arc::new(app(page()));
        let asked = ask_by_message(&app).await;
        let works = {
            let app = Arc::clone(&app);
            Arc::new(move || {
                let looked = app.worker.run_once().now_or_never();
                looked.expect("the stores are in memory").unwrap();
            })
        };
        let faults = Faults::at(call, Fault::RunBefore(works));
        let store = FaultyStore::new(Arc::clone(&app.store), &faults);
        let builder = app.builder_on(store).notifier(app.mail.clone()).notifier(app.phone.clone());
        let (reset, _worker) = builder.inbound(page()).build().unwrap();
        let received = reset.receive(message_of(&app, &asked, PHONE)).await.unwrap();
        assert_eq!(received, Received::Proved, "call {call}: {:?}", faults.calls());
        struck += usize::from(faults.struck());
    }
    assert!(struck > 2, "{struck}");
}

#[tokio::test]
async fn only_the_number_that_was_typed_proves_it() {
    for inbound in [page(), Inbound::type_back(SERVICE).unwrap(), Inbound::continue_on_phone(SERVICE).unwrap()] {
        let app = app(inbound);
        let budi = Account::new("8", AccountStatus::Active).with_contact(Contact::phone(OTHER_PHONE));
        app.accounts.add_named("budi", budi);
        let asked = ask_by_message(&app).await;
        app.worker.run_once().await.unwrap();
        for from in [OTHER_PHONE, "+1200000001", "+81200000001", "+626281200000001"] {
            for _ in 0..50 {
                assert!(matches!(send(&app, &asked, from).await, Received::Ignored(_)), "{from}");
            }
        }
        assert_eq!(stage(&app, &asked).await, Stage::Waiting);
        assert!(matches!(send(&app, &asked, PHONE).await, Received::Proved | Received::MessageReceived));
    }
}

#[tokio::test]
async fn unknown_disabled_and_unconfirmed_numbers_show_what_others_show() {
    let app = app(page());
    app.accounts
        .add_named("budi", Account::new("8", AccountStatus::Disabled).with_contact(Contact::phone(OTHER_PHONE)));
    for phone in [OTHER_PHONE, "+6281200000009"] {
        let typed = Identifier::phone(phone, CallingCode::INDONESIA).unwrap();
        let asked = app.reset.request(ResetRequest::whatsapp_inbound(typed, source())).await.unwrap();
        assert!(asked.challenge.is_some());
        assert!(matches!(send(&app, &asked, phone).await, Received::Ignored(_)));
        app.worker.run_once().await.unwrap();
        assert!(matches!(send(&app, &asked, phone).await, Received::Ignored(_)));
        assert_eq!(stage(&app, &asked).await, Stage::Waiting);
        assert!(matches!(claim(&app, asked.requester_token).await, Err(VerifyError::Refused)));
    }
}

#[tokio::test]
async fn the_same_message_again_changes_nothing() {
    let app = app(page());
    let asked = ask_by_message(&app).await;
    let message = message_of(&app, &asked, PHONE);
    assert_eq!(app.reset.receive(message.clone()).await.unwrap(), Received::Proved);
    let rows = app.store.resets().unwrap();
    for _ in 0..16 {
        assert!(matches!(app.reset.receive(message.clone()).await.unwrap(), Received::Ignored(_)));
    }
    assert_eq!(app.store.resets().unwrap(), rows);
}

#[tokio::test]
async fn a_message_must_be_of_the_resets_time() {
    let app = app(page());
    let asked = ask_by_message(&app).await;
    let at = |millis: i64| app.clock_now() + chrono::TimeDelta::milliseconds(millis);
    for sent_at in [at(-60_001), at(60_001), at(-7 * 86_400_000)] {
        let text = asked.challenge.as_ref().unwrap().text(Locale::ENGLISH);
        let message = InboundMessage::new(Assurance::Signed, Sender::phone(PHONE).unwrap(), sent_at, text);
        assert!(matches!(app.reset.receive(message).await.unwrap(), Received::Ignored(_)), "{sent_at}");
    }
    let in_time = message_of(&app, &asked, PHONE);
    app.later(10);
    assert!(matches!(app.reset.receive(in_time).await.unwrap(), Received::Ignored(_)), "it came too late");
    assert_eq!(stage(&app, &asked).await, Stage::Expired);
}

#[tokio::test]
async fn forwarded_weak_and_bare_messages_are_refused() {
    let app = app(Inbound::type_back(SERVICE).unwrap());
    let asked = ask_by_message(&app).await;
    let text = asked.challenge.as_ref().unwrap().text(Locale::ENGLISH);
    let code = asked.challenge.as_ref().unwrap().code().to_owned();
    let sender = || Sender::phone(PHONE).unwrap();
    let now = app.clock_now();
    let message = |assurance, text: &str| InboundMessage::new(assurance, sender(), now, text);
    let receive = async |message| app.reset.receive(message).await.unwrap();
    assert!(matches!(receive(message(Assurance::Signed, &text).forwarded()).await, Received::Ignored("forwarded")));
    assert!(matches!(receive(message(Assurance::SharedSecret, &text)).await, Received::Ignored(_)));
    assert!(matches!(receive(message(Assurance::None, &text)).await, Received::Ignored(_)));
    assert_eq!(receive(message(Assurance::Signed, &code)).await, Received::NoCode);
    assert_eq!(receive(message(Assurance::Signed, "halo, apakah toko buka?")).await, Received::NoCode);
    assert_eq!(receive(message(Assurance::Signed, &text)).await, Received::MessageReceived);
}

#[tokio::test]
async fn a_weaker_provider_can_be_trusted_in_so_many_words() {
    let app = app(page().trusting(Assurance::SharedSecret));
    let asked = ask_by_message(&app).await;
    let code = asked.challenge.as_ref().unwrap().code();
    let message = |assurance| InboundMessage::new(assurance, Sender::phone(PHONE).unwrap(), app.clock_now(), code);
    assert!(matches!(app.reset.receive(message(Assurance::None)).await.unwrap(), Received::Ignored(_)));
    assert_eq!(app.reset.receive(message(Assurance::SharedSecret)).await.unwrap(), Received::Proved);
}

#[tokio::test]
async fn type_back_needs_the_code_of_the_reply_and_the_browser_that_asked() {
    let app = app(Inbound::type_back(SERVICE).unwrap());
    let asked = ask_by_message(&app).await;
    let other = ask_by_message(&app).await;
    assert_eq!(send(&app, &asked, PHONE).await, Received::MessageReceived);
    assert_eq!(stage(&app, &asked).await, Stage::MessageReceived);
    assert!(matches!(claim(&app, again(&asked)).await, Err(VerifyError::Refused)), "the message alone is not enough");
    app.worker.run_once().await.unwrap();
    let sent = app.phone.last().unwrap();
    assert_eq!((sent.kind(), &sent.to), ("reply_code", &Contact::phone(PHONE)));
    let code = sent.code().unwrap();
    assert_eq!(code.len(), 6);
    let typed =
        |asked: &Requested, code: &str| Proof::Code { requester_token: again(asked), code: Code::parse(code).unwrap() };
    assert!(app.reset.verify(typed(&other, code)).await.is_err(), "another browser's requester token");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert!(app.reset.verify(typed(&asked, wrong)).await.is_err());
    let grant = app.reset.verify(typed(&asked, code)).await.unwrap();
    assert_eq!(stage(&app, &asked).await, Stage::Proved);
    app.set(grant, NEW).await.unwrap();
}

#[tokio::test]
async fn a_reply_lives_from_its_message() {
    let app = app(Inbound::type_back(SERVICE).unwrap());
    let asked = ask_by_message(&app).await;
    app.later(9);
    assert_eq!(send(&app, &asked, PHONE).await, Received::MessageReceived);
    app.worker.run_once().await.unwrap();
    let sent = app.phone.last().unwrap();
    let code = sent.code().unwrap();
    app.later(9);
    assert_eq!(stage(&app, &asked).await, Stage::MessageReceived, "18 minutes after the request, 9 after the message");
    let proof = Proof::Code { requester_token: again(&asked), code: Code::parse(code).unwrap() };
    drop(app.reset.verify(proof).await.unwrap());

    let late = ask_by_message(&app).await;
    send(&app, &late, PHONE).await;
    app.worker.run_once().await.unwrap();
    let sent = app.phone.last().unwrap();
    let code = sent.code().unwrap();
    app.later(10);
    let proof = Proof::Code { requester_token: late.requester_token, code: Code::parse(code).unwrap() };
    assert!(app.reset.verify(proof).await.is_err(), "10 minutes and no more");
}

#[tokio::test]
async fn continue_on_phone_gives_the_browser_nothing() {
    let app = app(Inbound::continue_on_phone(SERVICE).unwrap());
    let asked = ask_by_message(&app).await;
    app.worker.run_once().await.unwrap();
    app.later(3);
    assert_eq!(send(&app, &asked, PHONE).await, Received::MessageReceived);
    app.worker.run_once().await.unwrap();
    let sent = app.phone.last().unwrap();
    assert_eq!(sent.kind(), "reply_link");
    assert_eq!(sent.lives, Some(Lifetimes::default().whatsapp), "from the message, however long ago the request was");
    assert!(matches!(claim(&app, again(&asked)).await, Err(VerifyError::Refused)));
    let grant = app.verify_link(&sent).await.unwrap();
    assert_eq!(stage(&app, &asked).await, Stage::MessageReceived, "what the phone does is not shown");
    app.set(grant, NEW).await.unwrap();
    assert_eq!(stage(&app, &asked).await, Stage::MessageReceived);
}

#[tokio::test]
async fn replies_to_a_number_are_capped() {
    let app = app(Inbound::type_back(SERVICE).unwrap());
    let mut answered = 0;
    for _ in 0..15 {
        let asked = ask_by_message(&app).await;
        answered += usize::from(send(&app, &asked, PHONE).await == Received::MessageReceived);
    }
    app.worker.run_once().await.unwrap();
    assert_eq!((answered, app.phone.delivered().len()), (10, 10));
    assert_eq!(app.details(AuditEvent::LimitHit), ["replies"; 5], "administrators see why none came");
}

/// One that stayed would keep the replies of an account that gets the id and the number later.
#[tokio::test]
async fn the_counter_of_replies_is_exported_and_erased() {
    let app = app(Inbound::type_back(SERVICE).unwrap());
    let account = "7".into();
    let counters = async || app.reset.admin().export(&account).await.unwrap().counters.len();
    let asked = ask_by_message(&app).await;
    let before = counters().await;
    assert_eq!(send(&app, &asked, PHONE).await, Received::MessageReceived);
    assert_eq!(counters().await, before + 1);
    app.reset.admin().erase(&account).await.unwrap();
    assert_eq!(counters().await, 0);
}

#[tokio::test]
async fn the_other_contacts_are_notified_of_a_proof_by_message_and_can_cancel_it() {
    let app = app(page());
    let asked = ask_by_message(&app).await;
    send(&app, &asked, PHONE).await;
    app.worker.run_once().await.unwrap();
    let notified = app.mail.last().unwrap();
    assert_eq!((notified.kind(), app.phone.delivered().len()), ("reset_proved", 0));
    let secret = notified.cancel().unwrap().split_once('#').unwrap().1.to_owned();
    app.reset.cancel(&CancelToken::parse(&secret).unwrap()).await.unwrap();
    assert!(matches!(claim(&app, again(&asked)).await, Err(VerifyError::Refused)));
    app.worker.run_once().await.unwrap();
    let notified: Vec<_> = app.mail.delivered().iter().map(Sent::kind).collect();
    assert_eq!(notified, ["reset_proved", "reset_cancelled"], "each told once");
    let number: Vec<_> = app.phone.delivered().iter().map(Sent::kind).collect();
    assert_eq!(number, ["reset_cancelled"]);
}

#[tokio::test]
async fn both_notices_reach_everybody_they_are_for() {
    let app = app(page());
    let asked = ask_by_message(&app).await;
    send(&app, &asked, PHONE).await;
    app.worker.run_once().await.unwrap();
    let grant = claim(&app, asked.requester_token).await.unwrap();
    app.set(grant, NEW).await.unwrap();
    app.worker.run_once().await.unwrap();
    let kinds: Vec<_> = app.mail.delivered().iter().map(|sent| sent.kind()).collect();
    assert_eq!(kinds, ["reset_proved", "password_changed"]);
    let kinds: Vec<_> = app.phone.delivered().iter().map(|sent| sent.kind()).collect();
    assert_eq!(kinds, ["password_changed"]);
}

#[tokio::test]
async fn what_is_not_set_up_cannot_be_asked_for() {
    let without = App::new();
    let phone = || Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
    let inbound = without.reset.request(ResetRequest::whatsapp_inbound(phone(), source())).await;
    assert!(matches!(inbound, Err(RequestError::ChannelOff)));
    let code = without.reset.request(ResetRequest::whatsapp_code(phone(), source())).await;
    assert!(matches!(code, Err(RequestError::ChannelOff)));
    let message =
        InboundMessage::new(Assurance::Signed, Sender::phone(PHONE).unwrap(), without.clock_now(), "kodeK7MX2Q");
    assert!(matches!(without.reset.receive(message).await.unwrap(), Received::Ignored(_)));

    let app = app(page());
    let name = Identifier::username("ani").unwrap();
    let asked = app.reset.request(ResetRequest::whatsapp_inbound(name, source())).await;
    assert!(matches!(asked, Err(RequestError::PhoneNeeded)));
    assert!(app.store.resets().unwrap().is_empty());
}
