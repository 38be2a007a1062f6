//! The worker: pays what resets owe.
//!
//! A row is its own outbox: it says what it owes and when to look again. The worker leases due rows, pays, and settles;
//! a lease that runs out is leased again, and the lease number keeps a slow worker from settling what is not its any
//! more. Any number of workers may run, on any number of nodes.

mod after;
mod issue;
mod send;
mod tell;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, Either};
use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::{FutureExt, select};

use crate::error::PortError;
use crate::owes::Owes;
use crate::ports::{Due, Leased, Purge, Settled, Settlement};
use crate::reset::Reset;
use crate::service::Inner;

/// How often to look for what is due, besides being woken.
const TICK: Duration = Duration::from_millis(500);
/// How many rows are paid at once. Paying is mostly waiting for others, so this is not a number of threads; it is large
/// so that a mail server that hangs does not keep everything else waiting.
const AT_ONCE: usize = 128;
/// When hints failed, how long until the store is asked for them again.
const HINTS_AGAIN: Duration = Duration::from_secs(5);
/// How long a lease lasts: longer than the longest delivery.
const LEASE: Duration = Duration::from_secs(3 * 60);
/// How often old rows are deleted, and how many of each kind at once.
const PURGE_EVERY: Duration = Duration::from_secs(10 * 60);
const PURGE_ROWS: u32 = 1_000;

/// Does what requests leave to be done: looks accounts up, sends, finishes, ends sessions, tells, deletes what is old.
///
/// Without a running worker no message is ever sent.
#[derive(Debug)]
#[must_use = "without a running worker no message is ever sent: spawn `worker.run()`"]
pub struct Worker {
    inner: Arc<Inner>,
}

impl Worker {
    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    /// Runs until it is dropped, on any executor. A request on this node wakes it at once. Those who wait on this node
    /// are woken by the store's hints of what other nodes heard, if it gives any.
    ///
    /// Dropping it in the middle loses nothing: what it leased is done later, by this worker or another.
    pub async fn run(self) {
        future::join(self.pay_for_ever(), self.inner.hear_of_changes()).await;
    }

    async fn pay_for_ever(&self) {
        let inner = &self.inner;
        let mut paying = FuturesUnordered::new();
        let mut purge_at = inner.now();
        let mut looks = true;
        loop {
            let now = inner.now();
            if now >= purge_at {
                purge_at = crate::time::later(now, PURGE_EVERY);
                if let Err(error) = beside(&mut paying, &mut looks, inner.purge()).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "old rows could not be deleted");
                }
            }
            let room = AT_ONCE.saturating_sub(paying.len());
            if looks && room > 0 {
                looks = false;
                let leased = match beside(&mut paying, &mut looks, inner.lease(room)).await {
                    Ok(leased) => leased,
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "the store could not say what is due");
                        Vec::new()
                    }
                };
                // With less than it has room for, it has all that was due.
                looks |= leased.len() >= room;
                paying.extend(leased.into_iter().map(|leased| inner.pay(leased)));
            }
            let mut woken = Box::pin(inner.wake.raised()).fuse();
            let mut tick = inner.clock.sleep(TICK).fuse();
            select! {
                owes_more = paying.select_next_some() => {
                    looks |= owes_more;
                    while let Some(Some(owes_more)) = paying.next().now_or_never() {
                        looks |= owes_more;
                    }
                }
                () = woken => looks = true,
                () = tick => looks = true,
            }
        }
    }

    /// Pays everything that is due now, deletes what is old, and returns how many rows were paid: for hosts that start
    /// it on a timer, and for tests.
    ///
    /// # Errors
    /// When the store cannot say what is due. What was paid before stays paid.
    pub async fn run_once(&self) -> Result<usize, PortError> {
        let mut paid: usize = 0;
        loop {
            let leased = self.inner.lease(AT_ONCE).await?;
            if leased.is_empty() {
                break;
            }
            paid = paid.saturating_add(leased.len());
            let mut paying: FuturesUnordered<_> = leased.into_iter().map(|leased| self.inner.pay(leased)).collect();
            while paying.next().await.is_some() {}
        }
        self.inner.purge().await?;
        Ok(paid)
    }
}

/// Waits for `work` while what is being paid goes on.
///
/// What is being paid may hold what `work` waits for: the one connection that writes, or the last one of a pool. If it
/// stood still meanwhile, neither would ever go on. What came to be due meanwhile is noted.
async fn beside<T>(
    paying: &mut FuturesUnordered<impl Future<Output = bool>>,
    is_due: &mut bool,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work.fuse());
    loop {
        select! {
            done = work => return done,
            owes_more = paying.select_next_some() => *is_due |= owes_more,
        }
    }
}

/// How a debt stands after one try.
pub(crate) enum Paid {
    /// It is paid, and is to be taken off the row.
    Done,
    /// A step took it off the row already.
    Forgiven,
    /// It is owed still: look again after this long.
    Later(Duration),
}

impl Inner {
    async fn hear_of_changes(&self) {
        loop {
            match self.store.changed().await {
                Ok(reset) => self.waiting.raise(reset),
                // Nothing is lost but a second or two: whoever waits looks by itself.
                Err(error) => {
                    tracing::info!(
                        error = &error as &dyn std::error::Error,
                        "the store cannot say what changes; it is asked again"
                    );
                    self.clock.sleep(HINTS_AGAIN).await;
                }
            }
        }
    }

