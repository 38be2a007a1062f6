//! Two proofs by different methods, where the gate wants them.

use std::sync::Arc;

use password_reset::flow::{AuditEvent, State};
use password_reset::inbound::{Assurance, InboundMessage, Sender};
use password_reset::ports::{AdminDecision, Decision, ProofContext};
use password_reset::secret::{Code, GrantToken, LinkToken, PartialGrantToken};
use password_reset::{
    Account, Builder, CallingCode, Contact, Grant, Identifier, Inbound, Limits, Locale, PartialGrant, Proof, ProofKind,
    ResetRequest, Stage, StepUp, VerifyError,
};
use password_reset_testkit::Sent;

use crate::support::{App, EMAIL, NEW, OLD, cancel, cheap_hash, deciding, id, link, source, wrong};

const PHONE: &str = "+6281200000001";

fn with(wants: StepUp, change: impl FnOnce(Builder) -> Builder) -> App {
    let contacts = [Contact::email(EMAIL), Contact::phone(PHONE)];
    let decides = move |proof: &ProofContext| {
        assert!(!proof.proof.is_step_up(), "what was asked for is not judged again");
        Decision::StepUp(wants)
    };
    App::reaching(&contacts, |builder| change(builder.risk_policy(deciding(decides, |_| AdminDecision::Deny))))
}

fn app(wants: StepUp) -> App {
    with(wants, |builder| builder)
}

fn wanted(outcome: Result<Grant, VerifyError>) -> PartialGrant {
    match outcome {
        Err(VerifyError::StepUpRequired(partial_grant)) => *partial_grant,
        other => panic!("{other:?}"),
    }
}

fn copy(token: &str) -> PartialGrantToken {
    PartialGrantToken::parse(token).unwrap()
}

/// Opens the link of a mail; what the first proof yields, and the code that the phone then gets.
async fn half(app: &App, mail: &Sent) -> (String, Sent) {
    let partial_grant = wanted(app.verify_link(mail).await);
    assert_eq!((partial_grant.wants(), partial_grant.account().as_str()), (StepUp::Code, "7"));
    app.worker.run_once().await.unwrap();
    (partial_grant.into_token().expose().to_owned(), app.phone.last().unwrap())
}

async fn second(app: &App, token: &str, code: &str) -> Result<Grant, VerifyError> {
    app.reset.verify(Proof::StepUpCode { partial_grant: copy(token), code: Code::parse(code).unwrap() }).await
}

#[tokio::test]
async fn a_link_and_a_code_on_the_phone_together_set_the_password() {
    let app = app(StepUp::Code);
    let (_, mail) = app.mailed().await;
    let (token, sent) = half(&app, &mail).await;
    assert_eq!((sent.kind(), sent.to.value()), ("step_up_code", PHONE));
    assert_eq!(app.store.resets().unwrap()[0].state(), State::AwaitingCode);
    // What the first yielded is no grant, and the code is none of the others.
    assert!(app.granted(&token).await.is_err());
    assert!(second(&app, &token, mail.code().unwrap()).await.is_err());
    assert!(second(&app, &token, &wrong(sent.code().unwrap())).await.is_err());
    let again = app.reset.partial_grant(copy(&token)).await.unwrap();
    assert_eq!(again.wants(), StepUp::Code);
    let grant = second(&app, &token, sent.code().unwrap()).await.unwrap();
    assert_eq!((grant.proved_by(), grant.step_up()), (ProofKind::Link, Some(ProofKind::StepUpCode)));
    assert!(second(&app, &token, sent.code().unwrap()).await.is_err(), "once");
    assert!(app.reset.partial_grant(copy(&token)).await.is_err());
    let kept = grant.into_token().expose().to_owned();
    let grant = app.reset.verify(Proof::Grant(GrantToken::parse(&kept).unwrap())).await.unwrap();
    assert_eq!(grant.step_up(), Some(ProofKind::StepUpCode), "also in a later request");
    app.set(grant, NEW).await.unwrap();
    assert!(app.signs_in_with(NEW));
    assert!(app.events().contains(&AuditEvent::StepUpRequired));
}

#[tokio::test]
async fn a_typed_code_is_a_first_proof_too_and_its_browser_sees_it() {
    let app = app(StepUp::HostFactor);
    let (requester_token, mail) = app.mailed().await;
    let partial_grant = wanted(app.verify_code(&requester_token, mail.code().unwrap()).await);
    assert_eq!(partial_grant.wants(), StepUp::HostFactor);
    assert_eq!(app.reset.status(&requester_token).await.unwrap().unwrap().stage, Stage::PartiallyProved);
    let grant = app.reset.verify(Proof::HostFactor(partial_grant.into_token())).await.unwrap();
    assert_eq!((grant.proved_by(), grant.step_up()), (ProofKind::Code, Some(ProofKind::HostFactor)));
    assert_eq!(app.reset.status(&requester_token).await.unwrap().unwrap().stage, Stage::Proved);
    assert!(app.phone.tried().is_empty());
}

