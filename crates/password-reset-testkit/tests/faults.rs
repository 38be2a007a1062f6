//! A fault plan counts every call and strikes at the planned one; the effects of a call that fails afterwards remain.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use password_reset::flow::AuditEvent;
use password_reset::ports::{
    Accounts, Ack, Attempt, AttemptKind, AuditFilter, Delivery, Due, FeedLease, Notifier, PasswordChange, Purge, Quota,
    RandomSource, ResetStore, SenderName, Senders, SystemRandom,
};
use password_reset::{Account, AccountStatus, Contact, Identifier};
use password_reset_testkit::sample::{self, after, noon};
use password_reset_testkit::{
    Fault, Faults, FaultyAccounts, FaultyNotifier, FaultyRandom, FaultyStore, MemoryAccounts, MemoryStore,
    RecordingNotifier,
};

struct World {
    store: Arc<MemoryStore>,
    accounts: Arc<MemoryAccounts>,
    notifier: Arc<RecordingNotifier>,
    account: Account,
}

impl World {
    fn new() -> Self {
        let accounts = MemoryAccounts::new();
        let account = Account::new(sample::account_id(), AccountStatus::Active)
            .with_contact(Contact::email("ana@example.com"))
            .with_hash(sample::hash());
        accounts.add(account.clone());
        Self {
            store: Arc::new(MemoryStore::new()),
            accounts: Arc::new(accounts),
            notifier: Arc::new(RecordingNotifier::new()),
            account,
        }
    }

    /// Calls every method that counts once; returns those that failed.
    async fn call_everything(&self, faults: &Faults) -> Vec<&'static str> {
        // As trait objects, as in the service.
        let store = FaultyStore::<dyn ResetStore>::new(Arc::<MemoryStore>::clone(&self.store), faults);
        let accounts = FaultyAccounts::<dyn Accounts>::new(Arc::<MemoryAccounts>::clone(&self.accounts), faults);
        let notifier = FaultyNotifier::<dyn Notifier>::new(Arc::<RecordingNotifier>::clone(&self.notifier), faults);
        let random = FaultyRandom::<dyn RandomSource>::new(Arc::new(SystemRandom), faults);
        let reset = sample::requested(noon());
        let step = sample::issue(&reset, self.account.id(), noon());
        let ack = Ack::new(&password_reset::ports::Leased::new(reset.clone(), 1), noon());
        let row = sample::audit(AuditEvent::Sent, &reset, noon());
        let quota = Quota::new(sample::digest(), 3, Duration::from_secs(60), noon());
        let identifier = Identifier::email("ana@example.com").unwrap();
        let change = PasswordChange::new(self.account.clone(), sample::hash(), noon());
        let message = sample::link_message(Contact::email("ana@example.com"));
        let newest = AuditFilter::Newest { account: self.account.id().clone(), limit: 1 };
        let feed = FeedLease::take("feed", noon(), after(noon(), 1));
        let sender = SenderName::Number(sample::digest());
        let answers = [
            ("store.open", store.open(&reset, None, None, &[]).await.is_err()),
            ("store.load", store.load(reset.id()).await.is_err()),
            ("store.load_reset", store.load_reset(reset.id()).await.is_err()),
            ("store.load_inbound", store.load_inbound(&sample::digest()).await.is_err()),
            ("store.account_state", store.account_state(self.account.id(), &[], noon()).await.is_err()),
            ("store.live", store.live(self.account.id(), noon(), 1).await.is_err()),
            ("store.attempt", store.attempt(&Attempt::new(reset.id(), AttemptKind::Code, 5)).await.is_err()),
            ("store.transition", store.transition(&step).await.is_err()),
            ("store.lease", store.lease(&Due::new(noon(), after(noon(), 1), 1)).await.is_err()),
            ("store.acknowledge", store.acknowledge(std::slice::from_ref(&ack)).await.is_err()),
            ("store.take_permit", store.take_permit(&quota).await.is_err()),
            ("store.refill", store.refill(&[quota.key]).await.is_err()),
            ("store.record", store.record(&row).await.is_err()),
            ("store.audit", store.audit(&newest).await.is_err()),
            ("store.audit_after", store.audit_after(None, noon(), 1).await.is_err()),
            ("store.lease_feed", store.lease_feed(&feed).await.is_err()),
            ("store.keys_in_use", store.keys_in_use(noon()).await.is_err()),
            ("store.versions", store.versions(&[reset.id()]).await.is_err()),
            ("store.health", store.health(noon()).await.is_err()),
            ("store.purge", store.purge(&Purge::new(noon(), noon(), noon(), 1)).await.is_err()),
            ("store.export", store.export(self.account.id(), &[]).await.is_err()),
            ("store.erase", store.erase(self.account.id(), &[]).await.is_err()),
            ("store.sender", store.sender(&sender).await.is_err()),
            ("store.forget_sender", store.forget_sender(&sender).await.is_err()),
            ("accounts.find", accounts.find(&identifier).await.is_err()),
            ("accounts.load", accounts.load(self.account.id()).await.is_err()),
            ("accounts.set_password", accounts.set_password(&change).await.is_err()),
            ("accounts.end_sessions", accounts.end_sessions(self.account.id(), noon()).await.is_err()),
            ("notifier.deliver", matches!(notifier.deliver(&message).await, Delivery::Later { .. })),
            ("random.fill", random.fill(&mut [0; 8]).is_err()),
        ];
        answers.into_iter().filter(|(_, failed)| *failed).map(|(call, _)| call).collect()
    }
}

