//! Handing rows of the audit trail to an observer.

use std::error::Error;
use std::fmt::Debug;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::{self, Either};

use crate::error::PortError;
use crate::log_bounded;
use crate::ports::{AuditCursor, AuditEntry, Feed, FeedLease, Observer};
use crate::resets::Resets;
use crate::resets::spans::Call;
use crate::worker::outcome::backoff;

/// How often to look for rows, and whether another node's lease has run out.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const ASK_EVERY: Duration = Duration::from_secs(5);
/// How long an observer may take with the rows of one call.
const OBSERVE_WITHIN: Duration = Duration::from_secs(20);
/// How long a lease lasts; it is extended when less than this is left, so that it outlasts a call.
const LEASE: Duration = Duration::from_secs(60);
const EXTENDED_FROM: Duration = Duration::from_secs(30);
/// How many rows are handed over at the most. After a failure it is one, and with each success twice as many: few come again, and
/// an observer that needs long for each gets as many as it takes in its time.
const AT_ONCE: u32 = 100;

/// One observer, and this node's lease on its feed.
#[derive(Debug)]
pub(crate) struct Observing {
    pub(crate) resets: Arc<Resets>,
    pub(crate) name: String,
    pub(crate) observer: Arc<dyn Observer>,
    held: Mutex<Option<Held>>,
}

/// A lease, and until when it lasts.
#[derive(Clone, Debug)]
struct Held {
    feed: Feed,
    until: DateTime<Utc>,
}

/// What a turn found.
enum Turn {
    /// It handed rows over, and there may be more.
    More,
    Nothing,
    /// Another node has the lease.
    NotOurs,
}

impl Observing {
    pub(crate) fn new(resets: Arc<Resets>, name: String, observer: Arc<dyn Observer>) -> Self {
        resets.observers.waits_for(&name, None);
        Self { resets, name, observer, held: Mutex::new(None) }
    }

    /// Hands over what there is and what comes, for as long as it is polled.
    pub(crate) async fn observe_for_ever(&self) {
        let (mut failures, mut limit) = (0, AT_ONCE);
        loop {
            let wait = match self.turn(limit).await {
                Ok(Turn::More) => {
                    (failures, limit) = (0, limit.saturating_mul(2).min(AT_ONCE));
                    continue;
                }
                Ok(Turn::Nothing) => LOOK_EVERY,
                Ok(Turn::NotOurs) => ASK_EVERY,
                Err(error) => {
                    self.log(&error);
                    let wait = backoff(failures);
                    (failures, limit) = (failures.saturating_add(1), 1);
                    wait
                }
            };
            self.resets.clock.sleep(wait).await;
        }
    }

    /// Hands over what there is now, and gives the lease back. A failure is left to the next time.
    pub(crate) async fn observe_once(&self) {
        loop {
            match self.turn(AT_ONCE).await {
                Ok(Turn::More) => {}
                Ok(Turn::Nothing | Turn::NotOurs) => break,
                Err(error) => {
                    self.log(&error);
                    break;
                }
            }
        }
        self.give_back().await;
    }

    /// Lets another node go on at once.
    pub(crate) async fn give_back(&self) {
        let Some(held) = self.held().take() else { return };
        let now = self.resets.now();
        let lease = FeedLease::take(&self.name, now, now).holding(held.feed.lease);
        let giving = self.resets.in_time(Call::without_span("observing"), self.resets.store.lease_feed(&lease));
        if let Err(error) = giving.await {
            // It runs out by itself.
            tracing::debug!(error = &error as &dyn Error, "could not give the lease of an observer back");
        }
    }

    fn log(&self, error: &PortError) {
        log_bounded!(
            warn,
            observer = self.name,
            error = error as &dyn Error,
            "cannot hand audit rows to an observer, will retry"
        );
    }

    async fn turn(&self, limit: u32) -> Result<Turn, PortError> {
        let Some(after) = self.lease().await? else { return Ok(Turn::NotOurs) };
        let reading = self.resets.store.audit_after(after.as_ref(), DateTime::UNIX_EPOCH, limit);
        let rows = self.resets.in_time(Call::without_span("observing"), reading).await?;
        self.waits_for(rows.first());
        let Some(last) = rows.last() else { return Ok(Turn::Nothing) };
        self.hand_over(&rows).await?;
        let now = self.resets.now();
        let Some(lease) = self.held().as_ref().map(|held| held.feed.lease) else { return Ok(Turn::NotOurs) };
        let until = crate::time::later(now, LEASE);
        let moving = FeedLease::take(&self.name, now, until).holding(lease).moving_to(last.cursor.clone());
        Ok(match self.take(moving).await? {
            Some(_) => Turn::More,
            None => Turn::NotOurs,
        })
    }

    /// Where to go on, under a lease that lasts for a call; `None` while another node has it.
    async fn lease(&self) -> Result<Option<Option<AuditCursor>>, PortError> {
        let now = self.resets.now();
        let held = self.held().clone();
        if let Some(held) = &held
            && crate::time::until(now, held.until) > EXTENDED_FROM
            && held.until <= crate::time::later(now, LEASE)
        {
            return Ok(Some(held.feed.cursor.clone()));
        }
        let mut lease = FeedLease::take(&self.name, now, crate::time::later(now, LEASE));
        lease.held = held.map(|held| held.feed.lease);
        Ok(self.take(lease).await?.map(|feed| feed.cursor))
    }

    async fn take(&self, lease: FeedLease) -> Result<Option<Feed>, PortError> {
        let taking = self.resets.store.lease_feed(&lease);
        let feed = self.resets.in_time(Call::without_span("observing"), taking).await?;
        if feed.is_none() {
            // The node that has the lease says how far the observer is.
            self.waits_for(None);
        }
        *self.held() = feed.clone().map(|feed| Held { feed, until: lease.until });
        Ok(feed)
    }

    /// Whatever the observer does, it ends: in an error, if it panics or takes too long.
    async fn hand_over(&self, rows: &[AuditEntry]) -> Result<(), PortError> {
        let observing =
            self.resets.contained(Call::without_span("observer"), async { self.observer.observe(rows).await });
        match future::select(pin!(observing), self.resets.clock.sleep(OBSERVE_WITHIN)).await {
            Either::Left((observed, _)) => observed,
            Either::Right(_) => Err(PortError::transient("an observer did not answer in time")),
        }
    }

    fn waits_for(&self, row: Option<&AuditEntry>) {
        self.resets.observers.waits_for(&self.name, row.map(|entry| entry.row.at));
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
