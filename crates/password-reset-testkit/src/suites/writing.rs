//! A store that writes the account in the transaction of the step.

use std::sync::Arc;

use password_reset::flow::{AuditEvent, CloseReason, Reset, State, Tasks};
use password_reset::ports::{
    Accounts, Attempt, AttemptKind, Attempted, Changed, Loaded, LoadedAccount, PasswordChange, ResetStore, Transitioned,
};
use password_reset::{Account, Channel, InboundMode, PasswordHash};

use super::fixtures::{as_if_active, created, node, present};
use super::{AccountSpec, AccountsFixture, StoreFixture, all_at_once, loaded, moved, newest, stored};
use crate::sample::{self, after, noon};

const TASKS: usize = 64;
const ROUNDS: usize = 20;

/// Checks that a step was refused for the account's sake: nothing of it was written.
async fn refused_as_stale(store: &dyn ResetStore, was: &Account) {
    let sibling = stored(store, sample::issued(was.id(), noon())).await;
    let reset = stored(store, sample::verified(was.id(), noon())).await;
    let step = sample::apply_with(&reset, was.clone(), sample::hash(), noon());
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::StaleAccount);
    assert_eq!(loaded(store, &reset).await, reset);
    assert_eq!(loaded(store, &sibling).await, sibling);
    assert!(store.audit(&newest(was.id(), 10)).await.unwrap().is_empty());
}

/// The password, the finished row, the closed siblings and the audit rows are there at once; `Applying` never is.
pub async fn a_step_writes_the_account_and_finishes<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, accounts) = (fixture.store(), fixture.accounts());
    let was = created(fixture, AccountSpec::active()).await;
    let bystander = created(fixture, AccountSpec::active()).await;
    let sibling = stored(&*store, sample::issued(was.id(), noon())).await;
    let reset = stored(&*store, sample::verified(was.id(), noon())).await;
    let new = sample::hash();
    let step = sample::apply_with(&reset, was.clone(), new.clone(), after(noon(), 5));
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Finished { lease: None });
    let (_, finished) = step.with_account().unwrap();
    let now = loaded(&*store, &reset).await;
    assert_eq!(now, *finished.after());
    assert_eq!((now.state(), now.tasks()), (State::PasswordSet, Tasks::SESSIONS.and(Tasks::NOTICES)));
    assert_eq!(loaded(&*store, &sibling).await.state(), State::Closed(CloseReason::OtherResetWon));
    assert_eq!(present(&*accounts, was.id()).await.hash(), Some(&new));
    assert_eq!(present(&*accounts, was.id()).await.contacts(), was.contacts());
    assert_eq!(present(&*accounts, bystander.id()).await, bystander);
    let history = store.audit(&newest(was.id(), 10)).await.unwrap();
    let count = |event| history.iter().filter(|row| row.event == event).count();
    assert_eq!((history.len(), count(AuditEvent::PasswordSet), count(AuditEvent::Closed)), (2, 1, 1));
}

/// An account without a password gets its first.
pub async fn the_first_password_is_written<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, accounts) = (fixture.store(), fixture.accounts());
    let was = created(fixture, AccountSpec::active().without_password()).await;
    assert_eq!(was.hash(), None);
    let reset = stored(&*store, sample::verified(was.id(), noon())).await;
    let new = sample::hash();
    let step = sample::apply_with(&reset, was.clone(), new.clone(), noon());
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Finished { lease: None });
    assert_eq!(present(&*accounts, was.id()).await.hash(), Some(&new));
}

/// A step that brings no change of the account is a step like any other.
pub async fn a_step_without_a_change_leaves_the_account<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, accounts) = (fixture.store(), fixture.accounts());
    let was = created(fixture, AccountSpec::active()).await;
    let reset = stored(&*store, sample::verified(was.id(), noon())).await;
    let applying = moved(&*store, &sample::apply(&reset, noon())).await;
    moved(&*store, &sample::finish(&applying, noon())).await;
    assert_eq!(present(&*accounts, was.id()).await, was);
}

/// The password was set elsewhere since the account was read.
pub async fn a_changed_hash_makes_the_step_stale<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, accounts) = (fixture.store(), fixture.accounts());
    let was = created(fixture, AccountSpec::active()).await;
    let elsewhere = PasswordChange::new(was.clone(), sample::hash(), noon());
    assert_eq!(accounts.set_password(&elsewhere).await.unwrap(), Changed::Updated);
    refused_as_stale(&*store, &was).await;
    assert_eq!(present(&*accounts, was.id()).await.hash(), Some(elsewhere.new_hash()));
}

/// The account was barred since it was read.
pub async fn a_disabled_account_makes_the_step_stale<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, accounts) = (fixture.store(), fixture.accounts());
    let disabled = created(fixture, AccountSpec::active().disabled()).await;
    refused_as_stale(&*store, &as_if_active(&disabled)).await;
    assert_eq!(present(&*accounts, disabled.id()).await, disabled);
}

