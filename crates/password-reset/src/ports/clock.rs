//! Time.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// Tells the time, and waits.
///
/// The clocks of several nodes should agree within seconds; an SQL adapter can use the database's time. When a clock is set
/// back, what waits for a time waits at most 35 minutes for it, and quotas a quarter of an hour, however far it was set back.
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present time.
    fn now(&self) -> DateTime<Utc>;

    /// Returns after this time.
    async fn sleep(&self, span: Duration);
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "there is nothing to add to it")]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the Clock port's own implementation")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    async fn sleep(&self, span: Duration) {
        futures_timer::Delay::new(span).await;
    }
}
