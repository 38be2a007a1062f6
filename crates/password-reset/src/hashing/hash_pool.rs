//! A bounded pool of threads for hashing and for other expensive work on passwords.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use futures_channel::oneshot;
use tracing::{Span, dispatcher};

use crate::error::PortError;
use crate::identity::password::Password;
use crate::identity::password_hash::PasswordHash;
use crate::metrics::{self, Timer};
use crate::ports::{HashError, HashWorker, PasswordHasher, Verdict};

/// The number of threads of a pool, and the length of its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashPoolConfig {
    threads: usize,
    queue: usize,
    each_takes: Duration,
}

impl HashPoolConfig {
    /// Sets the number of threads. The default is one per processor and at most 4; 0 counts as 1.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Sets how many jobs may wait, in addition to those that run. The default is 64.
    #[must_use]
    pub fn queue(mut self, queue: usize) -> Self {
        self.queue = queue;
        self
    }

    /// Sets how long one hash takes, in your estimate or as
    /// [`Argon2Params::calibrate`](crate::hashing::Argon2Params::calibrate) measured it. The default is 50 ms.
    ///
    /// The pool uses it only to tell callers of a full queue when to retry.
    #[must_use]
    pub fn each_takes(mut self, each_takes: Duration) -> Self {
        self.each_takes = each_takes;
        self
    }

    /// How long the last job of a full queue takes from its submission to its answer, if every job is one hash.
    #[must_use]
    pub fn longest_wait(&self) -> Duration {
        let rounds = self.queue.div_ceil(self.threads).saturating_add(1);
        self.each_takes.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
    }

    const fn slots(&self) -> usize {
        self.threads.saturating_add(self.queue)
    }

    pub(crate) const fn thread_count(&self) -> usize {
        self.threads
    }

    fn retry_after(&self) -> Duration {
        self.longest_wait().max(Duration::from_secs(1))
    }
}

impl Default for HashPoolConfig {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self { threads: processors.min(4), queue: 64, each_takes: Duration::from_millis(50) }
    }
}

/// Hashes, verifies and checks passwords on its own threads; the answers are futures for any executor.
///
/// Each thread makes one worker for its first hash and keeps it, so the pool uses the memory of `threads` workers and no
/// more. When all slots are taken, a caller gets [`PoolError::Busy`] at once. The pool skips a job whose caller dropped
/// the future. A worker that panics fails only the job that it ran, and a new worker replaces it (not in programs built
/// with `panic = "abort"`).
///
/// Cheap to clone. The threads end when the last clone is dropped; no job can be waiting then, because every waiting call
/// borrows the pool.
#[derive(Clone, Debug)]
pub struct HashPool(Arc<Owner>);

impl HashPool {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the operating system cannot start a thread.
    pub fn new(hasher: Arc<dyn PasswordHasher>, config: HashPoolConfig) -> Result<Self, PortError> {
        let shared = Arc::new(Shared { hasher, queue: Mutex::new(Queue::default()), ready: Condvar::new() });
        // Made before the threads, so that an early return drops it and ends those that were started.
        let pool = Self(Arc::new(Owner { shared: Arc::clone(&shared), config }));
        for _ in 0..config.threads {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name("password-hash".to_owned()).spawn(move || work(&shared)).map_err(|error| {
                PortError::transient(
                    "cannot start a hashing thread: lower \
                 `HashPoolConfig::threads`, or raise the process limit",
                )
                .because(error)
            })?;
        }
        Ok(pool)
    }

    /// Takes a slot for one job. Only this call answers "busy": a job that has a slot is never refused.
    ///
    /// # Errors
    /// [`PoolError::Busy`] at once when all slots are taken: one for each thread and each place in the queue.
    pub fn slot(&self) -> Result<PoolSlot<'_>, PoolError> {
        let Owner { shared, config } = &*self.0;
        let mut queue = shared.lock();
        if queue.slots >= config.slots() {
            return Err(PoolError::Busy { retry_after: config.retry_after() });
        }
        queue.slots = queue.slots.saturating_add(1);
        drop(queue);
        metrics::hash_callers(1.0);
        Ok(PoolSlot(self))
    }

    /// Makes a new hash, in a slot of its own.
    ///
    /// # Errors
    /// [`PoolError::Busy`], the hasher's error, or [`PoolError::WorkerLost`] when it panicked.
    pub async fn hash(&self, password: &Password) -> Result<PasswordHash, PoolError> {
        let password = password.share();
        self.slot()?.run(move |worker| worker.hash(&password)).await?
    }

    /// Compares a password with a stored hash, in a slot of its own.
    ///
    /// # Errors
    /// As [`hash`](Self::hash).
    pub async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, PoolError> {
        let (password, hash) = (password.share(), hash.clone());
        self.slot()?.run(move |worker| worker.verify(&password, &hash)).await?
    }
}

/// Admission to a [`HashPool`] for one job.
#[derive(Debug)]
pub struct PoolSlot<'a>(&'a HashPool);

