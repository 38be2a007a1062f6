//! The source of a request: the peer of the connection, or the client that trusted proxies name.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;

use http::header::FORWARDED;
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use password_reset::Bounded;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What stands for the peers without an address.
const UNIX: &str = "unix";

/// Where a request over a Unix domain socket comes from, if it names no client.
pub(crate) const THIS_MACHINE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The peer of the connection on which a request came: what mounts insert into its extensions. A Unix domain socket has none; see
/// [`trusted_proxies`](crate::Settings::trusted_proxies).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "it is an address and nothing else")]
pub struct Peer(pub SocketAddr);

/// Which peers are proxies, and where they write the client's address.
#[derive(Debug, Default)]
pub(crate) struct TrustedProxies {
    /// Empty: none without a rule of its own, every peer with one.
    networks: Vec<IpNet>,
    /// Whether the peer of a Unix domain socket, which has no address, is one.
    unix: bool,
    rule: Rule,
    /// Behind a proxy that is not trusted, all visitors share the quota of one, so the operator must learn of it; any client
    /// can send the header too.
    unbelieved: Bounded,
}

#[derive(Debug, Default)]
enum Rule {
    /// The last address in `X-Forwarded-For` that is no trusted proxy.
    #[default]
    Untrusted,
    /// The address in `X-Forwarded-For` that the outermost of so many proxies wrote.
    Count(NonZeroUsize),
    /// The only value of a header that the outermost proxy overwrites.
    Header(HeaderName),
}

impl TrustedProxies {
    /// Parses networks (`10.0.0.0/8`), single addresses, `unix`, and at most one of `count:2` and `header:name`. The error is the
    /// text that is none of these.
    pub(crate) fn parse<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Result<Self, String> {
        let mut parsed = Self::default();
        for text in texts {
            let text = text.as_ref().trim();
            if let Some(rule) = rule(text) {
                if !matches!(parsed.rule, Rule::Untrusted) {
                    return Err(text.to_owned());
                }
                parsed.rule = rule;
            } else if text == UNIX {
                parsed.unix = true;
            } else {
                parsed.networks.push(network(text).ok_or_else(|| text.to_owned())?);
            }
        }
        Ok(parsed)
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusts_all() || self.networks.iter().any(|network| network.contains(&address))
    }

    /// Whether a peer without an address is a proxy.
    pub(crate) fn trusts_unix(&self) -> bool {
        self.unix || self.trusts_all()
    }

    /// Whether every peer is a proxy: by a rule, where nothing says which.
    fn trusts_all(&self) -> bool {
        !matches!(self.rule, Rule::Untrusted) && self.networks.is_empty() && !self.unix
    }

    /// The source address of a request; `None` without a [`Peer`], unless peers without an address are proxies.
    pub(crate) fn source(&self, head: &Parts) -> Option<IpAddr> {
        let Some(Peer(peer)) = head.extensions.get::<Peer>() else { return self.source_over_unix(&head.headers) };
        let (peer, headers) = (peer.ip().to_canonical(), &head.headers);
        let client = self.believed(peer, headers);
        if client.is_none() && self.names_a_client(headers) {
            password_reset::log_bounded!(self.unbelieved => error,
                target: "password_reset::alert",
                %peer,
                "a proxy's header is not believed, so all visitors behind it share one quota: name the proxy with \
                 `Web::trusted_proxies(…)`, and let it send X-Forwarded-For; without a proxy, this came from a stranger"
            );
        }
        Some(client.unwrap_or(peer))
    }

    /// The client that the proxy at the other end of a Unix domain socket names; without one the request is this machine's own.
    fn source_over_unix(&self, headers: &HeaderMap) -> Option<IpAddr> {
        if !self.trusts_unix() {
            return None;
        }
        let client = self.named(headers);
        if client.is_none() {
            password_reset::log_bounded!(self.unbelieved => warn,
                "a request over a Unix socket names no client and counts as this machine's: let the proxy send X-Forwarded-For, or \
                 the header of `trusted_proxies`"
            );
        }
        Some(client.unwrap_or(THIS_MACHINE))
    }

    fn names_a_client(&self, headers: &HeaderMap) -> bool {
        let by_rule = matches!(&self.rule, Rule::Header(name) if headers.contains_key(name));
        by_rule || headers.contains_key(FORWARDED_FOR) || headers.contains_key(FORWARDED)
    }

    /// The client that a trusted peer names.
    fn believed(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        if self.trusts(peer) { self.named(headers) } else { None }
    }