/// The account was deleted since it was read.
pub async fn an_account_that_is_gone_makes_the_step_stale<F: StoreFixture + AccountsFixture>(fixture: &F) {
    // An id that a table of numbers can have, and no account has.
    let gone = Account::new("999999999", password_reset::AccountStatus::Active).with_hash(sample::hash());
    refused_as_stale(&*fixture.store(), &gone).await;
}

/// A reset that moved on meanwhile does not set the password.
pub async fn a_conflict_leaves_the_account<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, accounts) = (fixture.store(), fixture.accounts());
    let was = created(fixture, AccountSpec::active()).await;
    let reset = stored(&*store, sample::verified(was.id(), noon())).await;
    let step = sample::apply_with(&reset, was.clone(), sample::hash(), noon());
    let closed = moved(&*store, &sample::close(&reset, CloseReason::Cancelled, noon())).await;
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Conflict);
    assert_eq!(loaded(&*store, &reset).await, closed);
    assert_eq!(present(&*accounts, was.id()).await, was);
}

/// From the millisecond of its expiry on, a reset does not set the password.
pub async fn an_expired_reset_leaves_the_account<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, accounts) = (fixture.store(), fixture.accounts());
    let was = created(fixture, AccountSpec::active()).await;
    for (millis, expected) in
        [(1, Transitioned::Conflict), (0, Transitioned::Conflict), (-1, Transitioned::Finished { lease: None })]
    {
        let reset = stored(&*store, sample::verified(was.id(), noon())).await;
        let at = after(reset.expires_at(), millis);
        let longer = sample::altered(&reset, |row| row.expires_at = after(row.expires_at, 3_600_000));
        let step = sample::apply_with(&longer, was.clone(), sample::hash(), at);
        assert_eq!(store.transition(&step).await.unwrap(), expected, "{millis} ms after its expiry");
        let untouched = present(&*accounts, was.id()).await == was;
        assert_eq!(untouched, expected == Transitioned::Conflict);
    }
}

/// The answer was lost and the step comes again: a conflict, and no second write.
pub async fn the_same_step_again_writes_nothing<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, accounts) = (fixture.store(), fixture.accounts());
    let was = created(fixture, AccountSpec::active()).await;
    let reset = stored(&*store, sample::verified(was.id(), noon())).await;
    let step = sample::apply_with(&reset, was.clone(), sample::hash(), noon());
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Finished { lease: None });
    let (row, account) = (loaded(&*store, &reset).await, present(&*accounts, was.id()).await);
    assert_eq!(fixture.another_node().transition(&step).await.unwrap(), Transitioned::Conflict);
    assert_eq!(loaded(&*store, &reset).await, row);
    assert_eq!(present(&*accounts, was.id()).await, account);
    assert_eq!(store.audit(&newest(was.id(), 10)).await.unwrap().len(), 1);
}

/// Every reset of two accounts sets another password at once: each account has one winner, and its hash.
pub async fn one_of_many_resets_writes_the_account<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, accounts) = (fixture.store(), fixture.accounts());
    for _ in 0..ROUNDS {
        let owners = [created(fixture, AccountSpec::active()).await, created(fixture, AccountSpec::active()).await];
        let mut attempts: Vec<(Reset, PasswordHash)> = Vec::new();
        for number in 0..TASKS {
            let reset = stored(&*store, sample::verified(owners[number % 2].id(), noon())).await;
            attempts.push((reset, sample::hash()));
        }
        let shared = Arc::new((owners.clone(), attempts.clone()));
        let results = all_at_once(TASKS, |number| {
            let (store, shared) = (node(fixture, number / 2), Arc::clone(&shared));
            async move {
                let (reset, new) = &shared.1[number];
                let step = sample::apply_with(reset, shared.0[number % 2].clone(), new.clone(), noon());
                store.transition(&step).await.expect("transition must succeed, also under contention")
            }
        })
        .await;
        for (which, owner) in owners.iter().enumerate() {
            let of_owner = || (0..TASKS).filter(|number| number % 2 == which);
            let winners: Vec<usize> =
                of_owner().filter(|number| results[*number] == Transitioned::Finished { lease: None }).collect();
            assert_eq!(winners.len(), 1, "exactly one reset of an account sets its password");
            assert_eq!(present(&*accounts, owner.id()).await.hash(), Some(&attempts[winners[0]].1));
            for number in of_owner() {
                let expected =
                    if number == winners[0] { State::PasswordSet } else { State::Closed(CloseReason::OtherResetWon) };
                assert_eq!(loaded(&*store, &attempts[number].0).await.state(), expected);
            }
        }
    }
}

