//! Claims that are small by themselves: where random bytes come from, what a stranger's tries cost the owner, what
//! the audit trail says.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::AuditEvent;
use password_reset::ports::{Accounts, Changed, PasswordChange, RandomSource};
use password_reset::secret::{GrantToken, LinkToken, RequesterToken};
use password_reset::{
    Account, AccountId, CallingCode, Channel, Identifier, Limits, PasswordPolicy, PortError, Proof, ResetRequest,
    SetPasswordError, Stage, VerifyError,
};
use password_reset_testkit::{MemoryAccounts, MemoryStore};

use crate::support::{App, EMAIL, NEW, OLD, OTHER, cancel, cheap_hash, email, id, keys, site, source, start, wrong};

/// Counts its bytes upwards and remembers what it gave.
#[derive(Clone, Debug, Default)]
struct Counting {
    next: Arc<AtomicU8>,
    given: Arc<Mutex<Vec<u8>>>,
}

impl RandomSource for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        for byte in bytes.iter_mut() {
            *byte = self.next.fetch_add(1, Ordering::SeqCst);
        }
        self.given.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

#[tokio::test]
async fn every_nonce_is_32_bytes_of_the_random_source_and_nothing_else_makes_secrets() {
    let random = Counting::default();
    let app = App::with(MemoryStore::new(), |builder| builder.random(random.clone()));
    // The same account in the same millisecond, with the same password hash.
    let (first, first_mail) = app.mailed().await;
    let (second, second_mail) = app.mailed().await;
    let given = random.given.lock().unwrap().clone();
    let resets = app.store.resets().unwrap();
    assert_eq!(resets.len(), 2);
    for reset in &resets {
        let nonce = reset.stored().nonce;
        assert!(given.windows(nonce.len()).any(|window| window == nonce), "a nonce of other origin");
    }
    assert_ne!(resets[0].stored().nonce, resets[1].stored().nonce);
    let mac = |text: &str| text[22..].to_owned();
    assert_ne!(mac(first_mail.link_secret().unwrap()), mac(second_mail.link_secret().unwrap()));
    assert_ne!(mac(first.expose()), mac(second.expose()));
    assert_ne!(first_mail.code(), second_mail.code());
}

/// What a browser sees of its own reset, whichever account it named.
async fn seen(app: &App, requester_token: &RequesterToken) -> String {
    let mut seen = String::new();
    for minutes in [0, 1, 28, 1] {
        app.later(minutes);
        app.worker.run_once().await.unwrap();
        let status = app.reset.status(requester_token).await.unwrap().unwrap();
        seen += &format!("{:?} {}", status.stage, status.code_attempts_left);
        seen += &format!(" {}\n", app.verify_code(requester_token, "00000000").await.unwrap_err());
    }
    seen
}

#[tokio::test]
async fn a_notifier_that_fails_and_a_cap_that_holds_show_nowhere() {
    type Prepare = fn(&App);
    let cases: [(&str, Prepare); 5] = [
        ("delivered", |_| ()),
        ("never", |app| app.mail.never("550 5.1.1")),
        ("no such contact", |app| app.mail.no_such_contact("550 5.1.1")),
        ("later", |app| (0..9).for_each(|_| app.mail.later(None))),
        ("busy for an hour", |app| app.mail.later(Some(Duration::from_secs(3600)))),
    ];
    let mut transcripts = Vec::new();
    for (what, prepare) in cases {
        let app = App::new();
        prepare(&app);
        let asked = app.ask().await;
        transcripts.push((what, asked.shown_until - start(), seen(&app, &asked.requester_token).await));
    }
    let app = App::new();
    for _ in 0..3 {
        app.mailed().await;
    }
    let capped = app.ask().await;
    transcripts.push(("capped", capped.shown_until - start(), seen(&app, &capped.requester_token).await));
    assert_eq!(app.mail.delivered().len(), 3, "the cap held");
    for (what, until, text) in &transcripts {
        assert_eq!((until, text), (&transcripts[0].1, &transcripts[0].2), "{what}");
    }
}

