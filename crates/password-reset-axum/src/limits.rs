//! How often one source may ask for what is cheap. Requests for a reset, codes and passwords have limits of their own,
//! in the core and for all nodes together; these are per node and in memory.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::WebError;

/// Sources are swept after so many requests; what is left then are those that asked within the last moments.
const SWEEP_EVERY: u32 = 4_096;

/// What one source, an IPv4 address or an IPv6 /64, may do on one node, and how many streams a node holds open.
///
/// Many people share one address behind a mobile network, so these keep a flood out, and are not meant to be felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EdgeLimits {
    /// Requests of any kind at once: 300; 1 or more.
    pub requests: u32,
    /// One more request each 20 milliseconds; more than nothing.
    pub requests_refill: Duration,
    /// Passwords checked while somebody types, at once: 60; 1 or more. Each takes milliseconds of the processor.
    pub checks: u32,
    /// One more check each 250 milliseconds; more than nothing.
    pub checks_refill: Duration,
    /// Event streams that one source holds open: 200. Past it the page polls.
    pub streams_per_source: u32,
    /// Event streams that the node holds open: 20,000.
    pub streams: u32,
}

impl Default for EdgeLimits {
    fn default() -> Self {
        Self {
            requests: 300,
            requests_refill: Duration::from_millis(20),
            checks: 60,
            checks_refill: Duration::from_millis(250),
            streams_per_source: 200,
            streams: 20_000,
        }
    }
}

/// The network that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()),
        }
    }
}

/// One token bucket for each source.
#[derive(Debug)]
pub(crate) struct Quotas {
    limiter: DefaultKeyedRateLimiter<Network>,
    until_sweep: AtomicU32,
    alarm: Alarm,
}

/// Says that a limit is being hit (R178): once a minute, for strangers decide how often it is.
#[derive(Debug)]
struct Alarm {
    limit: &'static str,
    speaks: DefaultDirectRateLimiter,
    hits: AtomicU64,
}

impl Alarm {
    fn new(limit: &'static str) -> Self {
        Self { limit, speaks: RateLimiter::direct(Quota::per_minute(NonZeroU32::MIN)), hits: AtomicU64::new(0) }
    }

    fn raise(&self) {
        if let Some(hits) = self.count() {
            tracing::warn!(target: "password_reset::alert", limit = self.limit, hits, "a limit is being hit");
        }
    }

    /// How many hits are to be told now, this one included.
    fn count(&self) -> Option<u64> {
        self.hits.fetch_add(1, Ordering::Relaxed);
        self.speaks.check().is_ok().then(|| self.hits.swap(0, Ordering::Relaxed))
    }
}

impl Quotas {
    fn new(setting: &'static str, burst: u32, refill: Duration) -> Result<Self, WebError> {
        let burst = NonZeroU32::new(burst).ok_or(WebError::Limit { setting })?;
        let quota = Quota::with_period(refill).ok_or(WebError::Limit { setting })?.allow_burst(burst);
        let limiter = RateLimiter::keyed(quota);
        Ok(Self { limiter, until_sweep: AtomicU32::new(SWEEP_EVERY), alarm: Alarm::new(setting) })
    }

    /// Takes one token; `Err` says when there is one again.
    pub(crate) fn take(&self, source: IpAddr) -> Result<(), Duration> {
        if self.until_sweep.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.until_sweep.store(SWEEP_EVERY, Ordering::Relaxed);
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(&source.into()).map_err(|held| {
            self.alarm.raise();
            held.wait_time_from(self.limiter.clock().now())
        })
    }
}

/// The open event streams of a node.
#[derive(Debug)]
pub(crate) struct Streams {
    per_source: u32,
    most: u32,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    by_source: HashMap<Network, u32>,
    total: u32,
}

/// One open stream; dropped when the stream is.
#[derive(Debug)]
pub(crate) struct Place {
    source: Network,
    open: Arc<Mutex<Open>>,
}

impl Streams {
    fn new(limits: &EdgeLimits) -> Self {
        Self { per_source: limits.streams_per_source, most: limits.streams, open: Arc::default() }
    }