#[tokio::test]
async fn one_kind_of_step_up_is_not_the_other() {
    let code = app(StepUp::Code);
    let (_, mail) = code.mailed().await;
    let (token, _) = half(&code, &mail).await;
    assert!(code.reset.verify(Proof::HostFactor(copy(&token))).await.is_err());
    let factor = app(StepUp::HostFactor);
    let (_, mail) = factor.mailed().await;
    let token = wanted(factor.verify_link(&mail).await).into_token().expose().to_owned();
    assert!(second(&factor, &token, "00000000").await.is_err());
    // Nor is what another reset yielded.
    let made_up = format!("{}{}", &token[..33], "A".repeat(42));
    assert!(factor.reset.verify(Proof::HostFactor(copy(&made_up))).await.is_err());
    assert!(factor.reset.verify(Proof::HostFactor(copy(&token))).await.is_ok());
}

#[tokio::test]
async fn a_link_that_is_opened_again_sends_nothing_more_and_proves_no_more_than_before() {
    let app = app(StepUp::Code);
    let (_, mail) = app.mailed().await;
    let (first, sent) = half(&app, &mail).await;
    for _ in 0..20 {
        let (again, _) = half(&app, &mail).await;
        assert!(second(&app, &again, "00000000").await.is_err() || sent.code() == Some("00000000"));
        if app.store.resets().unwrap()[0].stored().step_up_attempts == 4 {
            break;
        }
    }
    assert_eq!(app.phone.delivered().len(), 1);
    drop(second(&app, &first, sent.code().unwrap()).await.unwrap());
    // With both on record, the link alone is one proof again.
    let (token, sent) = half(&app, &mail).await;
    assert_eq!((app.phone.delivered().len(), app.store.resets().unwrap()[0].state()), (2, State::AwaitingCode));
    assert!(second(&app, &token, sent.code().unwrap()).await.is_err(), "five tries a reset, whatever they were");
}

#[tokio::test]
async fn guesses_are_counted_over_all_resets_of_the_account() {
    let limits = Limits::default().wrong_code_burst(7).message_burst(10);
    let app = with(StepUp::Code, |builder| builder.limits(limits));
    for guesses in [5, 2] {
        let (_, mail) = app.mailed().await;
        let (token, sent) = half(&app, &mail).await;
        for _ in 0..guesses {
            assert!(second(&app, &token, &wrong(sent.code().unwrap())).await.is_err());
        }
    }
    let (_, mail) = app.mailed().await;
    let (token, sent) = half(&app, &mail).await;
    assert!(second(&app, &token, sent.code().unwrap()).await.is_err(), "paused, and a first proof does not lift it");
    assert!(app.events().contains(&AuditEvent::CodesPaused));
}

/// What the application checks can be guessed too, so it is counted before it is compared.
#[tokio::test]
async fn attempts_at_a_factor_are_counted_as_codes_are() {
    let limits = Limits::default().wrong_code_burst(7).message_burst(10);
    let app = with(StepUp::HostFactor, |builder| builder.limits(limits));
    let reset = &app.reset;
    for (attempts, counted) in [(6, 5), (3, 2)] {
        let (_, mail) = app.mailed().await;
        let partial_grant = wanted(app.verify_link(&mail).await);
        assert_eq!(partial_grant.attempts_left(), 5);
        let token = partial_grant.into_token().expose().to_owned();
        let mut left = Vec::new();
        for _ in 0..attempts {
            left.extend(
                reset.attempt_factor(copy(&token)).await.ok().map(|partial_grant| partial_grant.attempts_left()),
            );
        }
        assert_eq!(left, [4, 3, 2, 1, 0][..counted]);
    }
    assert_eq!(app.events().iter().filter(|event| **event == AuditEvent::CodesPaused).count(), 1);
    let code = self::app(StepUp::Code);
    let (_, mail) = code.mailed().await;
    let (token, _) = half(&code, &mail).await;
    assert!(code.reset.attempt_factor(copy(&token)).await.is_err(), "a code is wanted there");
    assert_eq!(code.reset.partial_grant(copy(&token)).await.unwrap().attempts_left(), 5, "and nothing was counted");
}

#[tokio::test]
async fn the_code_ends_when_it_says_and_can_be_cancelled() {
    let app = app(StepUp::Code);
    let (_, mail) = app.mailed().await;
    let (token, sent) = half(&app, &mail).await;
    app.later(10);
    assert!(second(&app, &token, sent.code().unwrap()).await.is_err());
    assert!(matches!(app.verify_link(&mail).await, Err(VerifyError::Refused)), "no new code for every press");
    let (_, mail) = app.mailed().await;
    let (token, sent) = half(&app, &mail).await;
    app.reset.cancel(&cancel(&sent)).await.unwrap();
    assert!(second(&app, &token, sent.code().unwrap()).await.is_err());
    assert!(LinkToken::parse(sent.cancel_secret().unwrap()).is_ok());
}