#[tokio::test]
async fn a_stranger_costs_the_owner_no_try() {
    let app = App::new();
    let (owner, mail) = app.mailed().await;
    let (stranger, _) = app.mailed().await;
    let made_up = format!("{}{}", &owner.expose()[..22], "A".repeat(42));
    for requester_token in [stranger.expose().to_owned(), made_up, "A".repeat(64)] {
        for _ in 0..6 {
            let refused =
                app.verify_code(&RequesterToken::parse(&requester_token).unwrap(), mail.code().unwrap()).await;
            assert!(matches!(refused, Err(VerifyError::Refused)));
        }
    }
    assert_eq!(app.reset.status(&owner).await.unwrap().unwrap().code_attempts_left, 5);
    assert!(app.verify_code(&owner, mail.code().unwrap()).await.is_ok());
}

#[tokio::test]
async fn wrong_codes_touch_neither_the_login_nor_a_session_and_the_pause_comes_again() {
    let app = App::with(MemoryStore::new(), |builder| {
        builder.limits(Limits::default().wrong_code_burst(5).message_burst(10))
    });
    app.accounts.begin_session(&id(), start());
    for round in 0..3 {
        let (requester_token, mail) = app.mailed().await;
        for _ in 0..5 {
            app.verify_code(&requester_token, &wrong(mail.code().unwrap())).await.unwrap_err();
        }
        let (requester_token, mail) = app.mailed().await;
        app.verify_code(&requester_token, mail.code().unwrap()).await.expect_err("paused, also the next time");
        assert_eq!(app.events().iter().filter(|event| **event == AuditEvent::CodesPaused).count(), round + 1);
        assert!(app.verify_link(&mail).await.is_ok(), "lifts the pause");
        app.later(206);
    }
    assert!(app.signs_in_with(OLD));
    assert_eq!(app.accounts.sessions(&id()), [start()]);
    assert!(app.accounts.ended().is_empty());
}

#[tokio::test]
async fn a_thousand_made_up_secrets_cost_no_hash_and_no_write() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    let id = &mail.link_secret().unwrap()[..22];
    let real = app.verify_link(&mail).await.unwrap().into_token().expose().to_owned();
    let before = (app.store.resets().unwrap(), app.events());
    let mut grants = 0;
    for number in 0..1_000 {
        let link = LinkToken::parse(&format!("{id}{number:042}")).unwrap();
        assert!(matches!(app.reset.verify(Proof::Link(link)).await, Err(VerifyError::Refused)));
        if let Ok(grant) = GrantToken::parse(&format!("{}{number:042}", &real[..33])) {
            grants += 1;
            assert!(matches!(app.reset.verify(Proof::Grant(grant)).await, Err(VerifyError::Refused)));
        }
    }
    assert_eq!(grants, 300, "well-formed ones");
    assert_eq!((app.hasher.hashed(), app.hasher.verified()), (0, 0));
    assert_eq!((app.store.resets().unwrap(), app.events()), before);
    assert!(app.verify_link(&mail).await.is_ok());
}

#[tokio::test]
async fn whatever_is_wrong_with_a_link_the_answer_is_the_same() {
    let mut said = Vec::new();
    let mut answer = async |app: &App, link: &str| {
        let proof = Proof::Link(LinkToken::parse(link).unwrap());
        let error = app.reset.verify(proof).await.unwrap_err();
        said.push(format!("{error} {error:?}"));
    };
    let app = App::new();
    let (_, mail) = app.mailed().await;
    let secret = mail.link_secret().unwrap().to_owned();
    answer(&app, &"A".repeat(64)).await; // unknown
    answer(&app, &format!("{}{}", &secret[..22], "A".repeat(42))).await; // invalid
    let (_, cancelled) = app.mailed().await;
    app.reset.cancel(&cancel(&cancelled)).await.unwrap();
    answer(&app, cancelled.link_secret().unwrap()).await;
    app.worker.run_once().await.unwrap(); // tells that it was cancelled
    let (_, sibling) = app.mailed().await;
    let grant = app.verify_link(&mail).await.unwrap();
    app.set(grant, NEW).await.unwrap();
    answer(&app, &secret).await; // used
    answer(&app, sibling.link_secret().unwrap()).await; // another one won
    let app = App::new();
    let (_, mail) = app.mailed().await;
    app.later(30);
    answer(&app, mail.link_secret().unwrap()).await; // expired
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
}

