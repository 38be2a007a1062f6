//! The pool, with hashers that the test releases.

#![allow(clippy::arithmetic_side_effects, clippy::panic_in_result_fn, reason = "test code")]

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use futures_util::future::join_all;

use super::*;

/// Reports when each job starts, and finishes it when the test releases it.
#[derive(Clone, Debug)]
struct Gated {
    started: mpsc::Sender<String>,
    gate: Arc<(Mutex<usize>, Condvar)>,
    ended: mpsc::Sender<()>,
    made: Arc<AtomicUsize>,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

struct Test {
    hasher: Arc<Gated>,
    started: mpsc::Receiver<String>,
    ended: mpsc::Receiver<()>,
}

fn gated() -> Test {
    let (started, starts) = mpsc::channel();
    let (ended, ends) = mpsc::channel();
    let hasher = Gated {
        started,
        ended,
        gate: Arc::default(),
        made: Arc::default(),
        running: Arc::default(),
        most: Arc::default(),
    };
    Test { hasher: Arc::new(hasher), started: starts, ended: ends }
}

impl Test {
    fn pool(&self, threads: usize, queue: usize) -> HashPool {
        let hasher = Arc::clone(&self.hasher);
        HashPool::new(hasher, HashPoolConfig::default().threads(threads).queue(queue)).expect("threads")
    }

    /// Lets this many jobs finish.
    fn let_go(&self, jobs: usize) {
        *self.hasher.gate.0.lock().unwrap() += jobs;
        self.hasher.gate.1.notify_all();
    }

    fn made(&self) -> usize {
        self.hasher.made.load(Ordering::SeqCst)
    }
}

impl PasswordHasher for Gated {
    fn worker(&self) -> Box<dyn HashWorker> {
        self.made.fetch_add(1, Ordering::SeqCst);
        Box::new(GatedWorker(self.clone()))
    }
}

struct GatedWorker(Gated);

impl Drop for GatedWorker {
    fn drop(&mut self) {
        let _test_is_over = self.0.ended.send(());
    }
}

impl GatedWorker {
    fn pass(&self, password: &Password) {
        let Gated { running: threads, most, started, gate, .. } = &self.0;
        let running = threads.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(running, Ordering::SeqCst);
        let _test_is_over = started.send(password.expose().to_owned());
        let mut free = gate.0.lock().unwrap();
        while *free == 0 {
            free = gate.1.wait(free).unwrap();
        }
        *free -= 1;
        drop(free);
        threads.fetch_sub(1, Ordering::SeqCst);
    }
}

impl HashWorker for GatedWorker {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        self.pass(password);
        match password.expose() {
            "panic" => panic!("a hasher of the application's"),
            "fail" => Err(HashError::Failed),
            other => Ok(PasswordHash::new(format!("hash of {other}"))),
        }
    }

    fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        self.pass(password);
        let right = hash.as_str() == format!("hash of {}", password.expose());
        Ok(if right { Verdict::Match { outdated: false } } else { Verdict::Mismatch })
    }
}

fn password(text: &str) -> Password {
    Password::new(text)
}

/// Polls once, which queues the job or refuses it.
fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn answers_are_those_of_the_hasher() {
    let test = gated();
    test.let_go(usize::MAX);
    let pool = test.pool(2, 4);
    let hash = pool.hash(&password("a")).await.unwrap();
    assert_eq!(hash.as_str(), "hash of a");
    assert_eq!(pool.verify(&password("a"), &hash).await, Ok(Verdict::Match { outdated: false }));
    assert_eq!(pool.verify(&password("b"), &hash).await, Ok(Verdict::Mismatch));
    assert_eq!(pool.hash(&password("fail")).await, Err(PoolError::Hash(HashError::Failed)));
}

