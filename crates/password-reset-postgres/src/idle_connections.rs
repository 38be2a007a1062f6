//! Connections that stay with the store for a moment after each statement.
//!
//! A pool pings a connection when it lends it and when it gets it back: three round trips for one statement. That is right
//! for a connection that may have slept for an hour, and a waste where the next statement follows at once. The connection
//! used last is lent first, so that few are in use, and those have the statements prepared.

use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Postgres};
use tokio::runtime::Handle;

use crate::row::Statement;

/// An unused connection returns to the pool after one to two of these intervals.
const KEPT_FOR: Duration = Duration::from_millis(3);

/// A pool, and the connections of it that this store keeps for the moment.
#[derive(Clone, Debug)]
pub(crate) struct IdleConnections {
    pool: PgPool,
    max: usize,
    idle: Arc<Mutex<Idle>>,
}

#[derive(Debug, Default)]
struct Idle {
    /// Given back since the last sweep.
    fresh: Vec<PoolConnection<Postgres>>,
    /// Given back before it: the next sweep returns them to the pool.
    old: Vec<PoolConnection<Postgres>>,
    has_sweeper: bool,
}

impl IdleConnections {
    /// Keeps at most half of the pool: the application needs the rest.
    pub(crate) fn new(pool: &PgPool) -> Self {
        let max = usize::try_from(pool.options().get_max_connections()).unwrap_or(0) / 2;
        Self { pool: pool.clone(), max, idle: Arc::default() }
    }

    pub(crate) async fn fetch_all(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, sqlx::Error> {
        let mut connection = self.take().await?;
        let rows = statement.fetch_all(&mut *connection).await?;
        self.keep(connection);
        Ok(rows)
    }

    /// How many rows the statement changed.
    pub(crate) async fn execute(&self, statement: Statement<'_>) -> Result<u64, sqlx::Error> {
        let mut connection = self.take().await?;
        let done = statement.execute(&mut *connection).await?;
        self.keep(connection);
        Ok(done.rows_affected())
    }

    pub(crate) async fn take(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        let kept = {
            let mut idle = self.lock();
            idle.fresh.pop().or_else(|| idle.old.pop())
        };
        match kept {
            Some(connection) => Ok(connection),
            None => self.pool.acquire().await,
        }
    }

    /// Keeps a connection after a statement that succeeded. After any other it is dropped, and the pool examines it.
    pub(crate) fn keep(&self, connection: PoolConnection<Postgres>) {
        let mut idle = self.lock();
        if idle.fresh.len().saturating_add(idle.old.len()) >= self.max {
            // Dropping it may run code of the pool, which must not run under the lock.
            drop(idle);
            return drop(connection);
        }
        idle.fresh.push(connection);
        let has_sweeper = std::mem::replace(&mut idle.has_sweeper, true);
        // A runtime that is shutting down drops a spawned task at once, and the sweeper's `drop` takes the lock.
        drop(idle);
        if !has_sweeper {
            tokio::spawn(Sweeper(self.clone()).run());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns unused connections to the pool, and ends when none is left.
struct Sweeper(IdleConnections);

impl Sweeper {
    async fn run(self) {
        loop {
            tokio::time::sleep(KEPT_FOR).await;
            let unused = {
                let mut idle = self.0.lock();
                let fresh = std::mem::take(&mut idle.fresh);
                let is_empty = fresh.is_empty() && idle.old.is_empty();
                if is_empty {
                    return;
                }
                std::mem::replace(&mut idle.old, fresh)
            };
            drop(unused);
        }
    }
}

impl Drop for Sweeper {
    /// At its end, or when its runtime shuts down.
    fn drop(&mut self) {
        let left = std::mem::take(&mut *self.0.lock());
        drop(left);
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        // sqlx returns a connection in a task, and panics without a runtime. Where the runtime has ended, so has the
        // connection.
        if Handle::try_current().is_err() {
            let _gone = ManuallyDrop::new((std::mem::take(&mut self.fresh), std::mem::take(&mut self.old)));
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
    struct Borrowed(IdleConnections, Option<PoolConnection<Postgres>>);

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
            let connections = IdleConnections::new(&pool);
            let connection = connections.take().await.unwrap();
            (database, Borrowed(connections, Some(connection)))
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
