//! A password that its owner did not set, and the lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use password_reset::flow::{AuditEvent, CloseReason, State};
use password_reset::ports::{AccountLock, AccountLocker};
use password_reset::secret::{CancelToken, LinkToken, LockToken};
use password_reset::{
    Account, Builder, CallingCode, Channel, Contact, Identifier, Lifetimes, Limits, Locale, LockError, Password,
    PasswordHash, PortError, Proof, ResetRequest, VerifyError,
};
use password_reset_testkit::{MemoryAccounts, MemoryStore, RecordingNotifier, Sent};

use crate::support::{App, EMAIL, NEW, OTHER, id, source, start};

const PHONE: &str = "+6281200000001";

/// Takes the password away, the first times in vain.
#[derive(Debug)]
struct Locks {
    accounts: MemoryAccounts,
    fails: AtomicUsize,
    asked: Arc<AtomicUsize>,
}

#[async_trait]
impl AccountLocker for Locks {
    async fn lock(&self, lock: &AccountLock) -> Result<(), PortError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(PortError::transient("the account service is away"));
        }
        assert!(lock.set_at >= start());
        let locked = |account: Account| account.with_hash(PasswordHash::new("plain$0$\u{0}nobody types this"));
        assert!(self.accounts.update(&lock.account, locked));
        Ok(())
    }
}

struct World {
    app: App,
    asked: Arc<AtomicUsize>,
}

fn world(store: impl FnOnce(MemoryAccounts) -> MemoryStore, fails: usize) -> World {
    let accounts = MemoryAccounts::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let locker = Locks { accounts: accounts.clone(), fails: fails.into(), asked: Arc::clone(&asked) };
    let limits = Limits::default().message_burst(10);
    let contacts = [Contact::email(EMAIL), Contact::phone(PHONE)];
    let change = |builder: Builder| builder.account_locker(locker).limits(limits);
    let app = App::reaching_on(accounts.clone(), store(accounts), &contacts, change);
    World { app, asked }
}

fn worlds() -> [World; 2] {
    [world(|_| MemoryStore::new(), 0), world(MemoryStore::writing, 0)]
}

fn lock(sent: &Sent) -> LockToken {
    LockToken::parse(sent.lock_secret().expect("a way to lock the account")).unwrap()
}

impl World {
    /// A stranger who reads the mailbox sets a password; returns the notice that the phone got.
    async fn taken_over(&self) -> Sent {
        let (_, mail) = self.app.mailed().await;
        let grant = self.app.verify_link(&mail).await.unwrap();
        self.app.set(grant, NEW).await.unwrap();
        self.app.worker.run_once().await.unwrap();
        self.app.phone.last().unwrap()
    }

    async fn code_to_phone(&self) -> Option<(password_reset::secret::RequesterToken, Sent)> {
        let before = self.app.phone.delivered().len();
        let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
        let asked = self.app.reset.request(ResetRequest::whatsapp_code(phone, source())).await.unwrap();
        self.app.worker.run_once().await.unwrap();
        (self.app.phone.delivered().len() > before).then(|| (asked.requester_token, self.app.phone.last().unwrap()))
    }

    async fn link_by_mail(&self) -> bool {
        let before = self.app.mail.delivered().len();
        self.app.mailed_now().await;
        self.app.mail.delivered().len() > before
    }
}

#[tokio::test]
async fn the_owner_locks_the_account_and_gets_it_back_by_another_channel() {
    for world in worlds() {
        let app = &world.app;
        let notice = world.taken_over().await;
        app.accounts.begin_session(&id(), app.clock_now() + Duration::from_secs(1));
        app.later(60 * 24);
        let (_, second) = app.mailed().await;
        let grant = app.verify_link(&second).await.unwrap();
        // Without a login, and twice is the same as once.
        for _ in 0..2 {
            let locked = app.reset.lock(&lock(&notice)).await.unwrap();
            assert_eq!(locked.channels, [Channel::WhatsAppCode]);
        }
        assert!(app.set(grant, OTHER).await.is_err(), "what was under way is over");
        let at_once = app.reset.login().sign_in(Some(&id()), Password::new(NEW)).await;
        assert!(at_once.is_err(), "the attacker cannot sign in, although the worker has not locked the account yet");
        app.worker.run_once().await.unwrap();
        assert!(!app.signs_in_with(NEW) && !app.signs_in_with(OTHER));
        assert!(app.accounts.sessions(&id()).is_empty(), "also those that began with the new password");
        assert_eq!(world.asked.load(Ordering::SeqCst), 1);
        // The stranger who reads the mailbox gets nothing more …
        assert!(!world.link_by_mail().await);
        assert_eq!(app.details(AuditEvent::Suppressed), ["locked"]);
        // … and the phone brings the account back, which lifts it.
        let (requester_token, sent) = world.code_to_phone().await.expect("the phone is not the mailbox");
        let grant = app.verify_code(&requester_token, sent.code().unwrap()).await.unwrap();
        app.set(grant, OTHER).await.unwrap();
        app.worker.run_once().await.unwrap();
        assert!(app.signs_in_with(OTHER));
        assert!(world.link_by_mail().await, "a password by another way lifts it");
        let events = app.events();
        assert!(events.contains(&AuditEvent::LockRequested) && events.contains(&AuditEvent::Locked));
        let states: Vec<_> = app.store.resets().unwrap().iter().map(password_reset::flow::Reset::state).collect();
        assert!(!states.contains(&State::Locked) && states.contains(&State::Closed(CloseReason::OtherResetWon)));
    }
}

