//! Hints of messages that other nodes received, by `listen` and `notify`.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use password_reset::{PortError, ResetId};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::types::Uuid;
use tokio::sync::Mutex;

use crate::error::failed;
use crate::sql;

/// One connection that listens, from the first call that waits for a hint.
#[derive(Clone, Debug)]
pub(crate) struct Hints {
    /// Where to listen; `None` behind a transaction pooler.
    on: Option<PgConnectOptions>,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open(Option<PgListener>);

impl Hints {
    pub(crate) fn on(options: Option<PgConnectOptions>) -> Self {
        Self { on: options, open: Arc::default() }
    }

    /// Notifies all nodes that a reset changed. Only a hint, so a failure is logged and no error.
    pub(crate) async fn notify(&self, pool: &PgPool, reset: ResetId) {
        let notified = sqlx::query(sql::NOTIFY).bind(sql::CHANNEL).bind(reset.to_string()).execute(pool).await;
        if let Err(error) = notified {
            tracing::debug!(%error, "cannot notify other nodes, they will poll");
        }
    }

    /// Waits for the next hint.
    pub(crate) async fn next(&self) -> Result<ResetId, PortError> {
        let Some(options) = &self.on else { return std::future::pending().await };
        let failed = failed("cannot listen to the database");
        let mut open = self.open.lock().await;
        loop {
            let listener = match &mut open.0 {
                Some(listener) => listener,
                closed => closed.insert(listen(options).await.map_err(&failed)?),
            };
            match listener.recv().await {
                // Any role that may connect can send any payload.
                Ok(said) => match said.payload().parse::<Uuid>() {
                    Ok(id) => return Ok(ResetId::from_bytes(id.into_bytes())),
                    Err(_) => continue,
                },
                Err(error) => {
                    open.0 = None;
                    return Err(failed(error));
                }
            }
        }
    }
}

/// Its connection is not one of the application's pool, which may be small.
async fn listen(options: &PgConnectOptions) -> Result<PgListener, sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let mut listener = PgListener::connect_with(&pool.connect_lazy_with(options.clone())).await?;
    listener.listen(sql::CHANNEL).await?;
    Ok(listener)
}

impl Drop for Open {
    fn drop(&mut self) {
        // sqlx closes the connection in a task, and panics without a runtime. Where the runtime has ended, so has the
        // connection.
        if let Some(listener) = self.0.take()
            && tokio::runtime::Handle::try_current().is_err()
        {
            let _gone = ManuallyDrop::new(listener);
        }
    }
}
