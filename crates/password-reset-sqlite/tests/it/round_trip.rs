//! What is written is read back, and a finished reset leaves what it should.

use password_reset::flow::{AuditEvent, CloseReason, State, Tasks};
use password_reset::ports::{Accounts, AuditFilter, Due, ResetStore, Transitioned, UserTable};
use password_reset::{AccountId, PasswordHash};

use crate::common::{World, after, apply, issue, prove, request, store_request, verified};

#[tokio::test]
async fn a_reset_is_read_back_as_it_was_written() {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, reset);
    let step = issue(&reset, "1");
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Moved { lease: None });
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, *step.after());
    let step = prove(step.after());
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Moved { lease: None });
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, *step.after());
    assert!(store.load(request().id()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_finished_reset_and_its_account_are_written_together() {
    let world = World::new().await;
    let store = world.writing();
    let (reset, sibling) = (verified(&store).await, verified(&store).await);
    let id = AccountId::new("1");
    let was = world.accounts().load(&id).await.unwrap().unwrap();
    assert_eq!(
        store.transition(&apply(&reset, &was, "new hash")).await.unwrap(),
        Transitioned::Finished { lease: None }
    );
    let finished = store.load(reset.id()).await.unwrap().unwrap().reset;
    assert_eq!(finished.state(), State::PasswordSet);
    assert!(finished.tasks().contains(Tasks::SESSIONS.and(Tasks::NOTICES)));
    let sibling = store.load(sibling.id()).await.unwrap().unwrap().reset;
    assert_eq!(sibling.state(), State::Closed(CloseReason::OtherResetWon));
    assert!(sibling.tasks().is_empty());
    let now = world.accounts().load(&id).await.unwrap().unwrap();
    assert_eq!(now.hash(), Some(&PasswordHash::new("new hash")));
    let history = store.audit(&AuditFilter::Newest { account: id.clone(), limit: 10 }).await.unwrap();
    assert_eq!(history.iter().filter(|row| row.event == AuditEvent::PasswordSet).count(), 1);
    let due = store.lease(&Due::new(after(4), after(64), 10)).await.unwrap();
    assert_eq!(due.iter().map(|leased| leased.reset.id()).collect::<Vec<_>>(), [reset.id()]);
}

#[tokio::test]
async fn a_store_that_writes_the_account_keeps_its_earlier_hash_too() {
    let world = World::new().await;
    world.run("alter table users add column before text");
    let accounts = world.accounts_in(UserTable::new("users").with_earlier_hashes_column("before"));
    let store = world.store().writing(accounts.clone());
    let reset = verified(&store).await;
    let id = AccountId::new("1");
    let was = accounts.load(&id).await.unwrap().unwrap();
    assert_eq!(
        store.transition(&apply(&reset, &was, "new hash")).await.unwrap(),
        Transitioned::Finished { lease: None }
    );
    let now = accounts.load(&id).await.unwrap().unwrap();
    assert_eq!(now.hash(), Some(&PasswordHash::new("new hash")));
    assert_eq!(now.earlier_hashes(), [PasswordHash::new("old hash")]);
}

#[tokio::test]
async fn nothing_is_written_when_the_account_is_not_as_it_was() {
    let world = World::new().await;
    let store = world.writing();
    let reset = verified(&store).await;
    let was = world.accounts().load(&AccountId::new("1")).await.unwrap().unwrap();
    world.run("update users set password_hash = 'set elsewhere' where id = 1");
    assert_eq!(store.transition(&apply(&reset, &was, "new hash")).await.unwrap(), Transitioned::StaleAccount);
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, reset);
    assert_eq!(world.number("select count(*) from users where password_hash = 'set elsewhere'"), 1);
    assert_eq!(world.number("select count(*) from password_reset_audit where event = 'password_set'"), 0);
}

#[tokio::test]
async fn a_store_that_does_not_write_accounts_leaves_them_alone() {
    let world = World::new().await;
    let store = world.store();
    let reset = verified(&store).await;
    let was = world.accounts().load(&AccountId::new("1")).await.unwrap().unwrap();
    assert_eq!(store.transition(&apply(&reset, &was, "new hash")).await.unwrap(), Transitioned::Moved { lease: None });
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset.state(), State::Applying);
    assert_eq!(world.number("select count(*) from users where password_hash = 'old hash'"), 1);
}