#[tokio::test]
async fn locking_is_tried_until_it_succeeds_and_sessions_end_after_it() {
    let world = world(|_| MemoryStore::new(), 2);
    let notice = world.taken_over().await;
    world.app.later(1);
    world.app.reset.lock(&lock(&notice)).await.unwrap();
    for attempts in 1..=3 {
        world.app.worker.run_once().await.unwrap();
        assert_eq!(world.asked.load(Ordering::SeqCst), attempts);
        world.app.accounts.begin_session(&id(), world.app.clock_now());
        world.app.later(1);
    }
    world.app.worker.run_once().await.unwrap();
    assert_eq!(world.asked.load(Ordering::SeqCst), 3);
    assert_eq!(
        world.app.accounts.sessions(&id()).len(),
        1,
        "the one that began after the lock is the host's to refuse"
    );
    assert!(world.app.store.resets().unwrap().iter().all(|reset| reset.tasks().is_empty()));
}

#[tokio::test]
async fn no_close_unlocks_an_account() {
    let world = world(|_| MemoryStore::new(), 9);
    let app = &world.app;
    let (requester_token, mail) = app.mailed().await;
    let grant = app.verify_link(&mail).await.unwrap();
    let token = grant.into_token().expose().to_owned();
    let again = || password_reset::secret::GrantToken::parse(&token).unwrap();
    let grant = app.reset.verify(Proof::Grant(again())).await.unwrap();
    app.set(grant, NEW).await.unwrap();
    app.worker.run_once().await.unwrap();
    app.reset.lock(&lock(&world.app.phone.last().unwrap())).await.unwrap();
    // The cancel link of the same reset, its grant, and the password that was set.
    let cancel = CancelToken::parse(mail.cancel_secret().unwrap()).unwrap();
    assert!(app.reset.cancel(&cancel).await.is_err());
    assert!(app.reset.verify(Proof::Grant(again())).await.is_err());
    assert!(app.verify_code(&requester_token, mail.code().unwrap()).await.is_err());
    assert!(matches!(app.current(NEW).await, Err(VerifyError::Refused)));
    app.reset
        .reports()
        .unrequested(&password_reset::inbound::Sender::phone(PHONE).unwrap(), app.clock_now())
        .await
        .unwrap();
    assert!(app.store.resets().unwrap().iter().any(|reset| reset.state() == State::Locked));
    assert!(!world.link_by_mail().await);
}

#[tokio::test]
async fn it_lives_as_long_as_it_says_and_is_no_other_secret() {
    for (after, holds) in [(Duration::from_millis(7_200_000 - 1), true), (Duration::from_millis(7_200_000), false)] {
        let world = world(|_| MemoryStore::new(), 0);
        let lives = Lifetimes::default().lock(Duration::from_secs(2 * 3600));
        let locker = Locks { accounts: world.app.accounts.clone(), fails: 0.into(), asked: Arc::clone(&world.asked) };
        let phone = world.app.phone.clone();
        let (reset, worker) =
            world.app.rebuilt(|builder| builder.lifetimes(lives).account_locker(locker).notifier(phone));
        let (_, mail) = world.app.mailed().await;
        let grant = reset.verify(Proof::Link(crate::support::link(&mail))).await.unwrap();
        reset.set_password(grant, password_reset::NewPassword::confirmed(NEW, NEW)).await.unwrap();
        worker.run_once().await.unwrap();
        let notice = world.app.phone.last().unwrap();
        let secret = notice.lock_secret().unwrap();
        assert!(reset.verify(Proof::Link(LinkToken::parse(secret).unwrap())).await.is_err());
        assert!(reset.cancel(&CancelToken::parse(secret).unwrap()).await.is_err());
        for other in [mail.link_secret().unwrap(), mail.cancel_secret().unwrap()] {
            assert!(matches!(reset.lock(&LockToken::parse(other).unwrap()).await, Err(LockError::Refused)));
        }
        world.app.clock.advance(after);
        worker.run_once().await.unwrap();
        assert_eq!(reset.lock(&lock(&notice)).await.is_ok(), holds, "{after:?}");
        assert!(world.app.signs_in_with(NEW));
        worker.run_once().await.unwrap();
        assert_eq!(world.app.signs_in_with(NEW), !holds);
    }
}

