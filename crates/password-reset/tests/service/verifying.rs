//! Links, codes, grants: what they open, and what they do not.

use std::time::Duration;

use futures_util::FutureExt;
use password_reset::flow::{AuditEvent, CloseReason, State};
use password_reset::operations::HealthProblem;
use password_reset::secret::{GrantToken, RequesterToken};
use password_reset::{
    AccountStatus, Contact, Lifetimes, Limits, PasswordReset, Proof, ProofKind, ResetRequest, Stage, VerifyError,
};
use password_reset_testkit::MemoryStore;

use crate::refusals::{lines, listening};
use crate::support::{App, EMAIL, NEW, OLD, cancel, cheap_hash, email, id, key, link, site, source, wrong};

fn refused<T: std::fmt::Debug>(outcome: Result<T, VerifyError>) -> bool {
    matches!(outcome, Err(VerifyError::Refused))
}

#[tokio::test]
async fn a_link_opens_the_reset_as_often_as_it_is_pressed_and_spends_nothing() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    for _ in 0..20 {
        let grant = app.verify_link(&mail).await.unwrap();
        assert_eq!((grant.account(), grant.proved_by()), (&id(), ProofKind::Link));
    }
    assert!(app.signs_in_with(OLD));
}

#[tokio::test]
async fn a_code_works_with_the_token_of_its_own_reset_alone() {
    let app = App::new();
    let (first, first_mail) = app.mailed().await;
    let (second, _) = app.mailed().await;
    assert!(refused(app.verify_code(&second, first_mail.code().unwrap()).await));
    let grant = app.verify_code(&first, first_mail.code().unwrap()).await.unwrap();
    assert_eq!(grant.proved_by(), ProofKind::Code);
}

/// A reset's name is no secret: it stands in the open part of every link. Only all of the rest makes a requester token.
#[tokio::test]
async fn a_token_with_the_right_name_and_one_wrong_bit_opens_and_counts_nothing() {
    let app = App::new();
    let (requester_token, mail) = app.mailed().await;
    let text = requester_token.expose().to_owned();
    for at in [text.len() - 1, text.len() - 20, 30] {
        let mut forged = text.clone();
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        forged.replace_range(at..=at, other);
        let forge = || RequesterToken::parse(&forged).unwrap();
        assert!(refused(app.verify_code(&forge(), mail.code().unwrap()).await), "at {at}");
        assert!(app.reset.status(&forge()).await.unwrap().is_none(), "at {at}");
        let request = || ResetRequest::email_link(email(EMAIL), source());
        let again = app.reset.request(request().again(forge())).await.unwrap().requester_token;
        assert_ne!(
            again.expose(),
            requester_token.expose(),
            "at {at}: a forged one never yields the owner's requester token"
        );
    }
    let owners = app.reset.status(&requester_token).await.unwrap().unwrap();
    assert_eq!(owners.code_attempts_left, 5, "nor are the owner's tries spent");
    assert!(app.verify_code(&requester_token, mail.code().unwrap()).await.is_ok());
}

#[tokio::test]
async fn a_code_that_is_paused_is_said_so_to_administrators_and_the_last_before_it_works() {
    for (wrong_ones, right) in [(4, true), (5, false)] {
        let limits = Limits::default().wrong_code_burst(5).code_attempts(10);
        let app = App::with(MemoryStore::new(), |builder| builder.limits(limits));
        let (requester_token, mail) = app.mailed().await;
        for _ in 0..wrong_ones {
            assert!(refused(app.verify_code(&requester_token, &wrong(mail.code().unwrap())).await));
        }
        assert_eq!(app.events().iter().filter(|event| **event == AuditEvent::WrongCode).count(), wrong_ones);
        assert_eq!(app.verify_code(&requester_token, mail.code().unwrap()).await.is_ok(), right, "after {wrong_ones}");
        assert_eq!(app.events().contains(&AuditEvent::CodesPaused), !right, "after {wrong_ones}");
    }
}

