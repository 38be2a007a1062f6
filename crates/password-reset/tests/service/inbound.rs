//! Messages that people send, in all three modes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::FutureExt;
use password_reset::flow::{AuditEvent, Tasks};
use password_reset::inbound::{Assurance, DeliveryReport, InboundMessage, Received, Sender};
use password_reset::ports::{AdminContext, AdminDecision, Clock, Decision, Opened, ProofContext, RiskPolicy};
use password_reset::secret::{CancelToken, Code};
use password_reset::{
    Account, AccountStatus, Builder, CallingCode, Channel, Contact, ContactKind, Identifier, Inbound, Locale,
    PasswordReset, PortError, Proof, RequestError, Requested, ResetRequest, Stage, VerifyError,
};
use password_reset_testkit::mocks::MockResetStore;
use password_reset_testkit::{
    FakeClock, Fault, Faults, FaultyStore, MemoryAccounts, MemoryStore, RecordingNotifier, Sent,
};
use tokio::sync::mpsc;
use tracing::Level;

use crate::limits::Log;
use crate::support::{App, CheapHasher, EMAIL, NEW, OLD, cancel, cheap_hash, cheap_pool, keys, site, source};

const SERVICE: &str = "+6281100000000";
const PHONE: &str = "+6281200000001";
const OTHER_PHONE: &str = "+6281200000002";

fn ani() -> Account {
    Account::new("7", AccountStatus::Active)
        .with_contact(Contact::email(EMAIL))
        .with_contact(Contact::phone(PHONE))
        .with_hash(cheap_hash(OLD, 1))
}

struct MessageReceived {
    app: App,
    phone: RecordingNotifier,
}

impl MessageReceived {
    fn new(inbound: Inbound) -> Self {
        Self::with(inbound, |builder| builder)
    }

    fn with(inbound: Inbound, change: impl FnOnce(Builder) -> Builder) -> Self {
        let phone = RecordingNotifier::reaching(ContactKind::Phone);
        let notifier = phone.clone();
        let app = App::with(MemoryStore::new(), |builder| change(builder.inbound(inbound).notifier(notifier)));
        app.accounts.add_named("ani", ani());
        Self { app, phone }
    }

    async fn ask(&self) -> Requested {
        let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
        self.app.reset.request(ResetRequest::whatsapp_inbound(phone, source())).await.unwrap()
    }

    fn message(&self, asked: &Requested, from: &str) -> InboundMessage {
        let text = asked.challenge.as_ref().unwrap().text(Locale::Indonesian);
        InboundMessage::new(Assurance::Signed, Sender::phone(from).unwrap(), self.app.clock_now(), text)
    }

    async fn send(&self, asked: &Requested, from: &str) -> Received {
        self.app.reset.receive(self.message(asked, from)).await.unwrap()
    }

    async fn stage(&self, asked: &Requested) -> Stage {
        self.app.reset.status(&asked.requester_token).await.unwrap().unwrap().stage
    }

    async fn claim(&self, asked: Requested) -> Result<password_reset::Grant, VerifyError> {
        self.app.reset.verify(Proof::Claim(asked.requester_token)).await
    }
}

fn again(asked: &Requested) -> Requested {
    let requester_token = password_reset::secret::RequesterToken::parse(&asked.requester_token.expose()).unwrap();
    Requested::new(requester_token, asked.shown_until, asked.challenge.clone())
}

fn page() -> Inbound {
    Inbound::page_advances(SERVICE).unwrap()
}

#[tokio::test]
async fn the_page_moves_on_by_itself() {
    let message_received = MessageReceived::new(page());
    let asked = message_received.ask().await;
    message_received.app.worker.run_once().await.unwrap();
    assert_eq!(message_received.stage(&asked).await, Stage::Waiting);
    let status = message_received.app.reset.status(&asked.requester_token).await.unwrap().unwrap();
    let shown = (asked.challenge.as_ref().unwrap(), status.challenge.unwrap());
    assert_eq!((shown.0.code(), shown.0.number()), (shown.1.code(), SERVICE), "loading again shows the same");
    assert_eq!(status.channel, Channel::WhatsAppInbound(password_reset::InboundMode::PageAdvances));

    let bare = InboundMessage::new(
        Assurance::Signed,
        Sender::phone("6281200000001").unwrap(),
        message_received.app.clock_now(),
        shown.0.code().to_lowercase(),
    );
    assert_eq!(message_received.app.reset.receive(bare).await.unwrap(), Received::Proved);
    assert_eq!(message_received.stage(&asked).await, Stage::Proved);
    let grant = message_received.claim(again(&asked)).await.unwrap();
    assert_eq!(grant.identifier().as_str(), PHONE);
    assert!(
        matches!(message_received.claim(again(&asked)).await, Err(VerifyError::Refused)),
        "the handle is worth nothing more"
    );
    message_received.app.set(grant, NEW).await.unwrap();
    assert_eq!(message_received.stage(&asked).await, Stage::Done);
    assert!(message_received.app.signs_in_with(NEW));
    assert!(message_received.phone.delivered().is_empty(), "no reply comes");
}