#[tokio::test]
async fn without_a_contact_of_another_kind_the_proof_is_refused() {
    let app = app(StepUp::Code);
    app.accounts.add_named("ani", crate::support::ani().with_contact(Contact::email("second@toko.example")));
    let (_, mail) = app.mailed().await;
    assert!(matches!(app.verify_link(&mail).await, Err(VerifyError::Refused)));
    assert_eq!(app.details(AuditEvent::ProofRefused), ["no_step_up_contact"]);
}

#[tokio::test]
async fn a_change_of_the_account_between_the_two_ends_it() {
    let app = app(StepUp::Code);
    let (_, mail) = app.mailed().await;
    let (token, sent) = half(&app, &mail).await;
    let changed = |account: Account| account.with_hash(cheap_hash("elsewhere", 3));
    assert!(app.accounts.update(&id(), changed));
    assert!(second(&app, &token, sent.code().unwrap()).await.is_err());
}

#[tokio::test]
async fn the_current_password_may_need_a_step_up_too() {
    for &wants in StepUp::ALL {
        let app = app(wants);
        let partial_grant = wanted(app.current(OLD).await);
        let token = partial_grant.into_token().expose().to_owned();
        app.worker.run_once().await.unwrap();
        let grant = match wants {
            StepUp::Code => second(&app, &token, app.mail.last().unwrap().code().unwrap()).await,
            _ => app.reset.verify(Proof::HostFactor(copy(&token))).await,
        };
        let grant = grant.unwrap();
        assert_eq!(grant.proved_by(), ProofKind::CurrentPassword);
        app.set(grant, NEW).await.unwrap();
        assert!(app.signs_in_with(NEW));
    }
}

#[tokio::test]
async fn what_a_message_proved_needs_the_second_when_it_is_claimed() {
    let inbound = Inbound::page_advances("+6281100000000").unwrap();
    let app = with(StepUp::Code, |builder| builder.inbound(inbound));
    let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
    let asked = app.reset.request(ResetRequest::whatsapp_inbound(phone, source())).await.unwrap();
    let text = asked.challenge.as_ref().unwrap().text(Locale::ENGLISH);
    let message = InboundMessage::new(Assurance::Signed, Sender::phone(PHONE).unwrap(), app.clock_now(), text);
    app.reset.receive(message).await.unwrap();
    let partial_grant = wanted(app.reset.verify(Proof::Claim(asked.requester_token)).await);
    app.worker.run_once().await.unwrap();
    let sent = app.mail.delivered().into_iter().find(|sent| sent.kind() == "step_up_code").unwrap();
    assert_eq!(sent.to.value(), EMAIL, "the phone proved the first");
    let token = partial_grant.into_token().expose().to_owned();
    let grant = second(&app, &token, sent.code().unwrap()).await.unwrap();
    assert_eq!((grant.proved_by(), grant.step_up()), (ProofKind::Claim, Some(ProofKind::StepUpCode)));
}

/// What only the message says is not known when it is claimed, so it must not pass for want of anybody to ask.
#[tokio::test]
async fn a_step_up_for_what_only_the_message_says_is_not_lost() {
    for inbound in [Inbound::page_advances, Inbound::type_back, Inbound::continue_on_phone] {
        let inbound = inbound("+6281100000000").unwrap();
        let contacts = [Contact::email(EMAIL), Contact::phone(PHONE)];
        // Wants a second proof of a phone that changed.
        let decides = |proof: &ProofContext| {
            if proof.identity_changed { Decision::StepUp(StepUp::Code) } else { Decision::Allow }
        };
        let policy = deciding(decides, |_| AdminDecision::Deny);
        let app = App::reaching(&contacts, |builder| builder.inbound(inbound).risk_policy(policy));
        for (hash, passes) in [("a", true), ("a", true), ("b", false), ("a", true)] {
            let number = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
            let asked = app.reset.request(ResetRequest::whatsapp_inbound(number, source())).await.unwrap();
            let text = asked.challenge.as_ref().unwrap().text(Locale::ENGLISH);
            let sender = Sender::phone(PHONE).unwrap();
            let message = InboundMessage::new(Assurance::Signed, sender, app.clock_now(), text).with_identity(hash);
            app.reset.receive(message).await.unwrap();
            let stage = app.reset.status(&asked.requester_token).await.unwrap().unwrap().stage;
            assert_eq!(stage != Stage::Waiting, passes, "{hash}");
        }
        assert_eq!(app.details(AuditEvent::ProofRefused), ["message"]);
    }
}

