//! The network that a request came from.

use std::fmt;
use std::net::IpAddr;

/// The network that a request came from, in the granularity of the limits: an IPv4 address, or the /64 of an IPv6
/// address.
///
/// Take the address from the connection, or from a header that a *configured* proxy wrote; an attacker can write any
/// other header.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Source(Vec<u8>);

impl Source {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The network around it, which one customer of a provider may have whole: the /24 of an IPv4 address, the /48 of an IPv6
    /// address.
    pub(crate) fn network(&self) -> Network {
        Network(self.0.iter().take(if self.0.len() == 4 { 3 } else { 6 }).copied().collect())
    }
}

/// The /24 or /48 of a [`Source`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Network(Vec<u8>);

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network(…)")
    }
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.octets().to_vec()),
            IpAddr::V6(address) => Self(address.octets().into_iter().take(8).collect()),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source(…)")
    }
}