#[tokio::test]
async fn a_message_may_be_faster_than_the_worker() {
    let message_received = MessageReceived::new(page());
    let asked = message_received.ask().await;
    assert_eq!(message_received.send(&asked, PHONE).await, Received::Proved);
    message_received.app.worker.run_once().await.unwrap();
    drop(message_received.claim(asked).await.unwrap());
}

#[tokio::test]
async fn a_message_that_comes_while_the_worker_issues_is_no_failure_and_costs_no_wait() {
    // Before each call of the worker in turn.
    for call in 1..=5 {
        let message_received = Arc::new(MessageReceived::new(page()));
        let asked = Arc::new(message_received.ask().await);
        let sends = {
            let (message_received, asked) = (Arc::clone(&message_received), Arc::clone(&asked));
            Arc::new(move || {
                let sent = message_received.send(&asked, PHONE).now_or_never();
                assert_eq!(sent, Some(Received::Proved), "the stores are in memory");
            })
        };
        let faults = Faults::at(call, Fault::RunBefore(sends));
        let app = &message_received.app;
        let store = FaultyStore::new(Arc::<MemoryStore>::clone(&app.store), &faults);
        let (_, worker) = PasswordReset::builder(app.accounts.clone(), store, keys(), site())
            .notifier(app.mail.clone())
            .notifier(message_received.phone.clone())
            .inbound(page())
            .clock(app.clock.clone())
            .hash_pool(app.reset.hash_pool().clone())
            .build()
            .unwrap();
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().with_max_level(Level::WARN).with_writer(log.clone()).finish();
        let guard = tracing::subscriber::set_default(subscriber);
        worker.run_once().await.unwrap();
        drop(guard);
        assert_eq!(String::from_utf8(log.0.lock().unwrap().clone()).unwrap(), "", "call {call}");
        let row = app.store.resets().unwrap().remove(0);
        assert!(faults.struck(), "call {call}");
        assert_eq!((row.tasks(), row.delivery_attempts()), (Tasks::NONE, 0), "call {call}: {:?}", faults.calls());
    }
}

#[tokio::test]
async fn only_the_number_that_was_typed_proves_it() {
    for inbound in [page(), Inbound::type_back(SERVICE).unwrap(), Inbound::continue_on_phone(SERVICE).unwrap()] {
        let message_received = MessageReceived::new(inbound);
        let budi = Account::new("8", AccountStatus::Active).with_contact(Contact::phone(OTHER_PHONE));
        message_received.app.accounts.add_named("budi", budi);
        let asked = message_received.ask().await;
        message_received.app.worker.run_once().await.unwrap();
        for from in [OTHER_PHONE, "+1200000001", "+81200000001", "+626281200000001"] {
            for _ in 0..50 {
                assert!(matches!(message_received.send(&asked, from).await, Received::Ignored(_)), "{from}");
            }
        }
        assert_eq!(message_received.stage(&asked).await, Stage::Waiting);
        assert!(matches!(message_received.send(&asked, PHONE).await, Received::Proved | Received::MessageReceived));
    }
}

#[tokio::test]
async fn unknown_disabled_and_unconfirmed_numbers_show_what_others_show() {
    let message_received = MessageReceived::new(page());
    message_received
        .app
        .accounts
        .add_named("budi", Account::new("8", AccountStatus::Disabled).with_contact(Contact::phone(OTHER_PHONE)));
    for phone in [OTHER_PHONE, "+6281200000009"] {
        let typed = Identifier::phone(phone, CallingCode::INDONESIA).unwrap();
        let asked = message_received.app.reset.request(ResetRequest::whatsapp_inbound(typed, source())).await.unwrap();
        assert!(asked.challenge.is_some());
        assert!(matches!(message_received.send(&asked, phone).await, Received::Ignored(_)));
        message_received.app.worker.run_once().await.unwrap();
        assert!(matches!(message_received.send(&asked, phone).await, Received::Ignored(_)));
        assert_eq!(message_received.stage(&asked).await, Stage::Waiting);
        assert!(matches!(message_received.claim(asked).await, Err(VerifyError::Refused)));
    }
}