#[tokio::test]
async fn the_right_code_is_refused_after_five_wrong_ones_and_the_link_is_not() {
    let app = App::new();
    let (requester_token, mail) = app.mailed().await;
    let code = mail.code().unwrap();
    for left in (0..5).rev() {
        assert!(refused(app.verify_code(&requester_token, &wrong(code)).await));
        let status = app.reset.status(&requester_token).await.unwrap().unwrap();
        assert_eq!((status.stage, status.code_attempts_left), (Stage::Waiting, left));
    }
    assert!(refused(app.verify_code(&requester_token, code).await));
    assert!(app.verify_link(&mail).await.is_ok());
}

#[tokio::test]
async fn fifty_wrong_codes_pause_the_codes_of_an_account_until_a_link_is_opened() {
    let limits = Limits::default().code_attempts(10).message_burst(10);
    let app = App::with(MemoryStore::new(), |builder| builder.limits(limits));
    // Attackers ask in their own browsers.
    for _ in 0..5 {
        let (requester_token, mail) = app.mailed().await;
        for _ in 0..10 {
            assert!(refused(app.verify_code(&requester_token, &wrong(mail.code().unwrap())).await));
        }
    }
    let (owner, owners_mail) = app.mailed().await;
    let paused = app.verify_code(&owner, owners_mail.code().unwrap()).await;
    assert!(refused(paused), "paused, and it looks like a wrong one");
    assert!(app.verify_link(&owners_mail).await.is_ok(), "links go on");
    let (owner, owners_mail) = app.mailed().await;
    assert!(app.verify_code(&owner, owners_mail.code().unwrap()).await.is_ok(), "the link lifted the pause");
}

/// However long an attacker guesses, the codes of an account pause for two hours at the most.
#[tokio::test]
async fn a_pause_ends_by_itself() {
    let limits = Limits::default().code_attempts(10).message_burst(10);
    let app = App::with(MemoryStore::new(), |builder| builder.limits(limits));
    for _ in 0..6 {
        let (requester_token, mail) = app.mailed().await;
        for _ in 0..10 {
            assert!(refused(app.verify_code(&requester_token, &wrong(mail.code().unwrap())).await));
        }
    }
    app.later(2 * 60);
    let (owner, owners_mail) = app.mailed().await;
    assert!(app.verify_code(&owner, owners_mail.code().unwrap()).await.is_ok());
}

#[tokio::test]
async fn every_secret_ends_when_its_own_lifetime_ends() {
    let lives = Lifetimes::default()
        .link(Duration::from_secs(40 * 60))
        .code(Duration::from_secs(7 * 60))
        .grant(Duration::from_secs(3 * 60));
    for (after, link_holds, code_holds) in [
        (Duration::from_millis(7 * 60_000 - 1), true, true),
        (Duration::from_millis(7 * 60_000), true, false),
        (Duration::from_millis(40 * 60_000 - 1), true, false),
        (Duration::from_millis(40 * 60_000), false, false),
    ] {
        let app = App::with(MemoryStore::new(), |builder| builder.lifetimes(lives));
        let (requester_token, mail) = app.mailed().await;
        app.clock.advance(after);
        assert_eq!(
            app.verify_code(&requester_token, mail.code().unwrap()).await.is_ok(),
            code_holds,
            "code after {after:?}"
        );
        assert_eq!(app.verify_link(&mail).await.is_ok(), link_holds, "link after {after:?}");
    }
    let app = App::with(MemoryStore::new(), |builder| builder.lifetimes(lives));
    let token = app.proved().await.into_token().expose().to_owned();
    let again = || app.reset.verify(Proof::Grant(GrantToken::parse(&token).unwrap()));
    app.clock.advance(Duration::from_millis(3 * 60_000 - 1));
    assert!(again().await.is_ok());
    app.clock.advance(Duration::from_millis(1));
    assert!(refused(again().await));
}

#[tokio::test]
async fn a_grant_opened_late_outlives_the_link() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    app.later(29);
    let grant = app.verify_link(&mail).await.unwrap();
    app.later(14);
    assert!(refused(app.verify_link(&mail).await), "the link is over");
    assert!(app.set(grant, NEW).await.is_ok());
}

