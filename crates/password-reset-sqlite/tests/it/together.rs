//! Writes that come at once share a transaction, and nothing else.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use password_reset::ports::{Accounts, Advanced, AttemptKind, Counted, Due, Opened, Quota, ResetStore};
use password_reset::{PortError, ResetId, State};
use password_reset_sqlite::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tokio::task::JoinSet;

use crate::common::{World, after, apply, digest, issue, noon, request, store_request, verified};

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

/// Begins all of it while somebody else writes, so that it comes at once, and lets it go on.
async fn at_once<T: Send + 'static>(
    world: &World,
    writes: Vec<impl Future<Output = T> + Send + 'static>,
) -> BTreeMap<usize, T> {
    let mut writing = world.pool.begin_with("begin immediate").await.unwrap();
    sqlx::query("update users set email = email").execute(&mut *writing).await.unwrap();
    let mut running = JoinSet::new();
    for (at, write) in writes.into_iter().enumerate() {
        running.spawn(async move { (at, write.await) });
    }
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    writing.commit().await.unwrap();
    running.join_all().await.into_iter().collect()
}

async fn open(store: SqliteStore) -> ResetId {
    let reset = request();
    assert_eq!(store.open(&reset, None, &[]).await.unwrap(), Opened::Stored);
    reset.id()
}

#[tokio::test]
async fn writes_that_come_at_once_wait_for_the_disk_once() {
    let world = World::new().await;
    let store = world.store();
    let file = world.dir.path().join("app.db");
    let before = transactions(&file);
    let stored = at_once(&world, (0..40).map(|_| open(store.clone())).collect()).await;
    for id in stored.values() {
        assert!(store.load(*id).await.unwrap().is_some());
    }
    let took = transactions(&file) - before;
    // That of the test, that of who came first, and that of all others.
    assert!(took <= 4, "{took} transactions");
    // One after the other is one each.
    for _ in 0..5 {
        open(store.clone()).await;
    }
    assert_eq!(transactions(&file), before + took + 5);
}

enum Came {
    Counted(Result<Counted, PortError>),
    Opened(Result<Opened, PortError>),
    Advanced(Result<Advanced, PortError>),
}

#[tokio::test]
async fn a_write_that_fails_or_is_taken_back_takes_no_other_along() {
    let world = World::new().await;
    let store = world.writing();
    let (twice, counted) = (store_request(&store).await, store_request(&store).await);
    let stale = verified(&store).await;
    let issued = issue(&twice, "1");
    assert_eq!(store.advance(&issued).await.unwrap(), Advanced::Moved);
    let was = world.accounts().load(&"1".into()).await.unwrap().unwrap();
    world.run("update users set password_hash = 'another' where id = 1").await;
    type Write = std::pin::Pin<Box<dyn Future<Output = Came> + Send>>;
    let count = || -> Write {
        let (store, id) = (store.clone(), counted.id());
        Box::pin(async move { Came::Counted(store.count_attempt(id, AttemptKind::Completion, 20).await) })
    };
    let mut writes: Vec<Write> = (0..6).map(|_| count()).collect();
    let own = (store.clone(), twice.clone());
    writes.push(Box::pin(async move { Came::Opened(own.0.open(&own.1, None, &[]).await) }));
    let own = (store.clone(), apply(&stale, &was, "new hash"));
    writes.push(Box::pin(async move { Came::Advanced(own.0.advance(&own.1).await) }));
    // What is not as a step wants it is no failure.
    let own = (store.clone(), issued);
    writes.push(Box::pin(async move { Came::Advanced(own.0.advance(&own.1).await) }));
    writes.extend((0..6).map(|_| count()));

    let mut attempts = Vec::new();
    for (at, came) in at_once(&world, writes).await {
        match came {
            Came::Counted(Ok(Counted::Yes { reset, .. })) => attempts.push(reset.completion_attempts()),
            Came::Opened(Err(error)) => assert!(!error.is_transient(), "{error:?}"),
            Came::Advanced(Ok(advanced)) if at == 7 => assert_eq!(advanced, Advanced::StaleAccount),
            Came::Advanced(Ok(advanced)) => assert_eq!(advanced, Advanced::Conflict),
            Came::Counted(came) => panic!("{came:?}"),
            Came::Opened(came) => panic!("{came:?}"),
            Came::Advanced(came) => panic!("{came:?}"),
        }
    }
    attempts.sort_unstable();
    assert_eq!(attempts, (1..=12).collect::<Vec<_>>(), "each try was counted once");
    assert_eq!(store.load(stale.id()).await.unwrap().unwrap().state(), State::Verified);
}

/// A program may have several runtimes, or a test one after the other.
#[test]
fn a_runtime_that_ends_in_the_middle_leaves_the_store_usable() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let lasting = runtime();
    let world = lasting.block_on(World::new());
    let store = world.store();
    let mut writing = lasting.block_on(world.pool.begin_with("begin immediate")).unwrap();
    let ending = runtime();
    ending.block_on(async {
        let waits = tokio::spawn(open(store.clone()));
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        assert!(!waits.is_finished());
    });
    drop(ending);
    lasting.block_on(async {
        sqlx::query("update users set email = email").execute(&mut *writing).await.unwrap();
        writing.commit().await.unwrap();
        open(store.clone()).await;
    });
}

/// What need not wait for the disk does not, and leaves nothing behind: the application's own commits wait as it said.
#[tokio::test]
async fn connections_wait_for_the_disk_as_the_application_said() {
    let world = World::new().await;
    for (connections, said, level) in [(1, "full", 2), (4, "full", 2), (4, "extra", 3), (4, "normal", 1)] {
        let options = SqliteConnectOptions::new().filename(world.dir.path().join("app.db")).pragma("synchronous", said);
        let pool = SqlitePoolOptions::new().max_connections(connections).connect_with(options).await.unwrap();
        let store = SqliteStore::new(&pool);
        // More than once: the pragmas are prepared statements, and must take effect each time.
        for round in 0..3 {
            let reset = store_request(&store).await;
            store.take_permit(&Quota::new(digest(7), 3, Duration::from_secs(60), noon())).await.unwrap();
            store.count_attempt(reset.id(), AttemptKind::Completion, 5).await.unwrap();
            store.due(&Due::new(noon(), after(9), 9)).await.unwrap();
            let mut all = Vec::new();
            for _ in 0..connections {
                all.push(pool.acquire().await.unwrap());
            }
            for connection in &mut all {
                let now: i64 = sqlx::query_scalar("pragma synchronous").fetch_one(&mut **connection).await.unwrap();
                assert_eq!(now, level, "{connections} connections, {said}, round {round}");
            }
        }
    }
}