#[tokio::test]
async fn the_same_message_again_changes_nothing() {
    let message_received = MessageReceived::new(page());
    let asked = message_received.ask().await;
    let message = message_received.message(&asked, PHONE);
    assert_eq!(message_received.app.reset.receive(message.clone()).await.unwrap(), Received::Proved);
    let rows = message_received.app.store.resets().unwrap();
    for _ in 0..16 {
        assert!(matches!(message_received.app.reset.receive(message.clone()).await.unwrap(), Received::Ignored(_)));
    }
    assert_eq!(message_received.app.store.resets().unwrap(), rows);
}

#[tokio::test]
async fn a_message_must_be_of_the_resets_time() {
    let message_received = MessageReceived::new(page());
    let asked = message_received.ask().await;
    let at = |millis: i64| message_received.app.clock_now() + chrono::TimeDelta::milliseconds(millis);
    for sent_at in [at(-60_001), at(60_001), at(-7 * 86_400_000)] {
        let text = asked.challenge.as_ref().unwrap().text(Locale::English);
        let message = InboundMessage::new(Assurance::Signed, Sender::phone(PHONE).unwrap(), sent_at, text);
        assert!(
            matches!(message_received.app.reset.receive(message).await.unwrap(), Received::Ignored(_)),
            "{sent_at}"
        );
    }
    let in_time = message_received.message(&asked, PHONE);
    message_received.app.later(10);
    assert!(
        matches!(message_received.app.reset.receive(in_time).await.unwrap(), Received::Ignored(_)),
        "it came too late"
    );
    assert_eq!(message_received.stage(&asked).await, Stage::Expired);
}

#[tokio::test]
async fn forwarded_weak_and_bare_messages_are_refused() {
    let message_received = MessageReceived::new(Inbound::type_back(SERVICE).unwrap());
    let asked = message_received.ask().await;
    let text = asked.challenge.as_ref().unwrap().text(Locale::English);
    let code = asked.challenge.as_ref().unwrap().code().to_owned();
    let sender = || Sender::phone(PHONE).unwrap();
    let now = message_received.app.clock_now();
    let message = |assurance, text: &str| InboundMessage::new(assurance, sender(), now, text);
    let receive = async |message| message_received.app.reset.receive(message).await.unwrap();
    assert!(matches!(receive(message(Assurance::Signed, &text).forwarded()).await, Received::Ignored("forwarded")));
    assert!(matches!(receive(message(Assurance::SharedSecret, &text)).await, Received::Ignored(_)));
    assert!(matches!(receive(message(Assurance::None, &text)).await, Received::Ignored(_)));
    assert_eq!(receive(message(Assurance::Signed, &code)).await, Received::NoCode);
    assert_eq!(receive(message(Assurance::Signed, "halo, apakah toko buka?")).await, Received::NoCode);
    assert_eq!(receive(message(Assurance::Signed, &text)).await, Received::MessageReceived);
}

#[tokio::test]
async fn a_weaker_provider_can_be_trusted_in_so_many_words() {
    let message_received = MessageReceived::new(page().trusting(Assurance::SharedSecret));
    let asked = message_received.ask().await;
    let code = asked.challenge.as_ref().unwrap().code();
    let message = |assurance| {
        InboundMessage::new(assurance, Sender::phone(PHONE).unwrap(), message_received.app.clock_now(), code)
    };
    assert!(matches!(
        message_received.app.reset.receive(message(Assurance::None)).await.unwrap(),
        Received::Ignored(_)
    ));
    assert_eq!(message_received.app.reset.receive(message(Assurance::SharedSecret)).await.unwrap(), Received::Proved);
}

