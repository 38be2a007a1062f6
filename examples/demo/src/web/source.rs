//! Where a request comes from: the peer of the connection, or the client that a proxy in front names.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;

use super::App;

/// The proxies in front, which append the address that they saw to `X-Forwarded-For`.
#[derive(Clone, Debug)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    /// Reads networks and addresses.
    pub fn parse(texts: &[String]) -> Result<Self> {
        let network = |text: &String| text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let networks = texts.iter().map(|text| network(text).with_context(|| format!("no network: {text}")));
        Ok(Self(networks.collect::<Result<_>>()?))
    }

    /// The last address that no proxy has: what stands before it in the header is what the client itself wrote.
    fn source(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut source = peer.to_canonical();
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        for entry in lines.flat_map(|line| line.to_str().unwrap_or("").rsplit(',')) {
            let proxy = self.0.iter().any(|network| network.contains(&source));
            let (true, Ok(address)) = (proxy, entry.trim().parse::<IpAddr>()) else { break };
            source = address.to_canonical();
        }
        source
    }
}

/// The source of a request, which limits count and the audit trail keeps.
pub struct Source(pub IpAddr);

impl FromRequestParts<App> for Source {
    type Rejection = <ConnectInfo<SocketAddr> as FromRequestParts<App>>::Rejection;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, app).await?;
        Ok(Self(app.proxies.source(peer.ip(), &parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use password_reset::KeyRing;
    use reqwest::StatusCode;

    use super::*;
    use crate::{Demo, Settings};

    #[test]
    fn only_addresses_that_proxies_wrote_count() {
        let proxies = Proxies::parse(&["127.0.0.1".to_owned(), "10.0.0.0/8".to_owned()]).unwrap();
        let table: [(&str, &[&str], &str); 8] = [
            ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:127.0.0.1", &["2001:db8::7"], "2001:db8::7"),
            ("127.0.0.1", &["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["6.6.6.6", "198.51.100.1, 10.1.2.3"], "198.51.100.1"),
            ("127.0.0.1", &["198.51.100.1, unknown"], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1, unknown, 10.1.2.3"], "10.1.2.3"),
        ];
        for (peer, lines, expected) in table {
            let headers =
                lines.iter().map(|line| ("x-forwarded-for".parse().unwrap(), line.parse().unwrap())).collect();
            let source = proxies.source(peer.parse().unwrap(), &headers);
            assert_eq!(source.to_string(), expected, "{peer} {lines:?}");
        }
        Proxies::parse(&["the proxy".to_owned()]).unwrap_err();
    }

    #[tokio::test]
    async fn behind_a_proxy_each_visitor_has_the_limit_of_one() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::parse(
            "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,counters:AgECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        )
        .unwrap();
        let mut settings = Settings::new(format!("sqlite:{}/demo.db", folder.path().display()), keys);
        settings.proxies = vec!["127.0.0.1".to_owned()];
        let demo = Demo::start(settings).await.unwrap();
        let url = format!("http://{}/sign-in", demo.address);
        tokio::spawn(demo.serve());
        let http = reqwest::Client::new();
        let signs_in = async |name: &str, visitor: &'static str| {
            let form = http.post(&url).header("x-forwarded-for", visitor);
            let form = form.header("content-type", "application/x-www-form-urlencoded");
            form.body(format!("name={name}&password=wrong")).send().await.unwrap().status()
        };
        // The limit refills meanwhile, on a slow machine more than once.
        let mut tried = 0;
        while signs_in("one", "203.0.113.1").await != StatusCode::TOO_MANY_REQUESTS {
            tried += 1;
            assert!(tried < 600, "there is no limit");
        }
        assert_eq!(signs_in("two", "203.0.113.2").await, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
