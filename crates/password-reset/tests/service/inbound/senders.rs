//! What is known of senders from their earlier messages.

use std::sync::{Arc, Mutex};

use password_reset::flow::{AuditEvent, CloseReason, Reset, State};
use password_reset::inbound::{Assurance, InboundMessage, Received, Sender};
use password_reset::ports::{AdminDecision, Clock, Decision, ProofContext};
use password_reset::{
    Account, AccountId, AccountStatus, CallingCode, Contact, Identifier, Inbound, Limits, ProofKind, Requested,
    ResetRequest, Stage, StepUp, VerifyError,
};
use password_reset_testkit::FakeClock;

use super::{OTHER_PHONE, PHONE, app, ask_by_message, claim, contacts, message_of, page, send, stage, with};
use crate::one_writer::OneWriter;
use crate::support::{App, EMAIL, cheap_hash, deciding, source, user};

#[tokio::test]
async fn a_withheld_number_is_known_from_an_earlier_message() {
    let app = app(page());
    let text = |asked: &Requested| asked.challenge.as_ref().unwrap().code().to_owned();
    let signed = |sender, text: String| InboundMessage::new(Assurance::Signed, sender, app.clock_now(), text);
    let receive = async |message| app.reset.receive(message).await.unwrap();
    let id = "ID.13491208650000000001";

    let first = ask_by_message(&app).await;
    let withheld = signed(Sender::id(id).unwrap(), text(&first));
    assert!(matches!(receive(withheld.clone()).await, Received::Ignored(_)), "never seen with a number");
    let both = Sender::phone_and_id(PHONE, id).unwrap();
    assert_eq!(receive(signed(both, text(&first))).await, Received::Proved);

    let second = ask_by_message(&app).await;
    let stranger = signed(Sender::id("ID.9").unwrap(), text(&second));
    assert!(matches!(receive(stranger).await, Received::Ignored(_)));
    let other_user = signed(Sender::phone_and_id(PHONE, "ID.9").unwrap(), text(&second));
    assert!(matches!(receive(other_user).await, Received::Ignored(_)), "the number has another user");
    assert_eq!(receive(signed(Sender::id(id).unwrap(), text(&second))).await, Received::Proved);

    app.reset.contacts().forget_sender(&Sender::id(id).unwrap()).await.unwrap();
    let third = ask_by_message(&app).await;
    assert!(matches!(receive(signed(Sender::id(id).unwrap(), text(&third))).await, Received::Ignored(_)), "forgotten");
}

#[tokio::test]
async fn a_number_can_report_its_resets_and_no_others() {
    let app = app(page());
    let asked = ask_by_message(&app).await;
    let (_, mail) = app.mailed().await;
    send(&app, &asked, PHONE).await;
    app.reset.reports().unrequested(&Sender::phone(OTHER_PHONE).unwrap(), app.clock_now()).await.unwrap();
    assert_eq!(stage(&app, &asked).await, Stage::Proved);
    app.reset.reports().unrequested(&Sender::phone(PHONE).unwrap(), app.clock_now()).await.unwrap();
    assert!(matches!(claim(&app, asked.requester_token).await, Err(VerifyError::Refused)));
    drop(app.verify_link(&mail).await.unwrap());
}

/// Strangers have asked for the owner's number 150 times, and the worker has issued all of that.
async fn asked_often() -> App {
    let app = with(page(), |builder| {
        builder.limits(Limits::default().requests_per_source(1_000).requests_per_minute(60_000))
    });
    for _ in 0..150 {
        ask_by_message(&app).await;
    }
    while app.worker.run_once().await.unwrap() > 0 {}
    app
}

#[tokio::test]
async fn a_report_of_many_resets_closes_all_of_them_and_notifies_of_those_that_the_owner_knows() {
    let app = asked_often().await;
    let known = ask_by_message(&app).await;
    send(&app, &known, PHONE).await;
    let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
    app.reset.request(ResetRequest::whatsapp_code(phone, source())).await.unwrap();
    while app.worker.run_once().await.unwrap() > 0 {}
    let before = (app.mail.delivered().len(), app.phone.delivered().len());
    app.reset.reports().unrequested(&Sender::phone(PHONE).unwrap(), app.clock_now()).await.unwrap();
    let resets = app.store.resets().unwrap();
    assert_eq!(resets.len(), 152);
    let closed = |reset: &Reset| reset.state() == State::Closed(CloseReason::Cancelled);
    assert!(resets.iter().all(closed), "the newest too");
    while app.worker.run_once().await.unwrap() > 0 {}
    let notified = app.mail.delivered().split_off(before.0);
    assert!(notified.iter().all(|sent| sent.kind() == "reset_cancelled"));
    let to_phone = app.phone.delivered().len() - before.1;
    assert_eq!((notified.len(), to_phone), (2, 2), "the message that proved one, and the code of the other");
}