#[tokio::test]
async fn type_back_needs_the_code_of_the_reply_and_the_browser_that_asked() {
    let message_received = MessageReceived::new(Inbound::type_back(SERVICE).unwrap());
    let asked = message_received.ask().await;
    let other = message_received.ask().await;
    assert_eq!(message_received.send(&asked, PHONE).await, Received::MessageReceived);
    assert_eq!(message_received.stage(&asked).await, Stage::MessageReceived);
    assert!(
        matches!(message_received.claim(again(&asked)).await, Err(VerifyError::Refused)),
        "the message alone is not enough"
    );
    message_received.app.worker.run_once().await.unwrap();
    let sent = message_received.phone.last().unwrap();
    assert_eq!((sent.kind(), &sent.to), ("reply_code", &Contact::phone(PHONE)));
    let code = sent.code().unwrap();
    assert_eq!(code.len(), 6);
    let typed = |asked: &Requested, code: &str| Proof::Code {
        requester_token: again(asked).requester_token,
        code: Code::parse(code).unwrap(),
    };
    assert!(message_received.app.reset.verify(typed(&other, code)).await.is_err(), "another browser's handle");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert!(message_received.app.reset.verify(typed(&asked, wrong)).await.is_err());
    let grant = message_received.app.reset.verify(typed(&asked, code)).await.unwrap();
    assert_eq!(message_received.stage(&asked).await, Stage::Proved);
    message_received.app.set(grant, NEW).await.unwrap();
}

#[tokio::test]
async fn a_reply_lives_from_its_message() {
    let message_received = MessageReceived::new(Inbound::type_back(SERVICE).unwrap());
    let asked = message_received.ask().await;
    message_received.app.later(9);
    assert_eq!(message_received.send(&asked, PHONE).await, Received::MessageReceived);
    message_received.app.worker.run_once().await.unwrap();
    let sent = message_received.phone.last().unwrap();
    let code = sent.code().unwrap();
    message_received.app.later(9);
    assert_eq!(
        message_received.stage(&asked).await,
        Stage::MessageReceived,
        "18 minutes after the request, 9 after the message"
    );
    let proof = Proof::Code { requester_token: again(&asked).requester_token, code: Code::parse(code).unwrap() };
    drop(message_received.app.reset.verify(proof).await.unwrap());

    let late = message_received.ask().await;
    message_received.send(&late, PHONE).await;
    message_received.app.worker.run_once().await.unwrap();
    let sent = message_received.phone.last().unwrap();
    let code = sent.code().unwrap();
    message_received.app.later(10);
    let proof = Proof::Code { requester_token: late.requester_token, code: Code::parse(code).unwrap() };
    assert!(message_received.app.reset.verify(proof).await.is_err(), "10 minutes and no more");
}

#[tokio::test]
async fn continue_on_phone_gives_the_browser_nothing() {
    let message_received = MessageReceived::new(Inbound::continue_on_phone(SERVICE).unwrap());
    let asked = message_received.ask().await;
    assert_eq!(message_received.send(&asked, PHONE).await, Received::MessageReceived);
    message_received.app.worker.run_once().await.unwrap();
    let sent = message_received.phone.last().unwrap();
    assert_eq!(sent.kind(), "reply_link");
    assert!(matches!(message_received.claim(again(&asked)).await, Err(VerifyError::Refused)));
    let grant = message_received.app.verify_link(&sent).await.unwrap();
    assert_eq!(message_received.stage(&asked).await, Stage::MessageReceived, "what the phone does is not shown");
    message_received.app.set(grant, NEW).await.unwrap();
    assert_eq!(message_received.stage(&asked).await, Stage::MessageReceived);
}

#[tokio::test]
async fn replies_to_a_number_are_capped() {
    let message_received = MessageReceived::new(Inbound::type_back(SERVICE).unwrap());
    let mut answered = 0;
    for _ in 0..15 {
        let asked = message_received.ask().await;
        answered += usize::from(message_received.send(&asked, PHONE).await == Received::MessageReceived);
    }
    message_received.app.worker.run_once().await.unwrap();
    assert_eq!((answered, message_received.phone.delivered().len()), (10, 10));
    assert_eq!(message_received.app.details(AuditEvent::LimitHit), ["replies"; 5], "administrators see why none came");
}

