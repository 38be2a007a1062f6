//! Calls of one kind that come at once, carried out by one statement.
//!
//! What a statement costs is mostly the statement: the way to the server and back, its plan made ready, its commit. A row
//! more in it costs a fifth of a row by itself. So whoever comes while a call of the same kind is on its way goes with all
//! others who came, in the next statement. Nobody waits for company: who comes alone goes alone, by the statement for one.
//!
//! A statement for many never waits for others' locks, so that one row cannot keep all the others waiting: it leaves out
//! what it cannot have at once. What is left out, and what is in a statement that fails, goes alone after all.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::Hash;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::PgConnection;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::spares::Spares;

/// How many go together at the most.
const AT_ONCE: usize = 64;

/// A call that is not answered by then waits for something that is its own: a row that somebody holds. Others go on.
const PATIENCE: Duration = Duration::from_millis(50);

/// A kind of call.
#[async_trait]
pub(crate) trait Kind: Clone + Send + Sync + 'static {
    type Asked: Send + Sync;
    type Answer: Send;
    type Row: Eq + Hash + Send;

    /// The row that a call is about. No two calls of one row go together.
    fn row(asked: &Self::Asked) -> Self::Row;

    fn spares(&self) -> &Spares;

    async fn one(&self, connection: &mut PgConnection, asked: &Self::Asked) -> Result<Self::Answer, sqlx::Error>;

    /// The answers in the order of the calls; none for what was left out.
    async fn many(
        &self,
        connection: &mut PgConnection,
        asked: &[Self::Asked],
    ) -> Result<Vec<Option<Self::Answer>>, sqlx::Error>;
}

/// Collects calls of a kind, and carries them out.
#[derive(Clone)]
pub(crate) struct Together<K: Kind> {
    kind: K,
    shared: Arc<Mutex<Shared<K>>>,
}

struct Shared<K: Kind> {
    waiting: VecDeque<Call<K>>,
    is_led: bool,
}

struct Call<K: Kind> {
    asked: K::Asked,
    reply: oneshot::Sender<Ended<K>>,
}

type Answer<K> = oneshot::Receiver<Ended<K>>;

/// The answer, or the call given back to the caller, who carries it out alone.
enum Ended<K: Kind> {
    Answered(K::Answer),
    LeftOut(K::Asked),
}

impl<K: Kind> fmt::Debug for Together<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Together").finish_non_exhaustive()
    }
}

impl<K: Kind> Together<K> {
    pub(crate) fn new(kind: K) -> Self {
        Self { kind, shared: Arc::new(Mutex::new(Shared { waiting: VecDeque::new(), is_led: false })) }
    }

    /// Carries a call out that cannot go with others.
    pub(crate) async fn alone(&self, asked: &K::Asked) -> Result<K::Answer, sqlx::Error> {
        self.one(asked).await
    }

    /// Carries a call out, maybe with others.
    pub(crate) async fn call(&self, asked: K::Asked) -> Result<K::Answer, sqlx::Error> {
        let (leader, asked) = match self.enter(asked) {
            Ok((leader, asked)) => (Some(leader), asked),
            Err(answer) => match answer.await {
                Ok(Ended::Answered(answer)) => return Ok(answer),
                Ok(Ended::LeftOut(asked)) => (None, asked),
                // The runtime of whoever carried it out has ended.
                Err(_) => return Err(sqlx::Error::WorkerCrashed),
            },
        };
        let mut one = pin!(self.one(&asked));
        let answer = tokio::time::timeout(PATIENCE, &mut one).await;
        // Whoever came meanwhile goes on from here.
        drop(leader);
        match answer {
            Ok(answer) => answer,
            Err(_) => one.await,
        }
    }

    async fn one(&self, asked: &K::Asked) -> Result<K::Answer, sqlx::Error> {
        let mut connection = self.kind.spares().take().await?;
        let answer = self.kind.one(&mut connection, asked).await?;
        self.kind.spares().keep(connection);
        Ok(answer)
    }

    async fn many(&self, asked: &[K::Asked]) -> Result<Vec<Option<K::Answer>>, sqlx::Error> {
        let mut connection = self.kind.spares().take().await?;
        let answers = self.kind.many(&mut connection, asked).await?;
        self.kind.spares().keep(connection);
        Ok(answers)
    }

    /// The lead, and the call back; or where its end will be said.
    fn enter(&self, asked: K::Asked) -> Result<(Leader<K>, K::Asked), Answer<K>> {
        let mut shared = self.lock();
        if shared.is_led {
            let (reply, answer) = oneshot::channel();
            shared.waiting.push_back(Call { asked, reply });
            return Err(answer);
        }
        shared.is_led = true;
        Ok((Leader { together: self.clone(), began: true }, asked))
    }

    fn lock(&self) -> MutexGuard<'_, Shared<K>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever has it is the only one who carries calls of the kind out, but for those left out.
struct Leader<K: Kind> {
    together: Together<K>,
    began: bool,
}

impl<K: Kind> Leader<K> {
    async fn lead(mut self) {
        self.began = true;
        loop {
            let (asked, replies) = self.next();
            if asked.is_empty() {
                return;
            }
            let answers = match asked.len() {
                1 => Vec::new(),
                _ => self.together.many(&asked).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "several calls could not be carried out together; each goes alone");
                    Vec::new()
                }),
            };
            let answers = answers.into_iter().chain(std::iter::repeat_with(|| None));
            for ((asked, reply), answer) in asked.into_iter().zip(replies).zip(answers) {
                // Who has gone away does not want to know.
                let _unread = reply.send(answer.map_or(Ended::LeftOut(asked), Ended::Answered));
            }
        }
    }

    /// Those who wait, each for another row.
    fn next(&self) -> (Vec<K::Asked>, Vec<oneshot::Sender<Ended<K>>>) {
        let mut shared = self.together.lock();
        let mut rows = HashSet::new();
        let (mut asked, mut replies, mut later) = (Vec::new(), Vec::new(), VecDeque::new());
        while let Some(call) = shared.waiting.pop_front() {
            if call.reply.is_closed() {
                continue;
            }
            if asked.len() < AT_ONCE && rows.insert(K::row(&call.asked)) {
                asked.push(call.asked);
                replies.push(call.reply);
            } else {
                later.push_back(call);
            }
        }
        shared.waiting = later;
        (asked, replies)
    }
}

impl<K: Kind> Drop for Leader<K> {
    /// Whoever waits goes on in a task of its own, for the caller who led has its answer.
    fn drop(&mut self) {
        let together = self.together.clone();
        let mut shared = together.lock();
        match Handle::try_current() {
            Ok(runtime) if self.began && !shared.waiting.is_empty() => {
                drop(shared);
                runtime.spawn(Self { together, began: false }.lead());
            }
            // If anybody waits, the runtime has ended, and with it all who do.
            _ => {
                shared.is_led = false;
                let gone = std::mem::take(&mut shared.waiting);
                // Whoever is told so may ask again at once.
                drop(shared);
                drop(gone);
            }
        }
    }
}