#[tokio::test]
async fn a_full_queue_answers_at_once_and_takes_the_next_when_there_is_room() {
    let test = gated();
    let pool = test.pool(1, 1);
    let (a, b, c) = (password("a"), password("b"), password("c"));
    let mut first = pin!(pool.hash(&a));
    assert!(poll(first.as_mut()).is_pending());
    assert_eq!(test.started.recv().unwrap(), "a");
    let mut second = pin!(pool.hash(&b));
    assert!(poll(second.as_mut()).is_pending());

    let refused = poll(pin!(pool.hash(&c)));
    let Poll::Ready(Err(PoolError::Busy { retry_after })) = refused else { panic!("{refused:?}") };
    assert!(retry_after >= Duration::from_secs(1));

    test.let_go(2);
    assert!(first.await.is_ok() && second.await.is_ok());
    test.let_go(1);
    assert!(pool.hash(&c).await.is_ok());
}

#[tokio::test]
async fn a_pool_without_a_queue_takes_what_its_threads_can() {
    let test = gated();
    let pool = test.pool(1, 0);
    test.let_go(10);
    for _ in 0..10 {
        assert!(pool.hash(&password("a")).await.is_ok(), "a caller that has an answer finds a free thread");
    }
}

#[tokio::test]
async fn an_abandoned_job_is_skipped_and_frees_its_place() {
    let test = gated();
    let pool = test.pool(1, 1);
    let (a, b, c) = (password("a"), password("b"), password("c"));
    let mut first = Box::pin(pool.hash(&a));
    assert!(poll(first.as_mut()).is_pending());
    assert_eq!(test.started.recv().unwrap(), "a");
    let mut gone = Box::pin(pool.hash(&b));
    assert!(poll(gone.as_mut()).is_pending());
    drop(gone);
    let mut third = Box::pin(pool.hash(&c));
    assert!(poll(third.as_mut()).is_pending(), "the place of the abandoned job is free");

    test.let_go(2);
    assert!(first.await.is_ok() && third.await.is_ok());
    assert_eq!(test.started.try_iter().collect::<Vec<_>>(), ["c"], "b was never hashed");
    assert_eq!(b.shares(), 1, "and the pool does not keep it");
}

#[tokio::test]
async fn abandoning_a_running_job_does_not_affect_others() {
    let test = gated();
    let pool = test.pool(1, 1);
    let a = password("a");
    let mut gone = Box::pin(pool.hash(&a));
    assert!(poll(gone.as_mut()).is_pending());
    assert_eq!(test.started.recv().unwrap(), "a");
    drop(gone);
    test.let_go(2);
    assert!(pool.hash(&password("b")).await.is_ok());
}

#[tokio::test]
async fn a_worker_that_panics_is_replaced() {
    let test = gated();
    let pool = test.pool(1, 4);
    let (bad, good) = (password("panic"), password("good"));
    let mut lost = Box::pin(pool.hash(&bad));
    let mut next = Box::pin(pool.hash(&good));
    assert!(poll(lost.as_mut()).is_pending() && poll(next.as_mut()).is_pending());
    test.let_go(2);
    assert_eq!(lost.await, Err(PoolError::WorkerLost));
    assert!(next.await.is_ok(), "the next job is served");
    assert_eq!(test.made(), 2, "by a new worker");
    assert_eq!(test.ended.try_iter().count(), 1, "the broken worker is dropped");
}

/// A hasher that cannot make a worker the first time.
#[derive(Debug, Default)]
struct Stillborn(AtomicUsize);

impl PasswordHasher for Stillborn {
    fn worker(&self) -> Box<dyn HashWorker> {
        assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "no worker yet");
        let test = gated();
        test.let_go(usize::MAX);
        test.hasher.worker()
    }
}

#[tokio::test]
async fn a_hasher_that_cannot_make_a_worker_fails_that_caller_only() {
    let pool = HashPool::new(Arc::new(Stillborn::default()), HashPoolConfig::default().threads(1)).unwrap();
    assert_eq!(pool.hash(&password("a")).await, Err(PoolError::WorkerLost));
    assert!(pool.hash(&password("a")).await.is_ok());
}