#[tokio::test]
async fn the_other_contacts_are_notified_of_a_proof_by_message_and_can_cancel_it() {
    let message_received = MessageReceived::new(page());
    let asked = message_received.ask().await;
    message_received.send(&asked, PHONE).await;
    message_received.app.worker.run_once().await.unwrap();
    let notified = message_received.app.mail.last().unwrap();
    assert_eq!((notified.kind(), message_received.phone.delivered().len()), ("reset_proved", 0));
    let secret = notified.cancel().unwrap().split_once('#').unwrap().1.to_owned();
    message_received.app.reset.cancel(&CancelToken::parse(&secret).unwrap()).await.unwrap();
    assert!(matches!(message_received.claim(again(&asked)).await, Err(VerifyError::Refused)));
    message_received.app.worker.run_once().await.unwrap();
    let notified: Vec<_> = message_received.app.mail.delivered().iter().map(Sent::kind).collect();
    assert_eq!(notified, ["reset_proved", "reset_cancelled"], "each told once");
    let number: Vec<_> = message_received.phone.delivered().iter().map(Sent::kind).collect();
    assert_eq!(number, ["reset_cancelled"]);
}

#[tokio::test]
async fn both_notices_reach_everybody_they_are_for() {
    let message_received = MessageReceived::new(page());
    let asked = message_received.ask().await;
    message_received.send(&asked, PHONE).await;
    message_received.app.worker.run_once().await.unwrap();
    let grant = message_received.claim(asked).await.unwrap();
    message_received.app.set(grant, NEW).await.unwrap();
    message_received.app.worker.run_once().await.unwrap();
    let kinds: Vec<_> = message_received.app.mail.delivered().iter().map(|sent| sent.kind()).collect();
    assert_eq!(kinds, ["reset_proved", "password_changed"]);
    let kinds: Vec<_> = message_received.phone.delivered().iter().map(|sent| sent.kind()).collect();
    assert_eq!(kinds, ["password_changed"]);
}

#[tokio::test]
async fn a_withheld_number_is_known_from_an_earlier_message() {
    let message_received = MessageReceived::new(page());
    let text = |asked: &Requested| asked.challenge.as_ref().unwrap().code().to_owned();
    let signed =
        |sender, text: String| InboundMessage::new(Assurance::Signed, sender, message_received.app.clock_now(), text);
    let receive = async |message| message_received.app.reset.receive(message).await.unwrap();
    let id = "ID.13491208650000000001";

    let first = message_received.ask().await;
    let withheld = signed(Sender::id(id).unwrap(), text(&first));
    assert!(matches!(receive(withheld.clone()).await, Received::Ignored(_)), "never seen with a number");
    let both = Sender::phone_and_id(PHONE, id).unwrap();
    assert_eq!(receive(signed(both, text(&first))).await, Received::Proved);

    let second = message_received.ask().await;
    let stranger = signed(Sender::id("ID.9").unwrap(), text(&second));
    assert!(matches!(receive(stranger).await, Received::Ignored(_)));
    let other_user = signed(Sender::phone_and_id(PHONE, "ID.9").unwrap(), text(&second));
    assert!(matches!(receive(other_user).await, Received::Ignored(_)), "the number has another user");
    assert_eq!(receive(signed(Sender::id(id).unwrap(), text(&second))).await, Received::Proved);

    message_received.app.reset.forget_sender(&Sender::id(id).unwrap()).await.unwrap();
    let third = message_received.ask().await;
    assert!(matches!(receive(signed(Sender::id(id).unwrap(), text(&third))).await, Received::Ignored(_)), "forgotten");
}

#[tokio::test]
async fn a_number_can_report_its_resets_and_no_others() {
    let message_received = MessageReceived::new(page());
    let asked = message_received.ask().await;
    let (_, mail) = message_received.app.mailed().await;
    message_received.send(&asked, PHONE).await;
    message_received
        .app
        .reset
        .report(&Sender::phone(OTHER_PHONE).unwrap(), message_received.app.clock_now())
        .await
        .unwrap();
    assert_eq!(message_received.stage(&asked).await, Stage::Proved);
    message_received.app.reset.report(&Sender::phone(PHONE).unwrap(), message_received.app.clock_now()).await.unwrap();
    assert!(matches!(message_received.claim(asked).await, Err(VerifyError::Refused)));
    drop(message_received.app.verify_link(&mail).await.unwrap());
}

#[tokio::test]
async fn what_is_said_late_closes_what_was_asked_for_before_and_nothing_after() {
    let message_received = MessageReceived::new(page());
    let before = message_received.ask().await;
    message_received.send(&before, PHONE).await;
    let said_at = message_received.app.clock_now();
    message_received.app.later(2);
    let after = message_received.ask().await;
    message_received.send(&after, PHONE).await;
    let sender = Sender::phone(PHONE).unwrap();
    for _ in 0..2 {
        message_received.app.reset.report(&sender, said_at).await.unwrap();
    }
    assert!(matches!(message_received.claim(before).await, Err(VerifyError::Refused)));
    drop(message_received.claim(after).await.unwrap());
}