#[tokio::test]
async fn a_change_of_contacts_closes_however_many_resets_are_live() {
    let app = asked_often().await;
    app.reset.contacts().changed(&AccountId::new("7"), &[]).await.unwrap();
    let resets = app.store.resets().unwrap();
    assert!(resets.iter().all(|reset| reset.state() == State::Closed(CloseReason::AccountChanged)));
}

/// The application does without inbound messages, and its webhook brings reports of codes all the same.
#[tokio::test]
async fn a_report_needs_no_store_that_keeps_senders() {
    let app = app(page());
    let asked = ask_by_message(&app).await;
    app.worker.run_once().await.unwrap();
    let (_store, reset, _worker) = OneWriter::under(&app);
    let sender = Sender::phone_and_id(PHONE, "ID.13491208650000000001").unwrap();
    reset.reports().unrequested(&sender, app.clock_now()).await.unwrap();
    assert!(matches!(send(&app, &asked, PHONE).await, Received::Ignored(_)));
    let state = app.store.resets().unwrap()[0].state();
    assert_eq!(state, State::Closed(CloseReason::Cancelled));
}

#[tokio::test]
async fn what_is_said_late_closes_what_was_asked_for_before_and_nothing_after() {
    let app = app(page());
    let before = ask_by_message(&app).await;
    send(&app, &before, PHONE).await;
    let said_at = app.clock_now();
    app.later(2);
    let after = ask_by_message(&app).await;
    send(&app, &after, PHONE).await;
    let sender = Sender::phone(PHONE).unwrap();
    for _ in 0..2 {
        app.reset.reports().unrequested(&sender, said_at).await.unwrap();
    }
    assert!(matches!(claim(&app, before.requester_token).await, Err(VerifyError::Refused)));
    drop(claim(&app, after.requester_token).await.unwrap());
}

#[tokio::test]
async fn who_did_not_ask_is_still_known_and_the_next_owner_of_the_number_is_refused() {
    let app = app(page());
    let (id, other) = ("ID.13491208650000000001", "ID.24817305910000000002");
    let by = async |sender: Sender| {
        let asked = ask_by_message(&app).await;
        let code = asked.challenge.as_ref().unwrap().code();
        app.reset.receive(InboundMessage::new(Assurance::Signed, sender, app.clock_now(), code)).await.unwrap()
    };
    let number_of = |id: &str| Sender::phone_and_id(PHONE, id).unwrap();
    assert_eq!(by(number_of(id)).await, Received::Proved);
    // Strangers who ask for codes can make the owner say so.
    app.reset.reports().unrequested(&number_of(id), app.clock_now()).await.unwrap();
    assert_eq!(by(Sender::id(id).unwrap()).await, Received::Proved);
    assert!(matches!(by(number_of(other)).await, Received::Ignored(_)));
    // The application asks the owner to confirm the number again.
    app.reset.contacts().forget_sender(&Sender::phone(PHONE).unwrap()).await.unwrap();
    assert!(matches!(by(Sender::id(id).unwrap()).await, Received::Ignored(_)));
    assert_eq!(by(number_of(other)).await, Received::Proved);
}