/// Of all who bring the second proof at once, one hears of it; and a requester with only the first never does.
#[tokio::test]
async fn many_at_once_are_counted_before_they_are_compared() {
    let app = Arc::new(app(StepUp::Code));
    let (_, mail) = app.mailed().await;
    let (token, sent) = half(&app, &mail).await;
    let attempts = (0..64).map(|number| {
        let (app, token) = (Arc::clone(&app), token.clone());
        let code = if number == 63 { sent.code().unwrap().to_owned() } else { wrong(sent.code().unwrap()) };
        tokio::spawn(async move { second(&app, &token, &code).await.is_ok() })
    });
    let mut right = 0;
    for outcome in attempts.collect::<Vec<_>>() {
        right += usize::from(outcome.await.unwrap());
    }
    assert!(right <= 1);
    assert_eq!(app.store.resets().unwrap()[0].stored().step_up_attempts, 5);
    assert!(wanted_or_refused(app.reset.verify(Proof::Link(link(&mail))).await));
}

fn wanted_or_refused(outcome: Result<Grant, VerifyError>) -> bool {
    matches!(outcome, Err(VerifyError::StepUpRequired(_) | VerifyError::Refused))
}

/// Guesses of a stranger who only requested a reset take nothing from what the holder of the first proof may use (I4).
#[tokio::test]
async fn guesses_of_the_first_code_leave_all_attempts_at_the_step_up() {
    let app = app(StepUp::Code);
    let mut mails = Vec::new();
    for _ in 0..3 {
        let (attacker, mail) = app.mailed().await;
        for _ in 0..5 {
            app.verify_code(&attacker, &wrong(mail.code().unwrap())).await.unwrap_err();
        }
        mails.push(mail);
    }
    for mail in &mails[..2] {
        let partial_grant = wanted(app.verify_link(mail).await);
        assert_eq!(partial_grant.attempts_left(), 5);
    }
    app.worker.run_once().await.unwrap();
    let (token, sent) = half(&app, &mails[2]).await;
    drop(second(&app, &token, sent.code().unwrap()).await.unwrap());
}

/// A link that a stranger asked for is the owner's all the same, and its step-up is no guess of the stranger's (I4).
#[tokio::test]
async fn a_source_that_guessed_first_codes_leaves_the_step_up_of_its_resets() {
    let limits = Limits::default().codes_per_source(5);
    let app = with(StepUp::Code, |builder| builder.limits(limits));
    let (attacker, mail) = app.mailed().await;
    for _ in 0..5 {
        app.verify_code(&attacker, &wrong(mail.code().unwrap())).await.unwrap_err();
    }
    let (token, sent) = half(&app, &mail).await;
    drop(second(&app, &token, sent.code().unwrap()).await.unwrap());
}

#[tokio::test]
async fn mistyped_first_codes_leave_all_attempts_at_the_step_up() {
    let app = app(StepUp::Code);
    let (requester_token, mail) = app.mailed().await;
    for _ in 0..4 {
        app.verify_code(&requester_token, &wrong(mail.code().unwrap())).await.unwrap_err();
    }
    let partial_grant = wanted(app.verify_code(&requester_token, mail.code().unwrap()).await);
    assert_eq!(partial_grant.attempts_left(), 5);
    app.worker.run_once().await.unwrap();
    let token = partial_grant.into_token().expose().to_owned();
    for _ in 0..4 {
        assert!(second(&app, &token, &wrong(app.phone.last().unwrap().code().unwrap())).await.is_err());
    }
    drop(second(&app, &token, app.phone.last().unwrap().code().unwrap()).await.unwrap());
}

/// A code that is typed where the reset has none is refused before anything is counted (I4).
#[tokio::test]
async fn codes_typed_where_there_are_none_are_not_counted() {
    for inbound in [Inbound::page_advances, Inbound::continue_on_phone, Inbound::type_back] {
        let inbound = inbound("+6281100000000").unwrap();
        let app = with(StepUp::Code, |builder| builder.inbound(inbound));
        for _ in 0..11 {
            let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
            let asked = app.reset.request(ResetRequest::whatsapp_inbound(phone, source())).await.unwrap();
            app.worker.run_once().await.unwrap();
            for _ in 0..5 {
                let refused = app.verify_code(&asked.requester_token, "123456").await;
                assert!(matches!(refused, Err(VerifyError::Refused)));
            }
        }
        assert!(app.store.resets().unwrap().iter().all(|reset| reset.stored().code_attempts == 0));
        assert!(!app.events().contains(&AuditEvent::WrongCode));
        let (_, mail) = app.mailed().await;
        let (token, sent) = half(&app, &mail).await;
        drop(second(&app, &token, sent.code().unwrap()).await.unwrap());
    }
}