#[tokio::test]
async fn who_did_not_ask_is_still_known_and_the_next_owner_of_the_number_is_refused() {
    let message_received = MessageReceived::new(page());
    let (id, other) = ("ID.13491208650000000001", "ID.24817305910000000002");
    let by = async |sender: Sender| {
        let asked = message_received.ask().await;
        let code = asked.challenge.as_ref().unwrap().code();
        message_received
            .app
            .reset
            .receive(InboundMessage::new(Assurance::Signed, sender, message_received.app.clock_now(), code))
            .await
            .unwrap()
    };
    let number_of = |id: &str| Sender::phone_and_id(PHONE, id).unwrap();
    assert_eq!(by(number_of(id)).await, Received::Proved);
    // Strangers who ask for codes can make the owner say so.
    message_received.app.reset.report(&number_of(id), message_received.app.clock_now()).await.unwrap();
    assert_eq!(by(Sender::id(id).unwrap()).await, Received::Proved);
    assert!(matches!(by(number_of(other)).await, Received::Ignored(_)));
    // The application asks the owner to confirm the number again.
    message_received.app.reset.forget_sender(&Sender::phone(PHONE).unwrap()).await.unwrap();
    assert!(matches!(by(Sender::id(id).unwrap()).await, Received::Ignored(_)));
    assert_eq!(by(number_of(other)).await, Received::Proved);
}

#[tokio::test]
async fn only_signed_messages_teach_who_a_sender_is() {
    let message_received = MessageReceived::new(page().trusting(Assurance::None));
    let id = "ID.13491208650000000001";
    let by = async |assurance, sender: Sender| {
        let asked = message_received.ask().await;
        let code = asked.challenge.as_ref().unwrap().code();
        message_received
            .app
            .reset
            .receive(InboundMessage::new(assurance, sender, message_received.app.clock_now(), code))
            .await
            .unwrap()
    };
    let both = || Sender::phone_and_id(PHONE, id).unwrap();
    for weak in [Assurance::None, Assurance::SharedSecret] {
        assert_eq!(by(weak, both()).await, Received::Proved);
        assert!(matches!(by(Assurance::Signed, Sender::id(id).unwrap()).await, Received::Ignored(_)), "{weak:?}");
    }
    assert_eq!(by(Assurance::Signed, both()).await, Received::Proved);
    assert_eq!(by(Assurance::Signed, Sender::id(id).unwrap()).await, Received::Proved);
}

#[tokio::test]
async fn a_number_that_came_to_another_account_begins_anew_there() {
    let message_received = MessageReceived::new(page());
    let (old, new) = ("ID.13491208650000000001", "ID.24817305910000000002");
    let by = async |sender: Sender| {
        let asked = message_received.ask().await;
        let code = asked.challenge.as_ref().unwrap().code();
        message_received
            .app
            .reset
            .receive(InboundMessage::new(Assurance::Signed, sender, message_received.app.clock_now(), code))
            .await
            .unwrap()
    };
    assert_eq!(by(Sender::phone_and_id(PHONE, old).unwrap()).await, Received::Proved);
    message_received
        .app
        .accounts
        .add_named("ani", Account::new("7", AccountStatus::Active).with_contact(Contact::email(EMAIL)));
    message_received
        .app
        .accounts
        .add_named("citra", Account::new("9", AccountStatus::Active).with_contact(Contact::phone(PHONE)));
    assert!(matches!(by(Sender::id(old).unwrap()).await, Received::Ignored(_)), "who had the number before");
    assert_eq!(by(Sender::phone(PHONE).unwrap()).await, Received::Proved);
    assert!(matches!(by(Sender::id(old).unwrap()).await, Received::Ignored(_)), "and it is not remembered");
    assert_eq!(by(Sender::phone_and_id(PHONE, new).unwrap()).await, Received::Proved);
    assert_eq!(by(Sender::id(new).unwrap()).await, Received::Proved);
}

/// Refuses numbers that were silent for a year, and says what it was told.
#[derive(Debug)]
struct RefusesSilentNumbers(mpsc::UnboundedSender<Option<chrono::DateTime<chrono::Utc>>>, FakeClock);

