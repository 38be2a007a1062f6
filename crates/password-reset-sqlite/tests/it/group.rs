//! Group commit: calls that come at once share a transaction, and nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use password_reset::flow::State;
use password_reset::ports::{Accounts, Attempt, AttemptKind, Attempted, Opened, ResetStore, Transitioned};
use password_reset::{PortError, ResetId};
use password_reset_sqlite::SqliteStore;
use tokio::task::JoinSet;

use crate::common::{World, apply, issue, note, request, store_request, verified};

/// How many transactions the write-ahead log holds: frames that end one say so (SQLite, "Database File Format", 4.1).
fn transactions(file: &Path) -> usize {
    const HEADER: usize = 32;
    const FRAME: usize = 24;
    let log = std::fs::read(file.with_extension("db-wal")).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let (page, salt) = (usize::try_from(number(8)).unwrap(), &log[16..24]);
    let frames = log[HEADER..].chunks_exact(FRAME + page);
    frames.filter(|frame| frame[8..16] == *salt && frame[4..8] != [0; 4]).count()
}

/// Begins all calls while another connection writes, so that they come at once, and lets them go on.
async fn at_once<T: Send + 'static>(
    world: &World,
    writes: Vec<impl Future<Output = T> + Send + 'static>,
) -> BTreeMap<usize, T> {
    let writing = world.writing_elsewhere();
    let mut running = JoinSet::new();
    for (at, write) in writes.into_iter().enumerate() {
        running.spawn(async move { (at, write.await) });
    }
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    writing.execute_batch("commit").unwrap();
    running.join_all().await.into_iter().collect()
}

async fn open(store: SqliteStore) -> ResetId {
    let reset = request();
    assert_eq!(store.open(&reset, None, None, &[]).await.unwrap(), Opened::Stored);
    reset.id()
}

#[tokio::test]
async fn calls_that_come_at_once_wait_for_the_disk_once() {
    let world = World::new().await;
    let store = world.store();
    let file = world.file();
    store_request(&store).await; // makes the log
    let before = transactions(&file);
    let stored = at_once(&world, (0..40).map(|_| open(store.clone())).collect()).await;
    for id in stored.values() {
        assert!(store.load(*id).await.unwrap().is_some());
    }
    let took = transactions(&file) - before;
    // That of the test, that of the first call, and that of all others.
    assert!(took <= 4, "{took} transactions");
    // One after the other is one each.
    for _ in 0..5 {
        open(store.clone()).await;
    }
    assert_eq!(transactions(&file), before + took + 5);
}

enum Came {
    Counted(Result<Attempted, PortError>),
    Opened(Result<Opened, PortError>),
    Transitioned(Result<Transitioned, PortError>),
}

#[tokio::test]
async fn a_call_that_fails_or_is_rolled_back_takes_no_other_along() {
    let world = World::new().await;
    let store = world.writing();
    let (twice, counted) = (store_request(&store).await, store_request(&store).await);
    let stale = verified(&store).await;
    let issued = issue(&twice, "1");
    assert_eq!(store.transition(&issued).await.unwrap(), Transitioned::Moved { lease: None });
    let was = world.accounts().load(&"1".into()).await.unwrap().unwrap();
    world.run("update users set password_hash = 'another' where id = 1");
    type Write = std::pin::Pin<Box<dyn Future<Output = Came> + Send>>;
    let count = || -> Write {
        let (store, id) = (store.clone(), counted.id());
        Box::pin(async move { Came::Counted(store.attempt(&Attempt::new(id, AttemptKind::Completion, 20)).await) })
    };
    let mut writes: Vec<Write> = (0..6).map(|_| count()).collect();
    let own = (store.clone(), twice.clone());
    writes.push(Box::pin(async move { Came::Opened(own.0.open(&own.1, None, None, &[]).await) }));
    let own = (store.clone(), apply(&stale, &was, "new hash"));
    writes.push(Box::pin(async move { Came::Transitioned(own.0.transition(&own.1).await) }));
    // What is not as a step wants it is no failure.
    let own = (store.clone(), issued);
    writes.push(Box::pin(async move { Came::Transitioned(own.0.transition(&own.1).await) }));
    writes.extend((0..6).map(|_| count()));

    let mut attempts = Vec::new();
    for (at, came) in at_once(&world, writes).await {
        match came {
            Came::Counted(Ok(Attempted::Counted { loaded, .. })) => {
                attempts.push(loaded.reset.stored().completion_attempts);
            }
            Came::Opened(Err(error)) => assert!(!error.is_transient(), "{error:?}"),
            Came::Transitioned(Ok(advanced)) if at == 7 => assert_eq!(advanced, Transitioned::StaleAccount),
            Came::Transitioned(Ok(advanced)) => assert_eq!(advanced, Transitioned::Conflict),
            Came::Counted(came) => panic!("{came:?}"),
            Came::Opened(came) => panic!("{came:?}"),
            Came::Transitioned(came) => panic!("{came:?}"),
        }
    }
    attempts.sort_unstable();
    assert_eq!(attempts, (1..=12).collect::<Vec<_>>(), "each try was counted once");
    assert_eq!(store.load(stale.id()).await.unwrap().unwrap().reset.state(), State::Verified);
}

