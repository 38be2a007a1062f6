//! Threads that hash, so that nothing else waits for it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use futures_channel::oneshot;

use crate::account::PasswordHash;
use crate::error::PortError;
use crate::password::Password;
use crate::ports::{HashError, HashWorker, PasswordHasher, Verdict};

/// How many threads a pool has, and how many passwords may wait for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashPoolConfig {
    threads: usize,
    queue: usize,
    each_takes: Duration,
}

impl HashPoolConfig {
    /// Sets the number of threads; one per processor, but at most 4, unless set. 0 counts as 1.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Sets how many passwords may wait, beside those that are being hashed; 64 unless set.
    #[must_use]
    pub fn queue(mut self, queue: usize) -> Self {
        self.queue = queue;
        self
    }

    /// Sets how long one hash takes, as far as you know; 50 ms unless set. It is not measured, and serves only to tell
    /// callers of a full pool when to come back.
    #[must_use]
    pub fn each_takes(mut self, each_takes: Duration) -> Self {
        self.each_takes = each_takes;
        self
    }

    /// When a full queue will have been worked off: at least a second.
    fn retry_after(&self) -> Duration {
        let rounds = self.queue.div_ceil(self.threads).saturating_add(1);
        self.each_takes.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX)).max(Duration::from_secs(1))
    }
}

impl Default for HashPoolConfig {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self { threads: processors.min(4), queue: 64, each_takes: Duration::from_millis(50) }
    }
}

/// Hashes and verifies passwords on threads of its own, any executor awaiting the answers (R93).
///
/// Each thread makes one worker at its first password and keeps it, so the memory is that of `threads` workers and no
/// more. Past the queue's length callers are told so at once. A caller that went away is skipped. A worker that panics
/// fails its own caller only, and a new worker takes its place (not in programs built with `panic = "abort"`).
///
/// Cheap to clone. The threads end when the last clone is dropped; nobody waits for them then, as every waiting call
/// borrows the pool.
#[derive(Clone, Debug)]
pub struct HashPool(Arc<Owner>);

impl HashPool {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn new(hasher: Arc<dyn PasswordHasher>, config: HashPoolConfig) -> Result<Self, PortError> {
        let shared = Arc::new(Shared { hasher, queue: Mutex::new(Queue::default()), ready: Condvar::new() });
        // From here on, leaving early ends the threads that were started.
        let pool = Self(Arc::new(Owner { shared: Arc::clone(&shared), config }));
        for _ in 0..config.threads {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name("password-hash".to_owned())
                .spawn(move || work(&shared))
                .map_err(|error| PortError::transient("no thread for hashing could be started").because(error))?;
        }
        Ok(pool)
    }

    /// Makes a new hash.
    ///
    /// # Errors
    /// [`PoolError::Busy`] at once when too many wait; otherwise what the hasher said, or that it panicked.
    pub async fn hash(&self, password: &Arc<Password>) -> Result<PasswordHash, PoolError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Hash { password: Arc::clone(password), reply })?;
        answer.await.unwrap_or(Err(PoolError::WorkerLost))
    }

    /// Compares a password with a stored hash.
    ///
    /// # Errors
    /// As [`hash`](Self::hash).
    pub async fn verify(&self, password: &Arc<Password>, hash: &PasswordHash) -> Result<Verdict, PoolError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Verify { password: Arc::clone(password), hash: hash.clone(), reply })?;
        answer.await.unwrap_or(Err(PoolError::WorkerLost))
    }

    fn submit(&self, job: Job) -> Result<(), PoolError> {
        let Owner { shared, config } = &*self.0;
        let mut queue = shared.lock();
        if queue.is_full(config) {
            queue.waiting.retain(|job| !job.is_abandoned());
            if queue.is_full(config) {
                return Err(PoolError::Busy { retry_after: config.retry_after() });
            }
        }
        queue.waiting.push_back(job);
        drop(queue);
        shared.ready.notify_one();
        Ok(())
    }
}

/// A password was not hashed or compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// Too many passwords wait already. Answer 503 with `Retry-After`.
    #[error("too many passwords wait to be hashed; come back in {} s", retry_after.as_secs())]
    Busy {
        /// When the queue will probably have been worked off.
        retry_after: Duration,
    },
    /// The hasher refused.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The hasher panicked over this password. Trying again may help.
    #[error("the password hasher panicked")]
    WorkerLost,
}

/// What the clones of a pool share; its end is the threads' end.
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

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Job>,
    running: usize,
    closed: bool,
}

impl Queue {
    /// A job that an idle thread is about to take does not count as waiting.
    fn is_full(&self, config: &HashPoolConfig) -> bool {
        let room = config.threads.saturating_add(config.queue);
        self.waiting.len().saturating_add(self.running) >= room
    }
}

impl Shared {
    /// Nothing that can panic runs under the lock.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job that somebody still waits for; `None` when the pool is gone.
    fn next(&self) -> Option<Job> {
        let mut queue = self.lock();
        loop {
            if queue.closed {
                return None;
            }
            match queue.waiting.pop_front() {
                Some(job) if job.is_abandoned() => {}
                Some(job) => {
                    queue.running = queue.running.saturating_add(1);
                    return Some(job);
                }
                None => queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Comes before the answer, so that whoever got one finds the thread free.
    fn finished(&self) {
        let mut queue = self.lock();
        queue.running = queue.running.saturating_sub(1);
    }
}

type Reply<T> = oneshot::Sender<Result<T, PoolError>>;

#[derive(Debug)]
enum Job {
    Hash { password: Arc<Password>, reply: Reply<PasswordHash> },
    Verify { password: Arc<Password>, hash: PasswordHash, reply: Reply<Verdict> },
}

impl Job {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Hash { reply, .. } => reply.is_canceled(),
            Self::Verify { reply, .. } => reply.is_canceled(),
        }
    }
}

fn work(shared: &Shared) {
    let mut worker = Guarded { hasher: &*shared.hasher, worker: None };
    while let Some(job) = shared.next() {
        // An answer that nobody waits for any more is dropped by `send`.
        match job {
            Job::Hash { password, reply } => {
                let answer = worker.run(|worker| worker.hash(&password));
                drop(password);
                shared.finished();
                let _unheard = reply.send(answer);
            }
            Job::Verify { password, hash, reply } => {
                let answer = worker.run(|worker| worker.verify(&password, &hash));
                drop((password, hash));
                shared.finished();
                let _unheard = reply.send(answer);
            }
        }
    }
}

/// A worker that is thrown away when it panics.
struct Guarded<'a> {
    hasher: &'a dyn PasswordHasher,
    worker: Option<Box<dyn HashWorker>>,
}

impl Guarded<'_> {
    fn run<T>(&mut self, ask: impl FnOnce(&mut dyn HashWorker) -> Result<T, HashError>) -> Result<T, PoolError> {
        let hasher = self.hasher;
        let slot = &mut self.worker;
        // What the panic left behind is dropped, never used again, so nothing broken can be seen.
        let answer = catch_unwind(AssertUnwindSafe(|| ask(&mut **slot.get_or_insert_with(|| hasher.worker()))));
        match answer {
            Ok(answer) => answer.map_err(PoolError::Hash),
            Err(panic) => {
                let broken = self.worker.take();
                // Dropping a broken worker may panic once more.
                let _dropped = catch_unwind(AssertUnwindSafe(move || drop((panic, broken))));
                Err(PoolError::WorkerLost)
            }
        }
    }
}

#[cfg(test)]
mod tests;