#[async_trait]
impl RiskPolicy for RefusesSilentNumbers {
    async fn assess(&self, context: &ProofContext) -> Result<Decision, PortError> {
        self.0.send(context.last_received).unwrap();
        let year_ago = self.1.now() - chrono::TimeDelta::days(365);
        Ok(if context.last_received.is_some_and(|at| at < year_ago) { Decision::Deny } else { Decision::Allow })
    }

    async fn authorize_admin(&self, _: &AdminContext) -> Result<AdminDecision, PortError> {
        Ok(AdminDecision::Deny)
    }
}

#[tokio::test]
async fn the_risk_policy_knows_how_long_a_number_was_silent() {
    let (notified, mut risk_policy) = mpsc::unbounded_channel();
    let clock = FakeClock::default();
    let (ours, theirs) = (clock.clone(), clock.clone());
    let message_received = MessageReceived::with(page(), |builder| {
        builder.clock(ours).risk_policy(RefusesSilentNumbers(notified, theirs))
    });
    let mut last = None;
    for (days, expected) in [(0, true), (1, true), (364, true), (366, false), (1, false)] {
        clock.advance(std::time::Duration::from_secs(days * 86_400));
        let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
        let asked = message_received.app.reset.request(ResetRequest::whatsapp_inbound(phone, source())).await.unwrap();
        let code = asked.challenge.as_ref().unwrap().code();
        let message = InboundMessage::new(Assurance::Signed, Sender::phone(PHONE).unwrap(), clock.now(), code);
        let received = message_received.app.reset.receive(message).await.unwrap();
        assert_eq!(received == Received::Proved, expected, "{days}");
        assert_eq!(risk_policy.recv().await.unwrap(), last);
        if expected {
            last = Some(clock.now());
        }
    }
}

#[derive(Debug)]
struct RefusesNewPhones;

#[async_trait]
impl RiskPolicy for RefusesNewPhones {
    async fn assess(&self, context: &ProofContext) -> Result<Decision, PortError> {
        Ok(if context.identity_changed { Decision::Deny } else { Decision::Allow })
    }

    async fn authorize_admin(&self, _: &AdminContext) -> Result<AdminDecision, PortError> {
        Ok(AdminDecision::Deny)
    }
}

#[tokio::test]
async fn the_risk_policy_knows_of_another_phone_behind_the_number() {
    let message_received = MessageReceived::with(page(), |builder| builder.risk_policy(Arc::new(RefusesNewPhones)));
    for (hash, expected) in [(Some("a"), true), (Some("a"), true), (None, true), (Some("b"), false), (Some("a"), true)]
    {
        let asked = message_received.ask().await;
        let message = message_received.message(&asked, PHONE);
        let message = match hash {
            Some(hash) => message.with_identity(hash),
            None => message,
        };
        let received = message_received.app.reset.receive(message).await.unwrap();
        assert_eq!(received == Received::Proved, expected, "{hash:?}");
    }
    assert_eq!(message_received.app.details(AuditEvent::ProofRefused), ["message"]);
}

#[tokio::test]
async fn a_change_of_the_account_makes_messages_worthless() {
    let message_received = MessageReceived::new(page());
    let asked = message_received.ask().await;
    message_received.app.worker.run_once().await.unwrap();
    message_received.app.accounts.add_named("ani", ani().with_hash(cheap_hash("changed elsewhere", 9)));
    assert!(matches!(message_received.send(&asked, PHONE).await, Received::Ignored(_)));
    assert_eq!(message_received.stage(&asked).await, Stage::Waiting);
}

#[tokio::test]
async fn a_code_by_whatsapp_is_typed_on_the_page_that_asked() {
    let message_received = MessageReceived::new(page());
    let phone = Identifier::phone("0812-0000-0001", CallingCode::INDONESIA).unwrap();
    let asked = message_received.app.reset.request(ResetRequest::whatsapp_code(phone, source())).await.unwrap();
    message_received.app.worker.run_once().await.unwrap();
    let sent = message_received.phone.last().unwrap();
    assert_eq!((sent.kind(), sent.code().unwrap().len()), ("code", 8));
    let proof = Proof::Code {
        requester_token: again(&asked).requester_token,
        code: Code::parse(sent.code().unwrap()).unwrap(),
    };
    drop(message_received.app.reset.verify(proof).await.unwrap());
    let reset = message_received.app.store.resets().unwrap().pop().unwrap();
    message_received.app.reset.report_delivery(reset.id(), DeliveryReport::Delivered).await.unwrap();
    let failed = DeliveryReport::Failed { why: "131026\r\n\u{202e}".to_owned() };
    message_received.app.reset.report_delivery(reset.id(), failed).await.unwrap();
    assert!(message_received.app.events().contains(&AuditEvent::Arrived));
    assert_eq!(message_received.app.details(AuditEvent::SendFailed), ["131026"]);
}