impl PoolSlot<'_> {
    /// Runs a job on a thread of the pool: hashes, comparisons, and other expensive work on a password, such as
    /// [`PasswordPolicy::check`](crate::PasswordPolicy::check), so that it does not block the executor and the same queue
    /// bounds it. A job that does all of its work at once costs its caller one wait.
    ///
    /// # Errors
    /// [`PoolError::WorkerLost`] when the job panicked.
    pub async fn run<T, F>(self, job: F) -> Result<T, PoolError>
    where
        F: FnOnce(&mut PoolWorker<'_>) -> T + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let (caller, asked) = (Arc::new(()), Timer::start());
        // What the job logs goes where its caller logs, and in the span of its call.
        let (log, span) = (dispatcher::get_default(Clone::clone), Span::current());
        let run = move |worker: &mut PoolWorker<'_>| {
            let waited = asked.elapsed();
            // The job owns what it uses, so a panic leaves nothing half-changed that can be seen.
            let logged = move || dispatcher::with_default(&log, || span.in_scope(|| job(worker)));
            let answer = catch_unwind(AssertUnwindSafe(logged)).map_err(lost);
            // An answer that is not wanted any more is dropped here.
            let _abandoned = reply.send((waited, answer)).map_err(lost);
        };
        self.enqueue(Job { caller: Arc::downgrade(&caller), run: Box::new(run) });
        let (waited, answer) = answer.await.map_err(|_lost| PoolError::WorkerLost)?;
        metrics::hash_waited(waited);
        answer
    }

    fn enqueue(&self, job: Job) {
        let Owner { shared, config } = &*self.0.0;
        let mut queue = shared.lock();
        // Jobs of callers that left stay until a thread comes by; not more of them than there are slots.
        if queue.waiting.len() >= config.slots() {
            queue.waiting.retain(|job| !job.is_abandoned());
        }
        queue.waiting.push_back(job);
        drop(queue);
        shared.ready.notify_one();
    }
}

impl Drop for PoolSlot<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.0.shared.lock();
        queue.slots = queue.slots.saturating_sub(1);
        drop(queue);
        metrics::hash_callers(-1.0);
    }
}

/// A job of the pool failed or was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// The queue is full. Answer 503 with `Retry-After`.
    #[error("password hashing queue is full: retry in {} s", retry_after.as_secs())]
    Busy {
        /// The expected time until the queue is empty.
        retry_after: Duration,
    },
    /// The hasher returned an error.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The job panicked. A retry may succeed.
    #[error("the password hasher panicked")]
    WorkerLost,
}

/// What the clones of a pool share. Its drop ends the threads.
#[derive(Debug)]
struct Owner {
    shared: Arc<Shared>,
    config: HashPoolConfig,
}

impl Drop for Owner {
    fn drop(&mut self) {
        let mut queue = self.shared.lock();
        queue.closed = true;
        queue.waiting.clear();
        drop(queue);
        self.shared.ready.notify_all();
    }
}

#[derive(Debug)]
struct Shared {
    hasher: Arc<dyn PasswordHasher>,
    queue: Mutex<Queue>,
    ready: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Job>,
    slots: usize,
    closed: bool,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { waiting, slots, closed } = self;
        write!(f, "Queue({} waiting, {slots} slots taken, closed: {closed})", waiting.len())
    }
}

impl Shared {
    /// No code that can panic runs under the lock.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job whose caller still waits; `None` when the pool is gone.
    fn next(&self) -> Option<Job> {
        let mut queue = self.lock();
        loop {
            if queue.closed {
                return None;
            }
            match queue.waiting.pop_front() {
                Some(job) if job.is_abandoned() => {}
                Some(job) => return Some(job),
                None => queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

struct Job {
    /// Of the future of the caller; gone when the caller dropped it.
    caller: Weak<()>,
    run: Box<dyn FnOnce(&mut PoolWorker<'_>) + Send>,
}

impl Job {
    fn is_abandoned(&self) -> bool {
        self.caller.strong_count() == 0
    }
}

fn work(shared: &Shared) {
    let mut worker = PoolWorker { hasher: &*shared.hasher, worker: None };
    while let Some(job) = shared.next() {
        (job.run)(&mut worker);
    }
}

/// What a job of a [`HashPool`] hashes with: the worker of its thread, which is made for the first hash.
pub struct PoolWorker<'a> {
    hasher: &'a dyn PasswordHasher,
    /// Dropped when it panics.
    worker: Option<Box<dyn HashWorker>>,
}

impl fmt::Debug for PoolWorker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hasher, worker } = self;
        write!(f, "PoolWorker({hasher:?}, made: {})", worker.is_some())
    }
}

impl PoolWorker<'_> {
    /// Makes a new hash.
    ///
    /// # Errors
    /// The hasher's error, or [`PoolError::WorkerLost`] when it panicked.
    pub fn hash(&mut self, password: &Password) -> Result<PasswordHash, PoolError> {
        self.ask(|worker| worker.hash(password))
    }

    /// Compares a password with a stored hash.
    ///
    /// # Errors
    /// As [`hash`](Self::hash).
    pub fn verify(&mut self, password: &Password, hash: &PasswordHash) -> Result<Verdict, PoolError> {
        self.ask(|worker| worker.verify(password, &hash.unmarked()))
    }

    fn ask<T>(&mut self, ask: impl FnOnce(&mut dyn HashWorker) -> Result<T, HashError>) -> Result<T, PoolError> {
        let hasher = self.hasher;
        let slot = &mut self.worker;
        // A worker that panicked is dropped and never used again, so its broken state cannot be seen.
        let answer = catch_unwind(AssertUnwindSafe(|| ask(&mut **slot.get_or_insert_with(|| hasher.worker()))));
        match answer {
            Ok(answer) => answer.map_err(PoolError::Hash),
            Err(panic) => Err(lost((panic, self.worker.take()))),
        }
    }
}

/// Drops what a panic carries and what it broke, which may panic too.
fn lost<T>(broken: T) -> PoolError {
    let _dropped = catch_unwind(AssertUnwindSafe(move || drop(broken)));
    PoolError::WorkerLost
}

#[cfg(test)]
mod tests;
