//! The source of a request: the peer of the connection, or the client that trusted proxies name (R10).

use std::net::{IpAddr, SocketAddr};

use http::header::FORWARDED;
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use password_reset::Bounded;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The peer of the connection on which a request came: what mounts insert into its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "it is an address and nothing else")]
pub struct Peer(pub SocketAddr);

/// The proxies whose `X-Forwarded-For` is trusted.
#[derive(Debug, Default)]
pub(crate) struct TrustedProxies {
    networks: Vec<IpNet>,
    /// Behind a proxy that is not trusted, all visitors share the quota of one, so the operator must learn of it; any client
    /// can send the header too.
    unbelieved: Bounded,
}

impl TrustedProxies {
    /// Parses networks (`10.0.0.0/8`) and single addresses. The error is the text that is neither.
    pub(crate) fn parse<S: AsRef<str>>(networks: impl IntoIterator<Item = S>) -> Result<Self, String> {
        let parse = |text: &str| {
            let text = text.trim();
            text.parse::<IpNet>().or_else(|_not_a_network| text.parse::<IpAddr>().map(IpNet::from)).ok()
        };
        let networks = networks.into_iter();
        networks
            .map(|text| parse(text.as_ref()).ok_or_else(|| text.as_ref().to_owned()))
            .collect::<Result<_, _>>()
            .map(|networks| Self { networks, unbelieved: Bounded::new() })
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The source address of a request; `None` without a [`Peer`].
    pub(crate) fn source(&self, head: &Parts) -> Option<IpAddr> {
        let Peer(peer) = head.extensions.get::<Peer>()?;
        let (peer, headers) = (peer.ip().to_canonical(), &head.headers);
        if self.ignores_header(peer, headers) {
            password_reset::log_bounded!(self.unbelieved => error,
                target: "password_reset::alert",
                %peer,
                "a proxy's header is not believed, so all visitors behind it share one quota: name the proxy with \
                 `Web::trusted_proxies(…)`, and let it send X-Forwarded-For; without a proxy, this came from a stranger"
            );
        }
        Some(self.behind(peer, headers))
    }

    /// Whether a header names a client and is not read.
    fn ignores_header(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        let read = self.trusts(peer) && headers.contains_key(FORWARDED_FOR);
        let named = headers.contains_key(FORWARDED_FOR) || headers.contains_key(FORWARDED);
        named && !read
    }

    /// Reads from right to left: each proxy appends the address that it saw, so everything left of the first untrusted
    /// address was written by that client and is ignored.
    fn behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut seen = peer;
        let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or("")).collect();
        for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !self.trusts(seen) {
                break;
            }
            // Without a readable address the proxy itself is the best known source.
            let Some(address) = read(entry.trim()) else { break };
            seen = address;
        }
        seen
    }
}

/// `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::7`, `[2001:db8::7]:4711`.
fn read(entry: &str) -> Option<IpAddr> {
    let address = entry.parse().ok().or_else(|| entry.parse().ok().map(|address: SocketAddr| address.ip()));
    let address = address.or_else(|| entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok());
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn behind(peer: &str, lines: &[&str]) -> String {
        let proxies = TrustedProxies::parse(["10.0.0.0/8", "192.0.2.1", "2001:db8:1::/48"]).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        proxies.behind(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_addresses_that_trusted_proxies_wrote_count() {
        let table: [(&str, &[&str], &str); 12] = [
            ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("10.1.2.3", &["198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["6.6.6.6, 198.51.100.1, 10.9.9.9, 192.0.2.1"], "198.51.100.1"),
            ("10.1.2.3", &["10.9.9.9"], "10.9.9.9"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &["198.51.100.1, unknown"], "10.1.2.3"),
            ("10.1.2.3", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.1.2.3", &["[2001:db8:9::7]:4711"], "2001:db8:9::7"),
            ("2001:db8:1::1", &["[2001:db8:9::8]"], "2001:db8:9::8"),
            ("10.1.2.3", &["::ffff:198.51.100.1"], "198.51.100.1"),
        ];
        for (peer, lines, expected) in table {
            assert_eq!(behind(peer, lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn a_header_that_is_not_read_is_noticed() {
        let headers = |name: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static("for=198.51.100.1"));
            headers
        };
        let (proxy, other) = ("10.1.2.3".parse().unwrap(), "203.0.113.9".parse().unwrap());
        for (peer, name, said) in [
            (other, "x-forwarded-for", true),
            (other, "forwarded", true),
            (proxy, "forwarded", true),
            (proxy, "x-forwarded-for", false),
            (other, "via", false),
        ] {
            let proxies = TrustedProxies::parse(["10.0.0.0/8"]).unwrap();
            assert_eq!(proxies.ignores_header(peer, &headers(name)), said, "{peer} {name}");
        }
    }

    #[test]
    fn the_error_names_the_text_that_is_no_network() {
        assert_eq!(TrustedProxies::parse(["10.0.0.0/8", "proxy.example"]).unwrap_err(), "proxy.example");
        assert!(TrustedProxies::parse(["10.0.0.0/33"]).is_err());
    }
}