#[tokio::test]
async fn other_work_runs_on_a_thread_of_the_pool_and_needs_no_worker() {
    let test = gated();
    let pool = test.pool(1, 4);
    let name = pool.slot().unwrap().run(|_| thread::current().name().map(str::to_owned)).await;
    assert_eq!(name, Ok(Some("password-hash".to_owned())));
    assert_eq!(test.made(), 0);
}

#[tokio::test]
async fn other_work_and_hashes_share_one_bounded_queue() {
    let test = gated();
    let pool = test.pool(1, 1);
    let a = password("a");
    let mut hash = pin!(pool.hash(&a));
    assert!(poll(hash.as_mut()).is_pending());
    assert_eq!(test.started.recv().unwrap(), "a");
    let slot = pool.slot().unwrap();
    let mut waiting = pin!(slot.run(|_| 7));
    assert!(poll(waiting.as_mut()).is_pending());

    assert!(matches!(pool.slot(), Err(PoolError::Busy { .. })));
    assert!(matches!(poll(pin!(pool.hash(&a))), Poll::Ready(Err(PoolError::Busy { .. }))));

    test.let_go(1);
    assert!(hash.await.is_ok());
    assert_eq!(waiting.await, Ok(7));
}

#[tokio::test]
async fn a_job_does_all_of_its_work_before_another_callers() {
    let test = gated();
    let pool = test.pool(1, 1);
    let (a, b, c) = (password("a"), password("b"), password("c"));
    let job = move |worker: &mut PoolWorker<'_>| {
        let hash = worker.hash(&a)?;
        worker.verify(&b, &hash)
    };
    let mut both = pin!(pool.slot().unwrap().run(job));
    assert!(poll(both.as_mut()).is_pending());
    assert_eq!(test.started.recv().unwrap(), "a");
    let mut waiting = pin!(pool.hash(&c));
    assert!(poll(waiting.as_mut()).is_pending());

    test.let_go(3);
    assert_eq!(both.await, Ok(Ok(Verdict::Mismatch)));
    assert!(waiting.await.is_ok());
    assert_eq!(test.started.try_iter().collect::<Vec<_>>(), ["b", "c"]);
}

#[tokio::test]
async fn a_job_whose_worker_panics_goes_on_with_a_new_one() {
    let test = gated();
    test.let_go(usize::MAX);
    let pool = test.pool(1, 0);
    let (bad, good) = (password("panic"), password("good"));
    let job = move |worker: &mut PoolWorker<'_>| (worker.hash(&bad), worker.hash(&good));
    let (first, second) = pool.slot().unwrap().run(job).await.unwrap();
    assert_eq!(first, Err(PoolError::WorkerLost));
    assert!(second.is_ok());
    assert_eq!(test.made(), 2);
}

#[tokio::test]
async fn a_dropped_slot_is_free() {
    let test = gated();
    let pool = test.pool(1, 0);
    let slot = pool.slot().unwrap();
    assert!(matches!(pool.slot(), Err(PoolError::Busy { .. })));
    drop(slot);
    assert!(pool.slot().is_ok());
}

#[tokio::test]
async fn jobs_of_callers_that_left_do_not_pile_up() {
    let test = gated();
    let pool = test.pool(1, 4);
    let a = password("a");
    let mut running = pin!(pool.hash(&a));
    assert!(poll(running.as_mut()).is_pending());
    assert_eq!(test.started.recv().unwrap(), "a");
    let b = password("b");
    for _ in 0..100 {
        assert!(poll(pin!(pool.hash(&b))).is_pending());
    }
    assert!(b.shares() <= 1 + 5, "no more than there are slots");
    test.let_go(1);
    assert!(running.await.is_ok());
}

#[tokio::test]
async fn other_work_that_panics_fails_its_caller_only() {
    let test = gated();
    test.let_go(usize::MAX);
    let pool = test.pool(1, 4);
    assert!(pool.hash(&password("a")).await.is_ok());
    assert_eq!(pool.slot().unwrap().run(|_| -> u8 { panic!("a bug in the work") }).await, Err(PoolError::WorkerLost));
    assert!(pool.hash(&password("a")).await.is_ok());
    assert_eq!(test.made(), 1, "the worker was not part of it");
}

