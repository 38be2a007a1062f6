use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use password_reset::PortError;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{Wait, Writer};
use crate::error::Outcome;

struct World {
    dir: TempDir,
    writer: Writer,
    thread: std::thread::JoinHandle<()>,
}

impl World {
    fn new(setup: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let connection = Connection::open(dir.path().join("app.db")).unwrap();
        connection.execute_batch("pragma journal_mode = wal; create table t (n integer primary key)").unwrap();
        connection.execute_batch(setup).unwrap();
        let (writer, thread) = Writer::spawn(connection).unwrap();
        Self { dir, writer, thread }
    }

    fn rows(&self) -> Vec<i64> {
        let connection = Connection::open(self.dir.path().join("app.db")).unwrap();
        let mut statement = connection.prepare("select n from t order by n").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// Keeps the thread busy until something is sent, so that calls which come meanwhile are one group.
    async fn busy(&self) -> Sender<()> {
        let (free, waits) = channel();
        let (began, begins) = futures_channel::oneshot::channel();
        let writer = self.writer.clone();
        tokio::spawn(async move {
            let work = move |_: &Connection| {
                began.send(()).unwrap();
                waits.recv().unwrap();
                Ok(())
            };
            writer.write(Wait::Alone, "cannot wait", work).await
        });
        begins.await.unwrap();
        free
    }

    async fn insert(&self, n: i64) -> Result<(), PortError> {
        self.writer.write(Wait::ForDisk, "cannot insert", move |connection| insert(connection, n)).await
    }

    /// The level of `synchronous` with which the call's own transaction is committed.
    async fn level(&self, wait: Wait) -> i64 {
        let read = |connection: &Connection| Ok(connection.query_row("pragma synchronous", [], |row| row.get(0))?);
        self.writer.write(wait, "cannot read", read).await.unwrap()
    }
}

fn insert(connection: &Connection, n: i64) -> Outcome<()> {
    connection.execute("insert into t values (?1)", [n])?;
    Ok(())
}

#[tokio::test]
async fn a_call_is_answered_when_it_is_committed() {
    let world = World::new("");
    for n in 0..50 {
        world.insert(n).await.unwrap();
        assert_eq!(world.rows().last(), Some(&n), "another connection reads it");
    }
}

#[tokio::test]
async fn a_commit_waits_for_the_disk_when_its_calls_must() {
    for (setup, waiting, not_waiting) in [
        ("", 2, 1),
        ("pragma synchronous = extra", 3, 1),
        ("pragma synchronous = normal", 1, 1),
        ("pragma synchronous = off", 0, 0),
    ] {
        let world = World::new(setup);
        for round in 0..3 {
            let levels = async |waits: &[Wait]| {
                let free = world.busy().await;
                let calls = join_all(waits.iter().map(|wait| world.level(*wait)));
                let mut calls = Box::pin(calls);
                // All of them are sent before the thread goes on.
                assert_eq!(calls.as_mut().now_or_never(), None);
                free.send(()).unwrap();
                calls.await
            };
            assert_eq!(levels(&[Wait::ForCommit; 2]).await, [not_waiting; 2], "{setup}, round {round}");
            let mixed = [Wait::ForCommit, Wait::ForDisk, Wait::ForCommit];
            assert_eq!(levels(&mixed).await, [not_waiting, waiting, not_waiting], "{setup}, round {round}");
            assert_eq!(world.level(Wait::ForDisk).await, waiting);
        }
    }
}

#[tokio::test]
async fn a_call_that_need_not_wait_for_the_disk_is_answered_before_one_that_must() {
    let world = World::new("");
    let free = world.busy().await;
    let (answered, is_answered) = channel();
    let waiting = world.writer.write(Wait::ForDisk, "cannot wait", move |_: &Connection| {
        Ok(is_answered.recv_timeout(Duration::from_secs(60)).is_ok())
    });
    let quick = async {
        world.writer.write(Wait::ForCommit, "cannot insert", |connection: &Connection| insert(connection, 1)).await?;
        let committed = world.rows() == [1];
        answered.send(()).unwrap();
        Ok::<bool, PortError>(committed)
    };
    let mut both = Box::pin(async { tokio::join!(waiting, quick) });
    assert!(both.as_mut().now_or_never().is_none());
    free.send(()).unwrap();
    let (after, committed) = both.await;
    assert!(after.unwrap() && committed.unwrap());
}

#[tokio::test]
async fn a_journal_that_is_no_log_is_always_waited_for() {
    let world = World::new("pragma journal_mode = delete");
    assert_eq!(world.level(Wait::ForCommit).await, 2);
}

#[tokio::test]
async fn one_call_that_fails_or_panics_leaves_its_neighbours_alone() {
    let world = World::new("");
    let free = world.busy().await;
    let fails = |n| {
        world.writer.write(Wait::ForDisk, "cannot insert", move |connection: &Connection| {
            insert(connection, n)?;
            insert(connection, n)
        })
    };
    let panics = world.writer.write(Wait::ForDisk, "cannot insert", |connection: &Connection| {
        insert(connection, 30)?;
        panic!("a bug");
        #[allow(unreachable_code, reason = "says the type")]
        Ok(())
    });
    let calls = async {
        tokio::join!(world.insert(1), fails(10), world.insert(2), panics, world.insert(3), fails(20), world.insert(4))
    };
    let mut calls = Box::pin(calls);
    assert!(calls.as_mut().now_or_never().is_none());
    free.send(()).unwrap();
    let (one, ten, two, panicked, three, twenty, four) = calls.await;
    assert!([one, two, three, four].iter().all(Result::is_ok));
    assert!(!ten.unwrap_err().is_transient() && !twenty.unwrap_err().is_transient());
    assert!(panicked.unwrap_err().is_transient());
    assert_eq!(world.rows(), [1, 2, 3, 4]);
    world.insert(5).await.unwrap();
}

/// As SQLite does when the disk is full.
#[tokio::test]
async fn calls_whose_transaction_another_one_ended_are_refused_and_later_ones_go_on() {
    let world =
        World::new("create trigger guard before insert on t when new.n = 13 begin select raise(rollback, 'no'); end");
    let free = world.busy().await;
    let mut calls = Box::pin(join_all([1, 13, 2].map(|n| world.insert(n))));
    assert!(calls.as_mut().now_or_never().is_none());
    free.send(()).unwrap();
    let answers = calls.await;
    let transient: Vec<_> = answers.into_iter().map(|answer| answer.map_err(|error| error.is_transient())).collect();
    assert_eq!(transient, [Err(true), Err(false), Ok(())]);
    assert_eq!(world.rows(), [2]);
}

#[tokio::test]
async fn a_call_that_no_caller_waits_for_is_not_begun() {
    let world = World::new("");
    let free = world.busy().await;
    {
        let mut gone = Box::pin(world.insert(1));
        assert!(gone.as_mut().now_or_never().is_none());
    }
    free.send(()).unwrap();
    world.insert(2).await.unwrap();
    assert_eq!(world.rows(), [2]);
}

#[tokio::test]
async fn the_thread_ends_with_the_last_handle() {
    let world = World::new("");
    let another = world.writer.clone();
    world.insert(1).await.unwrap();
    let World { dir, writer, thread } = world;
    drop(writer);
    another.write(Wait::ForDisk, "cannot insert", |connection| insert(connection, 2)).await.unwrap();
    drop(another);
    thread.join().unwrap();
    // Its connection is closed, and was the last: SQLite has taken the log into the file.
    assert!(!dir.path().join("app.db-wal").exists());
}
