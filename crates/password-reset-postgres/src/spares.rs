//! Connections that are kept for a moment.
//!
//! A pool asks the server whether a connection still lives before it hands it out, and once more when it gets it back:
//! three round trips for one statement. That is right for a connection that may have slept for an hour, and a waste
//! where the next statement comes at once. So a connection stays here for a few milliseconds before it goes back to the
//! pool, and the one that came last is taken first: few are used, and those have their statements prepared.

use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Postgres};
use tokio::runtime::Handle;

use crate::row::Statement;

/// A connection that nobody took for so long, or for twice as long at the most, goes back to the pool.
const KEPT_FOR: Duration = Duration::from_millis(3);

/// A pool, and some of its connections.
#[derive(Clone, Debug)]
pub(crate) struct Spares {
    pool: PgPool,
    most: usize,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    connections: Vec<(u64, PoolConnection<Postgres>)>,
    sweeps: u64,
    is_swept: bool,
}

impl Spares {
    /// Keeps no more than half of the pool, for the application has others to serve with it.
    pub(crate) fn new(pool: &PgPool) -> Self {
        let most = usize::try_from(pool.options().get_max_connections()).unwrap_or(0) / 2;
        Self { pool: pool.clone(), most, kept: Arc::default() }
    }

    pub(crate) async fn take(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        let kept = self.lock().connections.pop();
        match kept {
            Some((_, connection)) => Ok(connection),
            None => self.pool.acquire().await,
        }
    }

    /// Gives a connection back after a statement that succeeded. After any other it is dropped: the pool then looks at it.
    pub(crate) fn keep(&self, connection: PoolConnection<Postgres>) {
        let mut kept = self.lock();
        if kept.connections.len() >= self.most {
            drop(kept);
            return drop(connection);
        }
        let sweep = kept.sweeps;
        kept.connections.push((sweep, connection));
        let is_swept = std::mem::replace(&mut kept.is_swept, true);
        // A runtime that is ending drops what is spawned at once, and the sweeper then wants the lock.
        drop(kept);
        if !is_swept {
            tokio::spawn(Sweeper(self.clone()).sweep());
        }
    }

    /// All rows of a statement.
    pub(crate) async fn fetch(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, sqlx::Error> {
        let mut connection = self.take().await?;
        let rows = statement.fetch_all(&mut *connection).await?;
        self.keep(connection);
        Ok(rows)
    }

    /// The one row of a statement.
    pub(crate) async fn fetch_one(&self, statement: Statement<'_>) -> Result<PgRow, sqlx::Error> {
        self.fetch(statement).await?.into_iter().next().ok_or(sqlx::Error::RowNotFound)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives back what nobody takes, and ends when there is nothing left.
struct Sweeper(Spares);

impl Sweeper {
    async fn sweep(self) {
        loop {
            tokio::time::sleep(KEPT_FOR).await;
            let old = self.0.lock().old();
            match old {
                Some(old) => drop(old),
                None => return,
            }
        }
    }
}

impl Drop for Sweeper {
    /// At its end, or at that of its runtime.
    fn drop(&mut self) {
        let left = {
            let mut kept = self.0.lock();
            kept.is_swept = false;
            std::mem::take(&mut kept.connections)
        };
        drop(left);
    }
}

impl Kept {
    /// Those that nobody took since the last sweep; `None` when none at all are left.
    fn old(&mut self) -> Option<Vec<(u64, PoolConnection<Postgres>)>> {
        if self.connections.is_empty() {
            return None;
        }
        let now = self.sweeps;
        self.sweeps = now.wrapping_add(1);
        Some(self.connections.extract_if(.., |(since, _)| *since != now).collect())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // sqlx gives a connection back in a task, and panics where there is no runtime for one. Where it has ended, so has
        // the connection.
        if Handle::try_current().is_err() {
            let _gone = ManuallyDrop::new(std::mem::take(&mut self.connections));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::mpsc;

    use password_reset_postgres_server::Server;
    use sqlx::postgres::PgPoolOptions;

    use super::*;

    /// Gives its connection back when it is dropped.
    struct Borrowed(Spares, Option<PoolConnection<Postgres>>);

    impl Drop for Borrowed {
        fn drop(&mut self) {
            self.0.keep(self.1.take().expect("it is given back once"));
        }
    }

    #[test]
    fn a_runtime_ends_while_a_connection_comes_back() {
        let server = Server::shared().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (database, borrowed) = runtime.block_on(async {
            let database = server.database().await.unwrap();
            let pool = PgPoolOptions::new().max_connections(2).connect_with(database.options()).await.unwrap();
            let spares = Spares::new(&pool);
            let connection = spares.take().await.unwrap();
            (database, Borrowed(spares, Some(connection)))
        });
        runtime.spawn(async move {
            let _borrowed = borrowed;
            pending::<()>().await;
        });
        let (ended, wait) = mpsc::channel();
        std::thread::spawn(move || {
            drop(runtime);
            ended.send(())
        });
        wait.recv_timeout(Duration::from_secs(30)).expect("the runtime ends");
        drop(database);
    }
}