    /// The client that headers of a proxy name.
    fn named(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or("")).collect();
        let mut from_right = lines.iter().rev().flat_map(|line| line.rsplit(','));
        match &self.rule {
            // Each proxy appends the address that it saw, so everything left of the first untrusted address was written by
            // that client. Without a readable address the proxy before it is the best known source.
            Rule::Untrusted => {
                let mut seen = None;
                for entry in from_right {
                    let Some(address) = read(entry) else { break };
                    seen = Some(address);
                    if !self.trusts(address) {
                        break;
                    }
                }
                seen
            }
            Rule::Count(count) => read(from_right.nth(count.get() - 1)?),
            // Of two values a client may have written one.
            Rule::Header(name) => {
                let mut values = headers.get_all(name).iter();
                let value = values.next()?.to_str().ok()?;
                if values.next().is_none() { read(value) } else { None }
            }
        }
    }
}

fn rule(text: &str) -> Option<Rule> {
    if let Some(count) = text.strip_prefix("count:") {
        return count.parse().ok().map(Rule::Count);
    }
    text.strip_prefix("header:")?.parse().ok().map(Rule::Header)
}

fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().or_else(|_not_a_network| text.parse::<IpAddr>().map(IpNet::from)).ok()
}

/// `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::7`, `[2001:db8::7]:4711`.
fn read(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let address = entry.parse().ok().or_else(|| entry.parse().ok().map(|address: SocketAddr| address.ip()));
    let address = address.or_else(|| entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok());
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const NETWORKS: [&str; 3] = ["10.0.0.0/8", "192.0.2.1", "2001:db8:1::/48"];

    /// Of a request with these lines of a header, from a peer or over a Unix domain socket.
    fn found(texts: &[&str], peer: Option<&str>, name: &'static str, lines: &[&str]) -> Option<String> {
        let mut request = http::Request::builder();
        if let Some(peer) = peer {
            request = request.extension(Peer(SocketAddr::new(peer.parse().unwrap(), 4711)));
        }
        for line in lines {
            request = request.header(name, *line);
        }
        let head = request.body(()).unwrap().into_parts().0;
        TrustedProxies::parse(texts).unwrap().source(&head).map(|source| source.to_string())
    }

    fn source(texts: &[&str], peer: &str, name: &'static str, lines: &[&str]) -> String {
        found(texts, Some(peer), name, lines).unwrap()
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
            assert_eq!(source(&NETWORKS, peer, "x-forwarded-for", lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn counted_proxies_need_no_address() {
        let table: [(&[&str], &[&str], &str); 8] = [
            (&["count:1"], &["198.51.100.1"], "198.51.100.1"),
            (&["count:1"], &["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            (&["count:2"], &["6.6.6.6, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
            (&["count:2"], &["6.6.6.6, 198.51.100.1", "10.9.9.9"], "198.51.100.1"),
            // Past one of the proxies.
            (&["count:2"], &["198.51.100.1"], "10.1.2.3"),
            (&["count:2"], &["unknown, 10.9.9.9"], "10.1.2.3"),
            (&["count:1", "10.0.0.0/8"], &["198.51.100.1"], "198.51.100.1"),
            (&["count:1", "192.0.2.1"], &["198.51.100.1"], "10.1.2.3"),
        ];
        for (texts, lines, expected) in table {
            assert_eq!(source(texts, "10.1.2.3", "x-forwarded-for", lines), expected, "{texts:?} {lines:?}");
        }
    }

    #[test]
    fn a_platform_names_the_client_in_a_header_of_its_own() {
        let own: &[&str] = &["header:Fly-Client-IP"];
        let table: [(&[&str], &'static str, &[&str], &str); 7] = [
            (own, "fly-client-ip", &["198.51.100.1"], "198.51.100.1"),
            (own, "fly-client-ip", &["2001:db8:9::7"], "2001:db8:9::7"),
            (own, "fly-client-ip", &["6.6.6.6", "198.51.100.1"], "10.1.2.3"),
            (own, "fly-client-ip", &["6.6.6.6, 198.51.100.1"], "10.1.2.3"),
            (own, "x-forwarded-for", &["198.51.100.1"], "10.1.2.3"),
            (&["header:fly-client-ip", "10.0.0.0/8"], "fly-client-ip", &["198.51.100.1"], "198.51.100.1"),
            (&["header:fly-client-ip", "192.0.2.1"], "fly-client-ip", &["198.51.100.1"], "10.1.2.3"),
        ];
        for (texts, name, lines, expected) in table {
            assert_eq!(source(texts, "10.1.2.3", name, lines), expected, "{texts:?} {name} {lines:?}");
        }
    }

    #[test]
    fn without_a_rule_no_peer_is_a_proxy() {
        assert_eq!(source(&[], "10.1.2.3", "x-forwarded-for", &["198.51.100.1"]), "10.1.2.3");
        assert!(!TrustedProxies::default().trusts("10.1.2.3".parse().unwrap()));
    }

    #[test]
    fn a_peer_without_an_address_is_a_proxy_where_that_is_said() {
        let table: [(&[&str], &'static str, &[&str], &str); 10] = [
            (&["unix"], "x-forwarded-for", &["198.51.100.1"], "198.51.100.1"),
            (&["unix"], "x-forwarded-for", &["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            (&["unix", "10.0.0.0/8"], "x-forwarded-for", &["6.6.6.6, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
            (&["unix", "count:2"], "x-forwarded-for", &["6.6.6.6, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
            (&["count:1"], "x-forwarded-for", &["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            (&["unix", "header:x-real-ip"], "x-real-ip", &["198.51.100.1"], "198.51.100.1"),
            (&["header:x-real-ip"], "x-real-ip", &["198.51.100.1"], "198.51.100.1"),
            // Names no client: one source for all of them.
            (&["unix"], "x-real-ip", &["198.51.100.1"], "127.0.0.1"),
            (&["unix"], "x-forwarded-for", &["unknown"], "127.0.0.1"),
            (&["unix", "header:x-real-ip"], "x-real-ip", &["6.6.6.6", "198.51.100.1"], "127.0.0.1"),
        ];
        for (texts, name, lines, expected) in table {
            assert_eq!(found(texts, None, name, lines).as_deref(), Some(expected), "{texts:?} {name} {lines:?}");
        }
        for texts in [&[][..], &["10.0.0.0/8"], &["count:1", "10.0.0.0/8"], &["header:x-real-ip", "127.0.0.1"]] {
            assert_eq!(found(texts, None, "x-forwarded-for", &["198.51.100.1"]), None, "{texts:?}");
            assert!(!TrustedProxies::parse(texts).unwrap().trusts_unix());
        }
        // Once it is said which peers are believed, others are not.
        for texts in [&["unix"][..], &["unix", "count:1"], &["unix", "header:x-forwarded-for"]] {
            assert_eq!(source(texts, "203.0.113.9", "x-forwarded-for", &["198.51.100.1"]), "203.0.113.9", "{texts:?}");
        }
    }

    #[test]
    fn a_header_that_is_not_read_is_noticed() {
        let (proxy, other) = ("10.1.2.3", "203.0.113.9");
        for (texts, peer, name, said) in [
            (&["10.0.0.0/8"], other, "x-forwarded-for", true),
            (&["10.0.0.0/8"], other, "forwarded", true),
            (&["10.0.0.0/8"], proxy, "forwarded", true),
            (&["10.0.0.0/8"], proxy, "x-forwarded-for", false),
            (&["10.0.0.0/8"], other, "via", false),
            (&["count:2"], proxy, "x-forwarded-for", true),
            (&["count:1"], proxy, "x-forwarded-for", false),
            (&["header:fly-client-ip"], proxy, "x-forwarded-for", true),
            (&["header:fly-client-ip"], proxy, "fly-client-ip", false),
            (&["header:fly-client-ip"], proxy, "x-real-ip", false),
        ] {
            let proxies = TrustedProxies::parse(texts).unwrap();
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static("198.51.100.1"))]);
            let believed = proxies.believed(peer.parse().unwrap(), &headers);
            assert_eq!(believed.is_none() && proxies.names_a_client(&headers), said, "{texts:?} {peer} {name}");
        }
    }

    #[test]
    fn the_error_names_the_text_that_is_no_network() {
        for (texts, named) in [
            (&["10.0.0.0/8", "proxy.example"][..], "proxy.example"),
            (&["10.0.0.0/33"], "10.0.0.0/33"),
            (&["count:0"], "count:0"),
            (&["count:"], "count:"),
            (&["count:-1"], "count:-1"),
            (&["header:"], "header:"),
            (&["header:x y"], "header:x y"),
            (&["count:1", "count:2"], "count:2"),
            (&["header:x-real-ip", "count:1"], "count:1"),
        ] {
            assert_eq!(TrustedProxies::parse(texts).unwrap_err(), named);
        }
    }
}
