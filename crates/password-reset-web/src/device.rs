//! On which device a request was made, in words for the owner's mail.
//!
//! A stranger writes the headers, and the owner reads the words. So the words are those of these tables, whatever the headers are, and
//! what is in none of them is not said.

use std::fmt;
use std::net::IpAddr;

use http::HeaderMap;
use http::header::USER_AGENT;
use http::request::Parts;

use crate::contained;

/// A longer one is no browser's.
const MAX_HEADER: usize = 1024;

/// What browsers call themselves, and what people call them. Each browser names those that it wants to be taken for as well, so the
/// more special one comes first.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("UCBrowser/", "UC Browser"),
    ("YaBrowser/", "Yandex Browser"),
    ("Vivaldi/", "Vivaldi"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];

/// What systems are called in `User-Agent`. An iPad says that it is a Mac.
const SYSTEMS: &[(&str, &str)] = &[
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows NT", "Windows"),
    ("Macintosh", "macOS, iPadOS"),
    ("Linux", "Linux"),
];

/// What systems are called in `Sec-CH-UA-Platform`, which browsers on Chromium send.
const PLATFORMS: &[(&str, &str)] = &[
    ("\"Android\"", "Android"),
    ("\"Chrome OS\"", "ChromeOS"),
    ("\"Chromium OS\"", "ChromeOS"),
    ("\"Windows\"", "Windows"),
    ("\"macOS\"", "macOS"),
    ("\"Linux\"", "Linux"),
];

/// The application's own answer to where a request came from.
pub(crate) struct Place(pub(crate) Box<FindPlace>);

type FindPlace = dyn Fn(&Parts, IpAddr) -> Option<String> + Send + Sync;

impl Place {
    fn find(&self, head: &Parts, source: IpAddr) -> Option<String> {
        const PANICKED: &str = "finding the place of a request panicked, no message says it";
        contained::call(PANICKED, || (self.0)(head, source)).unwrap_or_else(|_panicked| {
            password_reset::log_bounded!(error, "{PANICKED}");
            None
        })
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place(…)")
    }
}

/// The device of a request, and its place if the application knows it: `Chrome (Android), Surabaya`.
pub(crate) fn of(head: &Parts, source: IpAddr, place: Option<&Place>) -> Option<String> {
    let place = place.and_then(|place| place.find(head, source)).filter(|place| !place.trim().is_empty());
    let known: Vec<String> = browser(&head.headers).into_iter().chain(place).collect();
    (!known.is_empty()).then(|| known.join(", "))
}

fn browser(headers: &HeaderMap) -> Option<String> {
    let header = |name: &str| headers.get(name)?.to_str().ok().filter(|value| value.len() <= MAX_HEADER);
    let agent = header(USER_AGENT.as_str()).unwrap_or_default();
    // Only what calls itself a browser is one; an app has a name that no table knows.
    let named = |table: &[(&str, &'static str)]| {
        let known = table.iter().find(|(token, _)| agent.contains(token));
        known.filter(|_| agent.starts_with("Mozilla/5.0 (")).map(|(_, name)| *name)
    };
    let platform = header("sec-ch-ua-platform");
    let platform = platform.and_then(|value| PLATFORMS.iter().find(|(token, _)| *token == value));
    let system = platform.map(|(_, name)| *name).or_else(|| named(SYSTEMS));
    match (named(BROWSERS), system) {
        (Some(browser), Some(system)) => Some(format!("{browser} ({system})")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(headers: &[(&'static str, &str)]) -> Parts {
        let mut request = Request::new(());
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        request.into_parts().0
    }

    fn said(headers: &[(&'static str, &str)]) -> Option<String> {
        of(&head(headers), [192, 0, 2, 1].into(), None)
    }

    #[test]
    fn browsers_and_systems_are_called_what_people_call_them() {
        const KHTML: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let chrome = format!("Mozilla/5.0 (Linux; Android 10; K) {KHTML} Chrome/142.0.0.0 Mobile Safari/537.36");
        let edge =
            format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KHTML} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0");
        let samsung = format!(
            "Mozilla/5.0 (Linux; Android 10; K) {KHTML} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36"
        );
        let chromebook = format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {KHTML} Chrome/142.0.0.0 Safari/537.36");
        for (agent, name) in [
            (chrome.as_str(), "Chrome (Android)"),
            (&edge, "Edge (Windows)"),
            (&samsung, "Samsung Internet (Android)"),
            (&chromebook, "Chrome (ChromeOS)"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox (Linux)"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari (iPhone)",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1",
                "Chrome (iPhone)",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 \
                 Safari/605.1.15",
                "Safari (macOS, iPadOS)",
            ),
        ] {
            assert_eq!(said(&[("user-agent", agent)]).as_deref(), Some(name), "{agent}");
        }
    }

    #[test]
    fn the_client_hint_names_the_system() {
        let agent =
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0";
        let hint = ("sec-ch-ua-platform", "\"macOS\"");
        assert_eq!(said(&[("user-agent", agent), hint]).as_deref(), Some("Chrome (macOS)"));
        assert_eq!(said(&[hint]).as_deref(), Some("macOS"));
    }

    #[test]
    fn no_word_of_a_header_is_said() {
        let long = format!("Mozilla/5.0 (Linux; Android 10) Chrome/1{}", " ".repeat(MAX_HEADER));
        for agent in ["", "curl/8.5.0", "okhttp/4.12.0", "TokoApp/2.1 (Android) https://evil.example Chrome/", &long] {
            assert_eq!(said(&[("user-agent", agent), ("sec-ch-ua-platform", "\"Call 0812\"")]), None, "{agent}");
        }
        let forged = "Mozilla/5.0 (Call 0812; Android) Your account is at risk Chrome/";
        assert_eq!(said(&[("user-agent", forged)]).as_deref(), Some("Chrome (Android)"));
    }

    #[test]
    fn the_place_is_the_applications() {
        let place = Place(Box::new(|head, source| {
            assert_eq!(source, IpAddr::from([192, 0, 2, 1]));
            Some(head.headers.get("x-city")?.to_str().ok()?.to_owned())
        }));
        let of = |headers: &[_]| of(&head(headers), [192, 0, 2, 1].into(), Some(&place));
        let agent = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0");
        assert_eq!(of(&[agent, ("x-city", "Surabaya")]).as_deref(), Some("Firefox (Linux), Surabaya"));
        assert_eq!(of(&[("x-city", "Surabaya")]).as_deref(), Some("Surabaya"));
        let panics = Place(Box::new(|_, _| panic!("no city")));
        let without = super::of(&head(&[agent]), [192, 0, 2, 1].into(), Some(&panics));
        assert_eq!(without.as_deref(), Some("Firefox (Linux)"));
        assert_eq!(of(&[agent, ("x-city", " ")]).as_deref(), Some("Firefox (Linux)"));
    }
}