/// One reset sets many passwords at once: one is written, and the row knows which.
pub async fn one_of_many_passwords_of_a_reset_is_written<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, accounts) = (fixture.store(), fixture.accounts());
    for _ in 0..ROUNDS {
        let was = created(fixture, AccountSpec::active()).await;
        let reset = stored(&*store, sample::verified(was.id(), noon())).await;
        let hashes: Vec<PasswordHash> = (0..TASKS).map(|_| sample::hash()).collect();
        let steps: Vec<_> =
            hashes.iter().map(|new| sample::apply_with(&reset, was.clone(), new.clone(), noon())).collect();
        let steps = Arc::new(steps);
        let results =
            all_at_once(TASKS, |number| {
                let (store, steps) = (node(fixture, number), Arc::clone(&steps));
                async move {
                    store.transition(&steps[number]).await.expect("transition must succeed, also under contention")
                }
            })
            .await;
        let winners: Vec<usize> =
            (0..TASKS).filter(|number| results[*number] == Transitioned::Finished { lease: None }).collect();
        assert_eq!(winners.len(), 1);
        assert!(
            results
                .iter()
                .all(|result| matches!(result, Transitioned::Finished { lease: None } | Transitioned::Conflict))
        );
        assert_eq!(present(&*accounts, was.id()).await.hash(), Some(&hashes[winners[0]]));
        let (_, finished) = steps[winners[0]].with_account().unwrap();
        assert_eq!(loaded(&*store, &reset).await, *finished.after());
    }
}

/// A reset and the application's own page set a password at once: one of them does, and the other learns of it.
pub async fn a_reset_and_a_login_page_do_not_both_win<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, accounts) = (fixture.store(), fixture.accounts());
    for _ in 0..ROUNDS {
        let was = created(fixture, AccountSpec::active()).await;
        let reset = stored(&*store, sample::verified(was.id(), noon())).await;
        let (by_reset, by_page) = (sample::hash(), sample::hash());
        let step = sample::apply_with(&reset, was.clone(), by_reset.clone(), noon());
        let both = Arc::new((step, PasswordChange::new(was.clone(), by_page.clone(), noon())));
        let results = all_at_once(2, |number| {
            let (store, accounts, both) = (fixture.store(), fixture.accounts(), Arc::clone(&both));
            async move {
                if number == 0 {
                    match store.transition(&both.0).await.unwrap() {
                        Transitioned::Finished { lease: None } => true,
                        Transitioned::StaleAccount => false,
                        other => panic!("{other:?}"),
                    }
                } else {
                    accounts.set_password(&both.1).await.unwrap() == Changed::Updated
                }
            }
        })
        .await;
        assert_eq!(results.iter().filter(|won| **won).count(), 1, "one of the two, not both and not neither");
        let now = present(&*accounts, was.id()).await;
        assert_eq!(now.hash(), Some(if results[0] { &by_reset } else { &by_page }));
        let expected = if results[0] { State::PasswordSet } else { State::Verified };
        assert_eq!(loaded(&*store, &reset).await.state(), expected);
    }
}

/// A reset is loaded with its account as it is then, in every way to load one; without one before it has one, or when the
/// account is gone. No account is read for what a stranger may ask: that would take time.
pub async fn a_reset_is_loaded_with_its_account<F: StoreFixture + AccountsFixture>(fixture: &F) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let account = created(fixture, AccountSpec::active()).await;
    let inbound = sample::requested_by(Channel::WhatsAppInbound(InboundMode::PageAdvances), noon());
    let key = inbound.stored().inbound_key.unwrap();
    let inbound = stored(&*store, inbound).await;
    let here = |account: LoadedAccount| match account {
        LoadedAccount::Here(account) => account,
        other => panic!("this store writes accounts, so it loads them: {other:?}"),
    };
    assert_eq!(here(other.load(inbound.id()).await.unwrap().unwrap().account), None);
    let issued = moved(&*store, &sample::issue(&inbound, account.id(), noon())).await;
    let attempt = Attempt::new(issued.id(), AttemptKind::Completion, 5);
    let Attempted::Counted { loaded, .. } = other.attempt(&attempt).await.unwrap() else { panic!("it is counted") };
    for loaded in [
        other.load(issued.id()).await.unwrap().unwrap(),
        other.load_inbound(&key).await.unwrap().unwrap(),
        Loaded::clone(&loaded),
    ] {
        assert_eq!(loaded.reset.id(), issued.id());
        assert_eq!(here(loaded.account), Some(account.clone()));
    }
    let guess = Attempt::new(issued.id(), AttemptKind::Code, 5);
    let Attempted::Counted { loaded, .. } = other.attempt(&guess).await.unwrap() else { panic!("it is counted") };
    assert!(matches!(loaded.account, LoadedAccount::Elsewhere), "{:?}", loaded.account);
    assert_eq!(other.load_reset(issued.id()).await.unwrap(), Some(loaded.reset));
    assert_eq!(other.load_reset(sample::requested(noon()).id()).await.unwrap(), None);
    let gone = stored(&*store, sample::issued(&sample::account_id(), noon())).await;
    assert_eq!(here(other.load(gone.id()).await.unwrap().unwrap().account), None);
}