#[tokio::test]
async fn guesses_of_the_old_password_end_with_the_attempts_of_the_reset() {
    let old = "Old-Umbrella-55!";
    let app = App::with(MemoryStore::new(), |builder| builder.policy(PasswordPolicy::four_classes()));
    assert!(app.accounts.update(&id(), |account| account.with_hash(cheap_hash(old, 3))));
    let (_, mail) = app.mailed().await;
    let token = app.verify_link(&mail).await.unwrap().into_token().expose().to_owned();
    assert_eq!(app.hasher.verified(), 0, "nothing is compared before the proof, nor by it");
    for guess in 0..21 {
        let Ok(grant) = app.granted(&token).await else { panic!("the grant of guess {guess}") };
        let error = app.set(grant, old).await.unwrap_err();
        assert_eq!(matches!(error, SetPasswordError::Rejected { .. }), guess < 20, "guess {guess}: {error:?}");
    }
    assert_eq!(app.hasher.verified(), 20);
    assert!(app.verify_link(&mail).await.is_err());
}

/// Accounts whose sessions cannot be ended the first times.
#[derive(Debug)]
struct Stubborn {
    inner: MemoryAccounts,
    failures: AtomicUsize,
}

#[async_trait]
impl Accounts for Stubborn {
    fn home_country(&self) -> Option<CallingCode> {
        self.inner.home_country()
    }

    async fn find(&self, identifier: &Identifier) -> Result<Vec<Account>, PortError> {
        self.inner.find(identifier).await
    }

    async fn load(&self, account: &AccountId) -> Result<Option<Account>, PortError> {
        self.inner.load(account).await
    }

    async fn set_password(&self, change: &PasswordChange) -> Result<Changed, PortError> {
        self.inner.set_password(change).await
    }

    async fn end_sessions(&self, account: &AccountId, begun_before: DateTime<Utc>) -> Result<(), PortError> {
        if self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(PortError::transient("the sessions are elsewhere, and away"));
        }
        self.inner.end_sessions(account, begun_before).await
    }
}

#[tokio::test]
async fn sessions_are_ended_after_two_failures_and_the_notice_does_not_wait_for_it() {
    let app = App::new();
    app.accounts.begin_session(&id(), start() - Duration::from_secs(60));
    let stubborn = Stubborn { inner: app.accounts.clone(), failures: AtomicUsize::new(2) };
    let builder = app.service_on(stubborn, Arc::clone(&app.store), keys(), site());
    let (reset, worker) = builder.notifier(app.mail.clone()).build().unwrap();
    let (_, mail) = app.mailed().await;
    let grant = reset.verify(Proof::Link(crate::support::link(&mail))).await.unwrap();
    reset.set_password(grant, password_reset::NewPassword::confirmed(NEW, NEW)).await.unwrap();
    for round in 0..3 {
        assert_eq!(app.accounts.sessions(&id()).len(), 1, "round {round}");
        worker.run_once().await.unwrap();
        app.later(1);
    }
    assert!(app.accounts.sessions(&id()).is_empty());
    let notices = app.mail.delivered().iter().filter(|sent| sent.kind() == "password_changed").count();
    assert_eq!(notices, 1);
    assert_eq!(app.events().iter().filter(|event| **event == AuditEvent::SessionsEnded).count(), 1);
}