/// WhatsApp's template for codes has a fixed text, which does not say what a code is for (R138).
#[tokio::test]
async fn the_other_contacts_are_notified_of_a_code_by_whatsapp() {
    let message_received = MessageReceived::new(page());
    let ask = async |number: &str| {
        let number = Identifier::phone(number, CallingCode::INDONESIA).unwrap();
        let asked = message_received.app.reset.request(ResetRequest::whatsapp_code(number, source())).await.unwrap();
        message_received.app.worker.run_once().await.unwrap();
        asked
    };
    ask("+6281200000099").await;
    assert!(message_received.app.mail.tried().is_empty(), "a number that nobody has");
    let asked = ask(PHONE).await;
    let code = message_received.phone.last().unwrap();
    let notice = message_received.app.mail.last().unwrap();
    assert_eq!((notice.kind(), notice.to.value(), notice.code()), ("code_requested", EMAIL, None));
    assert!(message_received.phone.tried().iter().all(|sent| sent.kind() == "code"), "the number has the code");
    message_received.app.worker.run_once().await.unwrap();
    assert_eq!(message_received.app.mail.tried().len(), 1, "once");
    message_received.app.reset.cancel(&cancel(&notice)).await.unwrap();
    let proof = Proof::Code {
        requester_token: again(&asked).requester_token,
        code: Code::parse(code.code().unwrap()).unwrap(),
    };
    assert!(message_received.app.reset.verify(proof).await.is_err(), "and it can be cancelled there");
    // As many notices as codes, and no more: strangers decide how often they ask.
    for _ in 0..10 {
        ask(PHONE).await;
    }
    let of = |sent: &[Sent], kind: &str| sent.iter().filter(|sent| sent.kind() == kind).count();
    let codes = of(&message_received.phone.tried(), "code");
    assert_eq!((of(&message_received.app.mail.tried(), "code_requested"), codes), (codes, 3));
}

#[tokio::test]
async fn no_code_is_sent_that_has_expired() {
    let message_received = MessageReceived::new(page());
    let phone = || Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
    // The last of them would have a link that lives for hours, if there were one.
    for _ in 0..3 {
        message_received.phone.later(Some(std::time::Duration::from_secs(60 * 60)));
        message_received.app.reset.request(ResetRequest::whatsapp_code(phone(), source())).await.unwrap();
        message_received.app.worker.run_once().await.unwrap();
    }
    assert_eq!(message_received.phone.tried().len(), 3);
    message_received.app.later(10);
    message_received.app.worker.run_once().await.unwrap();
    assert_eq!(message_received.phone.tried().len(), 3, "nothing more");
    assert_eq!(message_received.app.details(AuditEvent::SendFailed), ["expired"; 3]);
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
            .hash_pool(cheap_pool(CheapHasher::default()))
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

#[tokio::test]
async fn what_is_not_set_up_cannot_be_asked_for() {
    let app = App::new();
    let phone = || Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
    let inbound = app.reset.request(ResetRequest::whatsapp_inbound(phone(), source())).await;
    assert!(matches!(inbound, Err(RequestError::ChannelOff)));
    let code = app.reset.request(ResetRequest::whatsapp_code(phone(), source())).await;
    assert!(matches!(code, Err(RequestError::ChannelOff)));
    let message = InboundMessage::new(Assurance::Signed, Sender::phone(PHONE).unwrap(), app.clock_now(), "kodeK7MX2Q");
    assert!(matches!(app.reset.receive(message).await.unwrap(), Received::Ignored(_)));

    let message_received = MessageReceived::new(page());
    let name = Identifier::username("ani").unwrap();
    let asked = message_received.app.reset.request(ResetRequest::whatsapp_inbound(name, source())).await;
    assert!(matches!(asked, Err(RequestError::PhoneNeeded)));
    assert!(message_received.app.store.resets().unwrap().is_empty());
}
