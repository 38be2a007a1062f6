//! Edge quotas: requests, password checks and event streams of one source, per node and in memory. The core has quotas of
//! its own for resets, codes and messages, shared by all nodes.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use password_reset::{Bounded, Source};

use crate::error::WebError;
use crate::shares::Shares;

/// After this many requests the quotas of sources that are full again are dropped.
const SWEEP_EVERY: u32 = 4_096;

/// Bytes of all webhook bodies at once.
const WEBHOOK_BYTES: u32 = 32 * 1024 * 1024;

/// Of these, the bytes of one source: two of the largest bodies, and room for small ones.
const WEBHOOK_BYTES_PER_SOURCE: u32 = 8 * 1024 * 1024;

/// Quotas of one source, an IPv4 address or an IPv6 /64, on one node, and the number of open streams of a node.
///
/// Many users share one address behind a mobile network, so the defaults stop floods and do not affect ordinary use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EdgeLimits {
    /// Burst of requests of any kind: 300; at least 1.
    pub requests: u32,
    /// The time after which one more request is permitted: 20 milliseconds; greater than zero.
    pub requests_refill: Duration,
    /// Burst of password checks while a user types: 60; at least 1. Each takes milliseconds of processor time.
    pub checks: u32,
    /// The time after which one more check is permitted: 250 milliseconds; greater than zero.
    pub checks_refill: Duration,
    /// Open event streams of one source: 200. Beyond it the page polls.
    pub streams_per_source: u32,
    /// Open event streams of the node: 20,000.
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

/// One quota for each source.
#[derive(Debug)]
pub(crate) struct Quotas {
    limiter: DefaultKeyedRateLimiter<Source>,
    until_sweep: AtomicU32,
    limit: &'static str,
    alarm: Bounded,
}

impl Quotas {
    fn new(setting: &'static str, burst: u32, refill: Duration) -> Result<Self, WebError> {
        let burst = NonZeroU32::new(burst).ok_or(WebError::Limit { setting })?;
        let quota = Quota::with_period(refill).ok_or(WebError::Limit { setting })?.allow_burst(burst);
        let limiter = RateLimiter::keyed(quota);
        Ok(Self { limiter, until_sweep: AtomicU32::new(SWEEP_EVERY), limit: setting, alarm: Bounded::new() })
    }

    /// Takes one permit. The error is the time until the next one.
    pub(crate) fn take(&self, source: IpAddr) -> Result<(), Duration> {
        if self.until_sweep.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.until_sweep.store(SWEEP_EVERY, Ordering::Relaxed);
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(&source.into()).map_err(|denied| {
            password_reset::metrics::limit_hit(self.limit);
            password_reset::log_bounded!(self.alarm => warn,
                target: "password_reset::alert", limit = self.limit, "rate limit reached");
            denied.wait_time_from(self.limiter.clock().now())
        })
    }
}

/// The edge quotas of a node.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) requests: Quotas,
    pub(crate) checks: Quotas,
    pub(crate) streams: Shares,
    /// Bytes of webhook bodies that are being read or handled.
    pub(crate) webhook_bytes: Shares,
}

impl Edge {
    pub(crate) fn new(limits: &EdgeLimits) -> Result<Self, WebError> {
        Ok(Self {
            requests: Quotas::new("limits.requests", limits.requests, limits.requests_refill)?,
            checks: Quotas::new("limits.checks", limits.checks, limits.checks_refill)?,
            streams: Shares::new(limits.streams_per_source, limits.streams),
            webhook_bytes: Shares::new(WEBHOOK_BYTES_PER_SOURCE, WEBHOOK_BYTES),
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
    fn a_quota_is_for_one_source() {
        let edge = edge(|limits| {
            limits.requests = 3;
            limits.requests_refill = Duration::from_secs(3_600);
        });
        for _ in 0..3 {
            assert!(edge.requests.take(address("2001:db8::1")).is_ok());
        }
        let wait = edge.requests.take(address("2001:db8::ffff")).unwrap_err();
        assert!(
            wait > Duration::from_secs(3_500) && wait <= Duration::from_secs(3_600),
            "{wait:?}: a /64 is one source"
        );
        assert!(edge.requests.take(address("2001:db8:0:1::1")).is_ok());
        assert!(edge.requests.take(address("203.0.113.7")).is_ok());
    }

    #[test]
    fn only_a_denied_request_raises_the_alarm() {
        let edge = edge(|limits| limits.requests = 1);
        assert!(edge.requests.take(address("203.0.113.7")).is_ok());
        assert_eq!(edge.requests.alarm.pass(), Some(0), "nothing was reported until now");
        assert!(edge.requests.take(address("203.0.113.7")).is_err());
        assert_eq!(edge.requests.alarm.pass(), None, "reported within the minute");
    }

    #[test]
    fn quotas_that_are_full_again_take_no_memory() {
        let edge = edge(|limits| limits.requests_refill = Duration::from_nanos(1));
        for number in 0..3 * SWEEP_EVERY {
            assert!(edge.requests.take(IpAddr::V4(number.into())).is_ok());
        }
        let kept = edge.requests.limiter.len();
        assert!(kept <= usize::try_from(SWEEP_EVERY).unwrap(), "{kept}");
    }

    #[test]
    fn a_limit_of_zero_is_refused() {
        let limits = EdgeLimits { requests: 0, ..EdgeLimits::default() };
        assert!(matches!(Edge::new(&limits), Err(WebError::Limit { setting: "limits.requests" })));
        let limits = EdgeLimits { checks_refill: Duration::ZERO, ..EdgeLimits::default() };
        assert!(matches!(Edge::new(&limits), Err(WebError::Limit { setting: "limits.checks" })));
    }
}