#[tokio::test]
async fn only_signed_messages_teach_who_a_sender_is() {
    let app = app(page().trusting(Assurance::None));
    let id = "ID.13491208650000000001";
    let by = async |assurance, sender: Sender| {
        let asked = ask_by_message(&app).await;
        let code = asked.challenge.as_ref().unwrap().code();
        app.reset.receive(InboundMessage::new(assurance, sender, app.clock_now(), code)).await.unwrap()
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
    let app = app(page());
    let (old, new) = ("ID.13491208650000000001", "ID.24817305910000000002");
    let by = async |sender: Sender| {
        let asked = ask_by_message(&app).await;
        let code = asked.challenge.as_ref().unwrap().code();
        app.reset.receive(InboundMessage::new(Assurance::Signed, sender, app.clock_now(), code)).await.unwrap()
    };
    assert_eq!(by(Sender::phone_and_id(PHONE, old).unwrap()).await, Received::Proved);
    app.accounts.add_named("ani", Account::new("7", AccountStatus::Active).with_contact(Contact::email(EMAIL)));
    app.accounts.add_named("citra", Account::new("9", AccountStatus::Active).with_contact(Contact::phone(PHONE)));
    assert!(matches!(by(Sender::id(old).unwrap()).await, Received::Ignored(_)), "who had the number before");
    assert_eq!(by(Sender::phone(PHONE).unwrap()).await, Received::Proved);
    assert!(matches!(by(Sender::id(old).unwrap()).await, Received::Ignored(_)), "and it is not remembered");
    assert_eq!(by(Sender::phone_and_id(PHONE, new).unwrap()).await, Received::Proved);
    assert_eq!(by(Sender::id(new).unwrap()).await, Received::Proved);
}

#[tokio::test]
async fn the_risk_policy_knows_how_long_a_number_was_silent() {
    let (told, clock) = (Arc::new(Mutex::new(Vec::new())), FakeClock::default());
    let (tells, ours, theirs) = (Arc::clone(&told), clock.clone(), clock.clone());
    // Refuses numbers that were silent for a year, and says what it was told.
    let decides = move |proof: &ProofContext| {
        tells.lock().unwrap().push(proof.last_received);
        let year_ago = theirs.now() - chrono::TimeDelta::days(365);
        if proof.last_received.is_some_and(|at| at < year_ago) { Decision::Deny } else { Decision::Allow }
    };
    let policy = deciding(decides, |_| AdminDecision::Deny);
    let app = with(page(), |builder| builder.clock(ours).risk_policy(policy));
    let mut last = None;
    for (days, expected) in [(0, true), (1, true), (364, true), (366, false), (1, false)] {
        clock.advance(std::time::Duration::from_secs(days * 86_400));
        let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
        let asked = app.reset.request(ResetRequest::whatsapp_inbound(phone, source())).await.unwrap();
        let code = asked.challenge.as_ref().unwrap().code();
        let message = InboundMessage::new(Assurance::Signed, Sender::phone(PHONE).unwrap(), clock.now(), code);
        let received = app.reset.receive(message).await.unwrap();
        assert_eq!(received == Received::Proved, expected, "{days}");
        assert_eq!(std::mem::take(&mut *told.lock().unwrap()), [last]);
        if expected {
            last = Some(clock.now());
        }
    }
}

#[tokio::test]
async fn the_risk_policy_knows_of_another_phone_behind_the_number() {
    let decides = |proof: &ProofContext| if proof.identity_changed { Decision::Deny } else { Decision::Allow };
    let policy = deciding(decides, |_| AdminDecision::Deny);
    let app = with(page(), |builder| builder.risk_policy(policy));
    for (hash, expected) in [(Some("a"), true), (Some("a"), true), (None, true), (Some("b"), false), (Some("a"), true)]
    {
        let asked = ask_by_message(&app).await;
        let message = message_of(&app, &asked, PHONE);
        let message = match hash {
            Some(hash) => message.with_identity(hash),
            None => message,
        };
        let received = app.reset.receive(message).await.unwrap();
        assert_eq!(received == Received::Proved, expected, "{hash:?}");
    }
    assert_eq!(app.details(AuditEvent::ProofRefused), ["message"]);
}

#[tokio::test]
async fn a_change_of_the_account_makes_messages_worthless() {
    let app = app(page());
    let asked = ask_by_message(&app).await;
    app.worker.run_once().await.unwrap();
    app.accounts.add_named("ani", user(&contacts()).with_hash(cheap_hash("changed elsewhere", 9)));
    assert!(matches!(send(&app, &asked, PHONE).await, Received::Ignored(_)));
    assert_eq!(stage(&app, &asked).await, Stage::Waiting);
}

/// Of a message the policy is asked twice: with what the message says, and with what will be brought after it, which says less.
#[tokio::test]
async fn the_policy_is_asked_about_what_follows_a_message_too() {
    let modes = [
        (Inbound::page_advances(super::SERVICE), ProofKind::Claim),
        (Inbound::type_back(super::SERVICE), ProofKind::ReplyCode),
        (Inbound::continue_on_phone(super::SERVICE), ProofKind::Link),
    ];
    for (inbound, follows) in modes {
        let records = Arc::new(Mutex::new(Vec::new()));
        let asked = Arc::clone(&records);
        let decides = move |proof: &ProofContext| {
            asked.lock().unwrap().push((proof.proof, proof.last_received.is_some()));
            Decision::StepUp(StepUp::Code)
        };
        let policy = deciding(decides, |_| AdminDecision::Allow);
        let app = with(inbound.unwrap(), |builder| builder.risk_policy(policy));
        for known in [false, true] {
            let asked = ask_by_message(&app).await;
            assert!(!matches!(send(&app, &asked, PHONE).await, Received::Ignored(_)), "{follows:?}");
            let asked_about = std::mem::take(&mut *records.lock().unwrap());
            assert_eq!(asked_about, [(ProofKind::Message, known), (follows, false)]);
        }
    }
}