#[tokio::test]
async fn every_call_of_every_port_can_fail() {
    let counting = Faults::none();
    assert!(World::new().call_everything(&counting).await.is_empty());
    assert!(!counting.struck());
    let calls = counting.calls();
    assert_eq!(calls.len(), 30);
    for fault in [Fault::FailBefore, Fault::FailAfter] {
        let mut failed = Vec::new();
        for call in 1.. {
            let faults = Faults::at(call, fault.clone());
            failed.extend(World::new().call_everything(&faults).await);
            if !faults.struck() {
                break;
            }
        }
        assert_eq!(failed, calls, "each call failed once, in its turn");
        assert_eq!(World::new().call_everything(&Faults::from_call(3, fault)).await, calls.split_at(2).1);
    }
}

#[tokio::test]
async fn a_lost_answer_keeps_the_effect_and_an_early_failure_has_none() {
    for (fault, done) in [(Fault::FailBefore, false), (Fault::FailAfter, true)] {
        let world = World::new();
        let faults = Faults::from_call(1, fault);
        let new = sample::hash();
        let change = PasswordChange::new(world.account.clone(), new.clone(), noon());
        let accounts = FaultyAccounts::new(Arc::clone(&world.accounts), &faults);
        assert!(accounts.set_password(&change).await.unwrap_err().is_transient());
        assert_eq!(world.accounts.get(world.account.id()).unwrap().hash() == Some(&new), done);
        let notifier = FaultyNotifier::new(Arc::clone(&world.notifier), &faults);
        notifier.deliver(&sample::link_message(Contact::email("ana@example.com"))).await;
        assert_eq!(world.notifier.delivered().len(), usize::from(done));
        let reset = sample::requested(noon());
        let store = FaultyStore::new(Arc::clone(&world.store), &faults);
        assert!(store.open(&reset, None, None, &[]).await.is_err());
        assert_eq!(world.store.load(reset.id()).await.unwrap().is_some(), done);
    }
}

#[tokio::test]
async fn a_call_that_stops_never_returns() {
    for (fault, done) in [(Fault::StopBefore, false), (Fault::StopAfter, true)] {
        let world = World::new();
        let faults = Faults::at(1, fault);
        let store = FaultyStore::new(Arc::clone(&world.store), &faults);
        let reset = sample::requested(noon());
        {
            let mut call = pin!(store.open(&reset, None, None, &[]));
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..3 {
                assert!(matches!(call.as_mut().poll(&mut context), Poll::Pending));
            }
            faults.until_struck().await;
        }
        assert_eq!(world.store.load(reset.id()).await.unwrap().is_some(), done);
    }
}

#[tokio::test]
async fn a_hook_runs_at_its_call_and_the_call_goes_on() {
    for (before, expected) in [(true, 0), (false, 1)] {
        let world = World::new();
        let seen = Arc::new(AtomicUsize::new(99));
        let hook = {
            let (seen, store) = (Arc::clone(&seen), Arc::clone(&world.store));
            Arc::new(move || seen.store(store.resets().unwrap().len(), Ordering::SeqCst))
        };
        let faults = Faults::at(2, if before { Fault::RunBefore(hook) } else { Fault::RunAfter(hook) });
        let store = FaultyStore::new(Arc::clone(&world.store), &faults);
        let reset = sample::requested(noon());
        store.load(reset.id()).await.unwrap();
        assert!(!faults.struck());
        store.open(&reset, None, None, &[]).await.unwrap();
        assert_eq!(seen.load(Ordering::SeqCst), expected);
        assert_eq!(faults.calls(), ["store.load", "store.open"]);
    }
}

#[tokio::test]
async fn a_fault_can_be_at_the_nth_call_of_one_method() {
    let world = World::new();
    let faults = Faults::at_nth("store.load", 2, Fault::FailBefore);
    let store = FaultyStore::new(Arc::clone(&world.store), &faults);
    let id = sample::requested(noon()).id();
    let mut failed = Vec::new();
    for _ in 0..3 {
        store.load_reset(id).await.unwrap();
        failed.push(store.load(id).await.is_err());
    }
    store.load_reset(id).await.unwrap();
    assert_eq!((failed, faults.struck()), (vec![false, true, false], true));
}