    /// A place for one more stream, if there is one.
    pub(crate) fn enter(&self, source: IpAddr) -> Option<Place> {
        let source = Network::from(source);
        let mut open = lock(&self.open);
        let held = open.by_source.get(&source).copied().unwrap_or(0);
        if open.total >= self.most || held >= self.per_source {
            return None;
        }
        open.total = open.total.saturating_add(1);
        open.by_source.insert(source, held.saturating_add(1));
        Some(Place { source, open: Arc::clone(&self.open) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.total = open.total.saturating_sub(1);
        if let Some(held) = open.by_source.get_mut(&self.source) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                open.by_source.remove(&self.source);
            }
        }
    }
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All limits at the edge.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) requests: Quotas,
    pub(crate) checks: Quotas,
    pub(crate) streams: Streams,
}

impl Edge {
    pub(crate) fn new(limits: &EdgeLimits) -> Result<Self, WebError> {
        Ok(Self {
            requests: Quotas::new("limits.requests", limits.requests, limits.requests_refill)?,
            checks: Quotas::new("limits.checks", limits.checks, limits.checks_refill)?,
            streams: Streams::new(limits),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(change: impl FnOnce(&mut EdgeLimits)) -> Edge {
        let mut limits = EdgeLimits::default();
        change(&mut limits);
        Edge::new(&limits).unwrap()
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_source_is_held_back_and_others_are_not() {
        let edge = edge(|limits| {
            limits.requests = 3;
            limits.requests_refill = Duration::from_secs(3_600);
        });
        for _ in 0..3 {
            assert!(edge.requests.take(address("2001:db8::1")).is_ok());
        }
        let wait = edge.requests.take(address("2001:db8::ffff")).unwrap_err();
        assert!(wait > Duration::from_secs(3_500) && wait <= Duration::from_secs(3_600), "{wait:?}: the /64 is one");
        assert!(edge.requests.take(address("2001:db8:0:1::1")).is_ok());
        assert!(edge.requests.take(address("203.0.113.7")).is_ok());
    }

    #[test]
    fn a_limit_that_is_hit_is_told_once_and_with_a_count() {
        let alarm = Alarm::new("limits.requests");
        assert_eq!(alarm.count(), Some(1));
        assert!((0..1_000).all(|_| alarm.count().is_none()));
        assert_eq!(alarm.hits.load(Ordering::Relaxed), 1_000, "they are told with the next");
    }

    #[test]
    fn a_source_that_is_held_back_raises_the_alarm_and_others_do_not() {
        let edge = edge(|limits| limits.requests = 1);
        assert!(edge.requests.take(address("203.0.113.7")).is_ok());
        assert!(edge.requests.alarm.speaks.check().is_ok(), "nothing has been told");
        assert!(edge.requests.take(address("203.0.113.7")).is_err());
        assert_eq!(edge.requests.alarm.hits.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn sources_that_asked_long_ago_take_no_memory() {
        let edge = edge(|limits| limits.requests_refill = Duration::from_nanos(1));
        for number in 0..3 * SWEEP_EVERY {
            assert!(edge.requests.take(IpAddr::V4(number.into())).is_ok());
        }
        let kept = edge.requests.limiter.len();
        assert!(kept <= usize::try_from(SWEEP_EVERY).unwrap(), "{kept}");
    }

    #[test]
    fn streams_are_counted_by_source_and_in_all_and_given_back() {
        let edge = edge(|limits| {
            limits.streams_per_source = 2;
            limits.streams = 3;
        });
        let (one, two) = (address("203.0.113.7"), address("203.0.113.8"));
        let held = [edge.streams.enter(one), edge.streams.enter(one)];
        assert!(held.iter().all(Option::is_some));
        assert!(edge.streams.enter(one).is_none(), "the source has its two");
        let third = edge.streams.enter(two);
        assert!(third.is_some());
        assert!(edge.streams.enter(address("203.0.113.9")).is_none(), "the node has its three");
        drop(held);
        assert!(edge.streams.enter(one).is_some());
        drop(third);
        assert!(lock(&edge.streams.open).by_source.is_empty(), "nothing is kept of who has gone");
    }

    #[test]
    fn a_limit_of_nothing_is_refused() {
        let limits = EdgeLimits { requests: 0, ..EdgeLimits::default() };
        assert!(matches!(Edge::new(&limits), Err(WebError::Limit { setting: "limits.requests" })));
        let limits = EdgeLimits { checks_refill: Duration::ZERO, ..EdgeLimits::default() };
        assert!(matches!(Edge::new(&limits), Err(WebError::Limit { setting: "limits.checks" })));
    }
}