/// A program may have several runtimes, or a test one after the other.
#[test]
fn a_runtime_that_ends_in_the_middle_leaves_the_store_usable() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let lasting = runtime();
    let world = lasting.block_on(World::new());
    let store = world.store();
    let writing = world.writing_elsewhere();
    let ending = runtime();
    ending.block_on(async {
        let waits = tokio::spawn(open(store.clone()));
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        assert!(!waits.is_finished());
    });
    drop(ending);
    writing.execute_batch("commit").unwrap();
    lasting.block_on(open(store.clone()));
}

/// A row of another program that this library cannot read, in a group with rows that it can.
#[tokio::test]
async fn a_damaged_row_fails_its_own_call_alone() {
    let world = World::new().await;
    let store = world.store();
    let mut resets = Vec::new();
    for _ in 0..5 {
        resets.push(store_request(&store).await.id());
    }
    world.run(&format!("update password_reset_resets set locale = '??' where id = x'{}'", hex(&resets[2])));
    let writes = resets.iter().map(|id| {
        let (store, id) = (store.clone(), *id);
        async move { store.attempt(&Attempt::new(id, AttemptKind::Completion, 20)).await }
    });
    for (at, counted) in at_once(&world, writes.collect()).await {
        assert_eq!(counted.is_err(), at == 2, "{at}: {counted:?}");
    }
    assert_eq!(world.number("select sum(completion_attempts) from password_reset_resets"), 4);
}

fn hex(id: &ResetId) -> String {
    id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A full disk ends the whole transaction. Each call fails, nothing of it is stored, and the next calls
/// go on.
#[tokio::test]
async fn a_full_disk_fails_calls_and_the_writer_goes_on() {
    let world = World::new().await;
    let pages = world.number("pragma page_count");
    let store = world.store_with(&format!("pragma max_page_count = {}", pages + 2));
    let mut refused = 0;
    for _ in 0..20 {
        let writes = (0..10).map(|_| {
            let store = store.clone();
            async move {
                let reset = request();
                let noted = [note(password_reset::flow::AuditEvent::Requested).of(&reset)];
                (reset.id(), store.open(&reset, None, None, &noted).await)
            }
        });
        for (id, opened) in at_once(&world, writes.collect()).await.into_values() {
            refused += i32::from(opened.is_err());
            assert_eq!(store.load(id).await.unwrap().is_some(), opened.is_ok(), "{opened:?}");
        }
    }
    assert!(refused > 50, "the disk was never full");
    let audit = world.number("select count(*) from password_reset_audit");
    assert_eq!(world.number("select count(*) from password_reset_resets"), audit);
    world.run("delete from password_reset_audit; delete from password_reset_resets");
    open(store).await;
}