/// What a panic carries, and panics itself.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a second bug in the work");
    }
}

#[tokio::test]
async fn other_work_whose_panic_panics_ends_no_thread() {
    let test = gated();
    test.let_go(usize::MAX);
    let pool = test.pool(1, 4);
    let lost = pool.slot().unwrap().run(|_| -> u8 { std::panic::panic_any(Bomb) }).await;
    assert_eq!(lost, Err(PoolError::WorkerLost));
    let next = tokio::time::timeout(Duration::from_secs(60), pool.hash(&password("a"))).await;
    assert!(next.expect("a thread is left").is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_at_once_never_run_on_more_threads_than_there_are() {
    let test = gated();
    let pool = test.pool(3, 500);
    let passwords: Vec<_> = (0..500).map(|at| password(&format!("{at}"))).collect();
    let all: Vec<_> = passwords
        .iter()
        .map(|password| {
            let (pool, password) = (pool.clone(), password.share());
            tokio::spawn(async move { pool.hash(&password).await })
        })
        .collect();
    // All threads are busy before the first job is released.
    for _ in 0..3 {
        test.started.recv().unwrap();
    }
    test.let_go(500);
    assert!(join_all(all).await.into_iter().all(|answer| answer.unwrap().is_ok()));
    assert_eq!(test.hasher.most.load(Ordering::SeqCst), 3);
    assert_eq!(test.made(), 3, "one worker per thread, and no more memory");
}

#[tokio::test]
async fn five_hundred_at_a_short_queue_are_refused_fast() {
    let test = gated();
    let pool = test.pool(2, 8);
    let passwords: Vec<_> = (0..500).map(|at| password(&format!("{at}"))).collect();
    let mut all: Vec<_> = passwords.iter().map(|password| Box::pin(pool.hash(password))).collect();
    let mut kept = Vec::new();
    let mut refused = 0;
    for mut one in all.drain(..) {
        match poll(one.as_mut()) {
            Poll::Pending => kept.push(one),
            Poll::Ready(answer) => {
                assert!(matches!(answer, Err(PoolError::Busy { .. })), "{answer:?}");
                refused += 1;
            }
        }
    }
    assert_eq!((kept.len(), refused), (10, 490), "before anything was hashed");
    test.let_go(10);
    assert!(join_all(kept).await.into_iter().all(|answer| answer.is_ok()));
}

#[tokio::test]
async fn threads_end_with_the_last_handle() {
    let test = gated();
    test.let_go(usize::MAX);
    let pool = test.pool(2, 4);
    let twin = pool.clone();
    // Two workers exist only after both threads have run a job.
    while test.made() < 2 {
        let passwords: Vec<_> = (0..4).map(|at| password(&format!("{at}"))).collect();
        join_all(passwords.iter().map(|password| pool.hash(password))).await;
    }
    drop(pool);
    assert!(twin.hash(&password("a")).await.is_ok(), "a clone keeps them alive");
    assert_eq!(test.ended.try_iter().count(), 0);
    drop(twin);
    // Each ending thread drops its worker; otherwise this would wait for ever.
    assert!(test.ended.recv().is_ok() && test.ended.recv().is_ok());
}

#[test]
fn a_refused_caller_learns_when_the_queue_will_be_empty() {
    let config = HashPoolConfig::default().threads(2).queue(100).each_takes(Duration::from_millis(100));
    assert_eq!(config.longest_wait(), Duration::from_millis(5100));
    assert_eq!(config.retry_after(), Duration::from_millis(5100));
    assert_eq!(config.queue(0).retry_after(), Duration::from_secs(1));
    assert_eq!(config.threads(0).threads, 1);
    assert!((1..=4).contains(&HashPoolConfig::default().threads));
}
