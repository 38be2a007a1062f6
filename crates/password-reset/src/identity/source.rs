//! The network that a request came from.

use std::fmt;
use std::net::IpAddr;

/// The network that a request came from, in the granularity of the limits: an IPv4 address, or the /64 of an IPv6
/// address.
///
/// Take the address from the connection, or from a header that a *configured* proxy wrote (R10); an attacker can write any
/// other header.
#[derive(Clone, PartialEq, Eq)]
pub struct Source(Vec<u8>);

impl Source {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
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