    async fn lease(&self, room: usize) -> Result<Vec<Leased>, PortError> {
        if room == 0 {
            return Ok(Vec::new());
        }
        let now = self.now();
        let limit = u32::try_from(room).unwrap_or(u32::MAX);
        self.store.due(&Due::new(now, crate::time::later(now, LEASE), limit)).await
    }

    async fn purge(&self) -> Result<(), PortError> {
        let now = self.now();
        let resets_before = crate::time::earlier(now, self.retention.resets);
        let audit_before = crate::time::earlier(now, self.retention.audit);
        let purge = Purge::new(now, resets_before, audit_before, PURGE_ROWS);
        // In small bites, between which others write, but until nothing is left: strangers decide how many rows there
        // are, and what is deleted slower than it is made grows for ever.
        while self.store.purge(&purge).await? >= u64::from(PURGE_ROWS) {}
        Ok(())
    }

    /// Pays one row, for as long as its lease lasts: whatever a port does, its place becomes free. `true` when the row came to
    /// owe more meanwhile, which is due now.
    async fn pay(&self, leased: Leased) -> bool {
        let reset = leased.reset.id();
        let paying = pin!(self.pay_leased(leased));
        match future::select(paying, self.clock.sleep(LEASE)).await {
            Either::Left((owes_more, _)) => owes_more,
            Either::Right(_) => {
                tracing::warn!(%reset, "a port did not answer within a lease; what the reset owes is tried again");
                false
            }
        }
    }

    /// Errors are logged and tried again later; nothing is lost.
    async fn pay_leased(&self, leased: Leased) -> bool {
        let mut settlement = Settlement::new(&leased, self.now());
        settlement.attempts = leased.reset.attempts();
        let mut token_asked = false;
        let wait = match self.pay_each(&leased, &mut settlement, &mut token_asked).await {
            Ok(wait) => {
                token_asked = false;
                wait
            }
            Err(error) => {
                tracing::warn!(
                    reset = %leased.reset.id(),
                    error = &error as &dyn std::error::Error,
                    "what a reset owes could not be paid; it is tried again"
                );
                Some(backoff(leased.reset.attempts()))
            }
        };
        settlement.at = self.now();
        settlement.attempts = match wait {
            Some(wait) => {
                settlement.retry_at = crate::time::later(settlement.at, wait);
                settlement.attempts.saturating_add(u32::from(!token_asked))
            }
            None => 0,
        };
        match self.store.settle(&settlement).await {
            Ok(Settled::Done) => {}
            Ok(Settled::OwesMore) => return true,
            Ok(Settled::LeaseLost) => {
                tracing::info!(reset = %leased.reset.id(), "a lease ran out before it was settled");
            }
            Err(error) => tracing::warn!(
                reset = %leased.reset.id(),
                error = &error as &dyn std::error::Error,
                "what was paid could not be noted; it may be paid twice"
            ),
        }
        false
    }

    async fn pay_each(
        &self,
        leased: &Leased,
        settlement: &mut Settlement,
        token_asked: &mut bool,
    ) -> Result<Option<Duration>, PortError> {
        let mut reset: Reset = leased.reset.clone();
        let mut found = None;
        let mut wait: Option<Duration> = None;
        if reset.owes().contains(Owes::RESOLVE) {
            // Issuing forgives this debt and adds the next, in the same row and the same step.
            (reset, found) = self.resolve(leased, settlement, token_asked).await?;
            settlement.seen = settlement.seen.and(reset.owes());
        }
        let sends = [Owes::SEND, Owes::SECOND_CODE];
        let ends =
            [Owes::FINISH, Owes::LIVE_NOTICES, Owes::FREEZE, Owes::SESSIONS, Owes::NOTICES, Owes::FROZEN_NOTICES];
        for debt in sends.into_iter().chain(ends) {
            if !reset.owes().contains(debt) {
                continue;
            }
            let paid = match debt {
                Owes::SEND => self.send(&reset, found.take(), settlement).await?,
                Owes::SECOND_CODE => self.send_second(&reset, settlement).await?,
                Owes::FINISH => self.look_for_password(&reset).await?,
                Owes::LIVE_NOTICES => self.tell_of_live(&reset, settlement).await?,
                Owes::FREEZE => self.freeze(&reset, settlement).await?,
                Owes::SESSIONS => self.end_sessions(&reset, settlement).await?,
                Owes::FROZEN_NOTICES => self.tell_of_freeze(&reset, settlement).await?,
                _ => self.tell(&reset, settlement).await?,
            };
            match paid {
                Paid::Done => settlement.paid = settlement.paid.and(debt),
                Paid::Forgiven => {}
                Paid::Later(after) => wait = Some(wait.map_or(after, |wait| wait.min(after))),
            }
        }
        Ok(wait)
    }
}

/// 5 s, 10 s, 20 s … at most 5 minutes.
pub(crate) fn backoff(attempts: u32) -> Duration {
    const FIRST: Duration = Duration::from_secs(5);
    const MOST: Duration = Duration::from_secs(5 * 60);
    FIRST.checked_mul(2_u32.saturating_pow(attempts.min(10))).unwrap_or(MOST).min(MOST)
}