#[tokio::test]
async fn the_same_rules_hold_for_a_reset_and_for_a_change() {
    let app = App::with(MemoryStore::new(), |builder| builder.policy(PasswordPolicy::four_classes()));
    for password in ["short", "nodigitsatall", "Password1!", EMAIL, "Kertas-Biru"] {
        let mut codes = Vec::new();
        for grant in [app.verify_link(&app.mailed().await.1).await.unwrap(), app.current(OLD).await.unwrap()] {
            let error = app.set(grant, password).await.unwrap_err();
            let SetPasswordError::Rejected { violations, .. } = error else { panic!("{error:?}") };
            codes.push(violations.codes());
        }
        assert_eq!(codes[0], codes[1], "{password}");
        app.later(206);
    }
}

#[tokio::test]
async fn the_audit_trail_tells_a_whole_reset_in_order() {
    for app in App::both() {
        app.accounts.begin_session(&id(), start() - Duration::from_secs(60));
        let (requester_token, mail) = app.mailed().await;
        app.verify_code(&requester_token, &wrong(mail.code().unwrap())).await.unwrap_err();
        let grant = app.verify_link(&mail).await.unwrap();
        let Err(SetPasswordError::Rejected { grant, .. }) = app.set(grant, "short").await else { panic!("too short") };
        app.later(1);
        app.set(grant, OTHER).await.unwrap();
        app.worker.run_once().await.unwrap();
        let rows = app.store.trail();
        let expected = [
            AuditEvent::Requested,
            AuditEvent::Issued,
            AuditEvent::Sent,
            AuditEvent::WrongCode,
            AuditEvent::Proved,
            AuditEvent::PasswordRefused,
            AuditEvent::PasswordSet,
            AuditEvent::SessionsEnded,
            AuditEvent::NoticeSent,
        ];
        assert_eq!(rows.iter().map(|row| row.event).collect::<Vec<_>>(), expected);
        let reset = app.store.resets().unwrap()[0].clone();
        for (at, row) in rows.iter().enumerate() {
            assert_eq!((row.reset, row.channel), (Some(reset.id()), Some(Channel::EmailLink)), "{row:?}");
            assert_eq!(row.source, Some(reset.stored().source), "{row:?}");
            // Whose account it is shows only after the look-up.
            assert_eq!(row.account, (at > 0).then(id), "{row:?}");
            assert_eq!(row.at, if at < 6 { start() } else { start() + Duration::from_secs(60) }, "{row:?}");
            let said = format!("{row:?}");
            assert!(!said.contains(EMAIL) && !said.contains(OTHER), "{said}");
        }
        assert_eq!(app.reset.admin().history(&id(), 100).await.unwrap().len(), expected.len() - 1);
    }
}

#[tokio::test]
async fn a_token_without_an_account_expires_like_any_other_although_nothing_was_purged() {
    let app = App::new();
    let request = ResetRequest::email_link(email("nobody@toko.example"), source());
    let asked = app.reset.request(request).await.unwrap();
    // The worker never runs: neither looking up nor deleting happens.
    app.later(30);
    assert_eq!(app.reset.status(&asked.requester_token).await.unwrap().unwrap().stage, Stage::Expired);
    assert!(app.verify_code(&asked.requester_token, "00000000").await.is_err());
}

#[tokio::test]
async fn what_a_token_shows_ends_by_its_own_time_however_long_its_row_is_kept() {
    let app = App::new();
    let mut tokens = Vec::new();
    for identifier in [email(EMAIL), email("nobody@toko.example")] {
        // The third message carries a link that lives for hours, and so does its row.
        for _ in 0..3 {
            tokens.push(app.ask_for(identifier.clone()).await.requester_token);
        }
    }
    app.worker.run_once().await.unwrap();
    // Half an hour, and the retention of a day but for what clocks may differ.
    for (hours, minutes, shown) in [(24, 14, true), (0, 1, false), (24, 0, false)] {
        app.later(60 * hours + minutes);
        app.worker.run_once().await.unwrap();
        for token in &tokens {
            assert_eq!(app.reset.status(token).await.unwrap().is_some(), shown, "after {hours} h {minutes} min more");
        }
    }
}
