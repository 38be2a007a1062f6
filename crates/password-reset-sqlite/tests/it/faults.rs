//! What the disk refuses is a typed error, and the store goes on when the disk does.

use std::error::Error;

use password_reset::PortError;
use password_reset::ports::{Attempt, AttemptKind, AuditFilter, Due, ResetStore, Transitioned};
use password_reset_sqlite::SqliteStore;

use crate::common::{World, after, apply, issue, note, request, store_request, verified};

/// What reaches a log: the error and its causes.
fn notified(error: &PortError) -> String {
    let mut notified = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        notified = format!("{notified}: {error}");
        source = error.source();
    }
    notified
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_a_permanent_error() {
    let world = World::new().await;
    // A file that cannot be written has the log that another process made.
    let writable = world.store();
    let reset = store_request(&writable).await;
    let store = SqliteStore::open(format!("file:{}?mode=ro", world.file().display())).unwrap();
    assert!(!store.check().await.unwrap_err().is_transient());
    assert!(store.load(reset.id()).await.unwrap().is_some());
    let error = store.attempt(&Attempt::new(reset.id(), AttemptKind::Completion, 5)).await.unwrap_err();
    assert!(!error.is_transient(), "{error:?}");
    let error = store.open(&request(), None, None, &[]).await.unwrap_err();
    assert!(!error.is_transient(), "{error:?}");
    assert_eq!(writable.load(reset.id()).await.unwrap().unwrap().reset.stored().completion_attempts, 0);
}

#[tokio::test]
async fn a_full_disk_can_be_tried_again_and_passes() {
    let world = World::new().await;
    // A connection that may not make the file larger stands for a full disk.
    let store = world.store_with("pragma max_page_count = 40");
    let mut stored = Vec::new();
    let error = loop {
        let reset = request();
        match store.open(&reset, None, None, &[note(password_reset::flow::AuditEvent::Requested).of(&reset)]).await {
            Ok(_) => stored.push(reset),
            Err(error) => break error,
        }
        assert!(stored.len() < 1_000, "the disk is never full");
    };
    assert!(error.is_transient(), "{error:?}");
    assert!(notified(&error).contains("full"), "{}", notified(&error));
    // Nothing half: as many resets as audit rows, and each is readable.
    let resets = world.number("select count(*) from password_reset_resets");
    assert_eq!(resets, i64::try_from(stored.len()).unwrap());
    assert_eq!(world.number("select count(*) from password_reset_audit"), resets);
    // The same connection still works: it reads, fails again, and writes when there is room.
    for _ in 0..5 {
        assert!(store.load(stored[0].id()).await.unwrap().is_some());
        let reset = request();
        let again =
            store.open(&reset, None, None, &[note(password_reset::flow::AuditEvent::Requested).of(&reset)]).await;
        assert!(notified(&again.unwrap_err()).contains("full"));
    }
    let done = store.attempt(&Attempt::new(stored[0].id(), AttemptKind::Completion, 5)).await.unwrap();
    assert!(matches!(done, password_reset::ports::Attempted::Counted { .. }), "{done:?}");
    world.run("delete from password_reset_audit; delete from password_reset_resets");
    store_request(&store).await;
}

/// A row and its audit row are two statements, the second of which may fail.
#[tokio::test]
async fn a_call_that_fails_in_the_middle_leaves_nothing_and_no_lock() {
    let world = World::new().await;
    let store = world.store();
    let before = store_request(&store).await;
    world.run(
        "create trigger guard before insert on password_reset_audit
             begin select raise(abort, 'no audit rows here'); end",
    );
    let impatient = world.connect();
    impatient.busy_timeout(std::time::Duration::ZERO).unwrap();
    for _ in 0..3 {
        let reset = request();
        let noted = [note(password_reset::flow::AuditEvent::Requested).of(&reset)];
        assert!(store.open(&reset, None, None, &noted).await.is_err());
        assert!(store.load(reset.id()).await.unwrap().is_none());
        assert!(store.transition(&issue(&before, "1")).await.is_err());
        // Not even for a moment.
        impatient.execute_batch("update users set email = email").unwrap();
    }
    assert_eq!(store.load(before.id()).await.unwrap().unwrap().reset, before);
    world.run("drop trigger guard");
    assert_eq!(store.transition(&issue(&before, "1")).await.unwrap(), Transitioned::Moved { lease: None });
}

#[tokio::test]
async fn a_database_that_others_write_is_a_passing_error() {
    let world = World::new().await;
    let store = world.store_with("pragma busy_timeout = 0");
    let reset = store_request(&store).await;
    let writing = world.writing_elsewhere();
    let error = store.transition(&issue(&reset, "1")).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(store.lease(&Due::new(after(1), after(2), 1)).await.unwrap_err().is_transient());
    // Reading goes on meanwhile.
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, reset);
    writing.execute_batch("rollback").unwrap();
    assert_eq!(store.transition(&issue(&reset, "1")).await.unwrap(), Transitioned::Moved { lease: None });
}

#[tokio::test]
async fn an_account_that_cannot_be_written_takes_the_step_back() {
    let world = World::new().await;
    world.run(
        "create trigger guard before update on users when new.password_hash = 'refused'
             begin select raise(abort, 'no such password here'); end",
    );
    let store = world.writing();
    let reset = verified(&store).await;
    let was = password_reset::ports::Accounts::load(&world.accounts(), &"1".into()).await.unwrap().unwrap();
    let error = store.transition(&apply(&reset, &was, "refused")).await.unwrap_err();
    assert!(!error.is_transient());
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, reset);
    assert_eq!(store.transition(&apply(&reset, &was, "taken")).await.unwrap(), Transitioned::Finished { lease: None });
}

#[tokio::test]
async fn no_error_shows_sql_or_values() {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    let twice = store.open(&reset, None, None, &[]).await.unwrap_err();
    world.run("drop table password_reset_audit; alter table users rename to people");
    let gone = store.audit(&AuditFilter::Newest { account: "1".into(), limit: 1 }).await.unwrap_err();
    let missing = password_reset::ports::Accounts::load(&world.accounts(), &"1".into()).await.unwrap_err();
    world.run("alter table password_reset_resets rename column lease to lost");
    let no_column = store.load(reset.id()).await.unwrap_err();
    let folder = SqliteStore::open(world.dir.path()).unwrap_err();
    for error in [twice, gone, missing, no_column, folder] {
        let notified = format!("{} {error:?}", notified(&error)).to_lowercase();
        for word in ["select ", "insert ", "update ", "ana@toko.example", "example.com", "where "] {
            assert!(!notified.contains(word), "{notified}");
        }
    }
}