#[tokio::test]
async fn whatever_changes_on_the_account_refuses_the_link_and_closes_the_reset() {
    type Change = fn(&App) -> bool;
    let changes: [(&str, Change); 5] = [
        ("password set elsewhere", |app| {
            app.accounts.update(&id(), |account| account.with_hash(cheap_hash("elsewhere", 9)))
        }),
        ("contact added", |app| {
            app.accounts.update(&id(), |account| account.with_contact(Contact::email("b@toko.example")))
        }),
        ("disabled", |app| app.accounts.set_standing(&id(), AccountStatus::Disabled)),
        ("deleted", |app| app.accounts.remove(&id())),
        ("id given to another account", |app| {
            app.accounts.update(&id(), |_| {
                password_reset::Account::new("7", AccountStatus::Active)
                    .with_contact(Contact::email("budi@toko.example"))
                    .with_hash(cheap_hash("budi's own password", 4))
            })
        }),
    ];
    for (what, change) in changes {
        // Before the proof …
        let app = App::new();
        let (requester_token, mail) = app.mailed().await;
        assert!(change(&app), "{what}");
        assert!(refused(app.verify_code(&requester_token, mail.code().unwrap()).await), "{what}: code");
        assert!(refused(app.verify_link(&mail).await), "{what}: link");
        let state = app.store.resets().unwrap()[0].state();
        assert_eq!(state, State::Closed(CloseReason::AccountChanged), "{what}");
        // … and between the proof and the password.
        for app in App::both() {
            let grant = app.proved().await;
            assert!(change(&app), "{what}");
            let before = app.accounts.get(&id());
            assert!(app.set(grant, NEW).await.unwrap_err().into_grant().is_none(), "{what}: set");
            assert_eq!(app.accounts.get(&id()), before, "{what}: nothing was written");
        }
    }
}

#[tokio::test]
async fn cancelling_closes_its_own_reset_and_no_other() {
    let app = App::new();
    let (_, first) = app.mailed().await;
    let (_, second) = app.mailed().await;
    app.reset.cancel(&cancel(&first)).await.unwrap();
    app.reset.cancel(&cancel(&first)).await.unwrap();
    assert!(refused(app.verify_link(&first).await));
    assert!(app.verify_link(&second).await.is_ok());
    assert!(app.signs_in_with(OLD));
}

#[tokio::test]
async fn a_cancel_link_does_nothing_but_cancel_and_not_for_ever() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    // The same text is well formed for every kind of secret; only its purpose differs.
    let as_link = password_reset::secret::LinkToken::parse(mail.cancel_secret().unwrap()).unwrap();
    assert!(refused(app.reset.verify(Proof::Link(as_link)).await));
    let as_cancel = password_reset::secret::CancelToken::parse(mail.link_secret().unwrap()).unwrap();
    assert!(app.reset.cancel(&as_cancel).await.is_err());
    let as_requester_token = RequesterToken::parse(mail.link_secret().unwrap()).unwrap();
    assert!(app.reset.status(&as_requester_token).await.unwrap().is_none());
    app.later(30);
    assert!(app.reset.cancel(&cancel(&mail)).await.is_err());
}

#[tokio::test]
async fn a_token_shows_nothing_of_what_happens_elsewhere() {
    let app = App::new();
    let (requester_token, mail) = app.mailed().await;
    let stage = async || app.reset.status(&requester_token).await.unwrap().unwrap().stage;
    let grant = app.verify_link(&mail).await.unwrap();
    assert_eq!(stage().await, Stage::Waiting, "the link was opened elsewhere");
    app.set(grant, NEW).await.unwrap();
    assert_eq!(stage().await, Stage::Waiting);
    app.later(30);
    assert_eq!(stage().await, Stage::Expired);
}

#[tokio::test]
async fn a_token_shows_what_was_proved_through_it() {
    let app = App::new();
    let (requester_token, mail) = app.mailed().await;
    let stage = async || app.reset.status(&requester_token).await.unwrap().unwrap().stage;
    let grant = app.verify_code(&requester_token, mail.code().unwrap()).await.unwrap();
    assert_eq!(stage().await, Stage::Proved);
    app.set(grant, NEW).await.unwrap();
    assert_eq!(stage().await, Stage::Done);
}

