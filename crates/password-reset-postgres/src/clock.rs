//! The database's time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{Either, select};
use password_reset::PortError;
use password_reset::ports::{Clock, SystemClock};
use sqlx::PgPool;

use crate::error::failed;
use crate::sql;

/// How often the database is asked.
const ASK_EVERY: TimeDelta = TimeDelta::minutes(1);

/// The database's time, so that nodes whose clocks differ agree on what has expired.
///
/// It asks the database at the start, and about every minute while a task sleeps by it, as a running worker always
/// does; in between it follows the clock of this machine. When the database does not answer, the last difference still
/// holds. Clones are handles on the same clock.
#[derive(Clone, Debug)]
pub struct PostgresClock {
    pool: PgPool,
    known: Arc<Known>,
}

#[derive(Debug)]
struct Known {
    /// By how many milliseconds the database is ahead of this machine.
    ahead: AtomicI64,
    /// When it was asked last, by the clock of this machine.
    asked_at: AtomicI64,
}

impl PostgresClock {
    /// Asks the database for its time.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start(pool: &PgPool) -> Result<Self, PortError> {
        let known = Known { ahead: AtomicI64::new(0), asked_at: AtomicI64::new(i64::MIN) };
        let clock = Self { pool: pool.clone(), known: Arc::new(known) };
        clock.ask().await.map_err(failed("cannot ask the database for the time"))?;
        Ok(clock)
    }

    async fn ask(&self) -> Result<(), sqlx::Error> {
        let before = SystemClock.now();
        self.known.asked_at.store(before.timestamp_millis(), Ordering::Release);
        let there: DateTime<Utc> = sqlx::query_scalar(sql::NOW).fetch_one(&self.pool).await?;
        // It was read about half way.
        let here = before.timestamp_millis().midpoint(SystemClock.now().timestamp_millis());
        self.known.ahead.store(there.timestamp_millis().saturating_sub(here), Ordering::Release);
        Ok(())
    }

    fn is_old(&self) -> bool {
        let asked_at = self.known.asked_at.load(Ordering::Acquire);
        let age = SystemClock.now().timestamp_millis().saturating_sub(asked_at);
        // After this machine's clock was set back, the database is asked at once.
        age < 0 || age >= ASK_EVERY.num_milliseconds()
    }
}

#[async_trait]
impl Clock for PostgresClock {
    fn now(&self) -> DateTime<Utc> {
        let now = SystemClock.now();
        let ahead = TimeDelta::try_milliseconds(self.known.ahead.load(Ordering::Acquire)).unwrap_or_default();
        now.checked_add_signed(ahead).unwrap_or(now)
    }

    async fn sleep(&self, span: Duration) {
        let sleeping = SystemClock.sleep(span);
        if !self.is_old() {
            return sleeping.await;
        }
        // A slow database does not prolong the sleep.
        if let Either::Right((asked, sleeping)) = select(sleeping, Box::pin(self.ask())).await {
            if let Err(error) = asked {
                tracing::info!(%error, "cannot read the database clock, using the last offset");
            }
            sleeping.await;
        }
    }
}
