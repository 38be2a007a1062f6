//! The quota of sign-in attempts.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

const PER_NAME: NonZeroU32 = NonZeroU32::new(10).unwrap();
const PER_SOURCE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// After this many keys those with a full quota are dropped.
const MANY: usize = 10_000;

/// Ten attempts a minute for a name, sixty for a source. It is independent of the limits of resets.
pub struct SignInThrottle {
    names: DefaultKeyedRateLimiter<String>,
    sources: DefaultKeyedRateLimiter<IpAddr>,
}

impl SignInThrottle {
    /// Takes permits for one attempt; `false` where there is none.
    pub fn allows(&self, name: &str, source: IpAddr) -> bool {
        if self.names.len() > MANY {
            self.names.retain_recent();
        }
        if self.sources.len() > MANY {
            self.sources.retain_recent();
        }
        let name = name.trim().to_lowercase();
        self.sources.check_key(&network(source)).is_ok() && self.names.check_key(&name).is_ok()
    }
}

impl Default for SignInThrottle {
    fn default() -> Self {
        Self {
            names: RateLimiter::keyed(Quota::per_minute(PER_NAME)),
            sources: RateLimiter::keyed(Quota::per_minute(PER_SOURCE)),
        }
    }
}

/// A household has a /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_source_have_their_limits_and_others_are_not_held() {
        let throttle = SignInThrottle::default();
        let source = |last: u8| IpAddr::from([127, 0, 0, last]);
        let ani = (0..11).filter(|_| throttle.allows("Ani@toko.example ", source(1))).count();
        assert_eq!(ani, 10);
        assert!(!throttle.allows("ani@toko.example", source(2)), "another source must not help");
        assert!(throttle.allows("budi.contoh", source(1)), "another name must not be limited");
        let many = (0..100).filter(|name| throttle.allows(&name.to_string(), source(3))).count();
        assert_eq!(many, 60);
    }
}