#[tokio::test]
async fn without_an_account_locker_no_notice_offers_a_lock() {
    let app = App::new();
    app.reset_to(NEW).await;
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.last().unwrap().lock_secret(), None);
}

#[tokio::test]
async fn many_presses_at_once_lock_once() {
    let world = world(|_| MemoryStore::new(), 0);
    let notice = world.taken_over().await;
    let presses = (0..32).map(|_| {
        let (reset, token) = (world.app.reset.clone(), lock(&notice));
        tokio::spawn(async move { reset.lock(&token).await.is_ok() })
    });
    for press in presses.collect::<Vec<_>>() {
        assert!(press.await.unwrap());
    }
    world.app.worker.run_once().await.unwrap();
    assert_eq!(world.asked.load(Ordering::SeqCst), 1);
    assert_eq!(world.app.events().iter().filter(|event| **event == AuditEvent::LockRequested).count(), 1);
}

/// Every contact hears of it, in the account's language, once, and not before it is so.
#[tokio::test]
async fn every_contact_is_notified_of_a_lock_once_it_holds() {
    let world = world(|_| MemoryStore::new(), 2);
    let app = &world.app;
    assert!(app.accounts.update(&id(), |account| account.with_locale(Locale::INDONESIAN)));
    let notice = world.taken_over().await;
    app.later(30);
    let reported_at = app.clock_now();
    app.reset.lock(&lock(&notice)).await.unwrap();
    let locked = |notifier: &RecordingNotifier| {
        let all = notifier.delivered().into_iter();
        all.filter(|sent| sent.kind() == "account_locked")
            .map(|sent| (sent.to.value().to_owned(), sent))
            .collect::<Vec<_>>()
    };
    for _ in 0..2 {
        app.worker.run_once().await.unwrap();
        assert!(locked(&app.mail).is_empty() && locked(&world.app.phone).is_empty(), "it is not locked yet");
        app.later(1);
    }
    // The phone's transport fails once; the mailbox must not be told twice for it.
    world.app.phone.later(None);
    app.worker.run_once().await.unwrap();
    assert_eq!((locked(&app.mail).len(), locked(&world.app.phone).len()), (1, 0));
    app.later(1);
    app.worker.run_once().await.unwrap();
    app.later(60);
    app.worker.run_once().await.unwrap();
    let (mail, phone) = (locked(&app.mail), locked(&world.app.phone));
    let to: Vec<_> = mail.iter().chain(&phone).map(|(to, sent)| (to.as_str(), sent.locale)).collect();
    assert_eq!(to, [(EMAIL, Locale::INDONESIAN), (PHONE, Locale::INDONESIAN)]);
    assert_eq!((mail[0].1.at, mail[0].1.channel), (reported_at, Some(Channel::EmailLink)));
    assert!(app.store.resets().unwrap().iter().all(|reset| reset.tasks().is_empty()));
}

/// An owner who got the account back meanwhile gets no message that it was locked.
#[tokio::test]
async fn no_contact_is_notified_of_a_lock_that_is_over() {
    let world = world(|_| MemoryStore::new(), 1);
    let notice = world.taken_over().await;
    world.app.reset.lock(&lock(&notice)).await.unwrap();
    world.app.worker.run_once().await.unwrap();
    let (requester_token, sent) = world.code_to_phone().await.unwrap();
    let grant = world.app.verify_code(&requester_token, sent.code().unwrap()).await.unwrap();
    world.app.set(grant, OTHER).await.unwrap();
    world.app.later(10);
    world.app.worker.run_once().await.unwrap();
    let notified = world.app.mail.delivered().into_iter().chain(world.app.phone.delivered());
    assert!(!notified.into_iter().any(|sent| sent.kind() == "account_locked"));
}