#[tokio::test]
async fn keys_rotate_without_breaking_what_is_under_way() {
    let app = App::new();
    let (requester_token, mail) = app.mailed().await;
    let ring = || password_reset::KeyRing::new(key("k2", 5), key("counters", 2));
    // A node that has not the key cannot tell a right secret from a wrong one, so it refuses nothing and closes nothing.
    let (without, _worker) = app.with_keys(ring());
    let answer = without.verify(Proof::Link(link(&mail))).await;
    assert!(matches!(answer, Err(VerifyError::Unavailable(_))), "{answer:?}");
    assert!(without.status(&requester_token).await.is_err());
    let (with, worker) = app.with_keys(ring().verifying(key("k1", 1)));
    assert!(with.status(&requester_token).await.unwrap().is_some());
    assert!(with.verify(Proof::Link(link(&mail))).await.is_ok());
    with.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    worker.run_once().await.unwrap();
    let key_ids: Vec<_> = app.store.resets().unwrap().iter().map(|reset| reset.stored().key_id.clone()).collect();
    assert!(key_ids.contains(&"k2".to_owned()), "the new key issues");
}

#[tokio::test]
async fn a_node_without_the_key_leaves_the_tasks_to_a_node_that_has_it() {
    let app = App::new();
    let counters = || key("counters", 2);
    // The new key issues on the first node, before the second has it at all.
    let (first, _) = app.with_keys(password_reset::KeyRing::new(key("k2", 5), counters()).verifying(key("k1", 1)));
    first.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    for _ in 0..10 {
        app.worker.run_once().await.unwrap();
        app.clock.advance(Duration::from_secs(5));
    }
    assert!(app.mail.delivered().is_empty(), "the second node has nothing to make the link with");
    let row = app.store.resets().unwrap().remove(0);
    assert_eq!((row.stored().delivery_attempts, row.state()), (0, State::Requested));
    // Once it has the key it does what was left.
    let (second, worker) =
        app.with_keys(password_reset::KeyRing::new(key("k1", 1), counters()).verifying(key("k2", 5)));
    worker.run_once().await.unwrap();
    assert!(second.verify(Proof::Link(link(&app.mail.last().unwrap()))).await.is_ok());
}

#[tokio::test]
async fn a_worker_logs_the_keys_that_live_resets_need() {
    let app = App::new();
    app.mailed().await;
    let without = || app.with_keys(password_reset::KeyRing::new(key("k2", 5), key("counters", 2)));
    let (log, _guard) = listening();
    let started = |(reset, worker): (PasswordReset, password_reset::Worker)| {
        assert!(worker.run().now_or_never().is_none());
        let named = lines(&log).into_iter().any(|line| line.contains("ERROR") && line.contains("key=\"k1\""));
        drop(log.take());
        (reset, named)
    };
    assert!(!started(app.with_keys(crate::support::keys())).1, "this node has every key");
    let (reset, named) = started(without());
    assert!(named);
    assert_eq!(reset.operations().health().await.problems(), [HealthProblem::KeyMissing]);
    assert_eq!(reset.operations().missing_keys().await.unwrap(), ["k1"]);
    app.clock.advance(reset.operations().keys_are_needed_for());
    let (reset, named) = started(without());
    assert!(!named, "what the old key made is over");
    assert!(!reset.operations().health().await.lacks_key);
    assert!(reset.operations().missing_keys().await.unwrap().is_empty());
}

#[test]
fn a_key_is_needed_as_long_as_the_last_link_that_it_made() {
    let app = App::new();
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    let (link, grant, lock) = (hours(24), Duration::from_secs(15 * 60), hours(3 * 24));
    assert_eq!(
        app.reset.operations().keys_are_needed_for(),
        link + grant + lock + hours(1),
        "and an hour for clocks that differ"
    );
    assert_eq!(
        app.reset.operations().counter_keys_are_needed_for(),
        hours(100),
        "fifty wrong codes, one more every two hours"
    );
}

#[tokio::test]
async fn another_realm_with_the_same_keys_opens_nothing() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    let (elsewhere, _worker) = app.rebuilt_as(site().with_realm("another tenant"), |builder| builder);
    assert!(refused(elsewhere.verify(Proof::Link(link(&mail))).await));
}
