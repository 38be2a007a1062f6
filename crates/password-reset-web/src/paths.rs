//! Paths below the mount path, and addresses that pages lead to.

/// The methods of a page, as the header `Allow` lists them.
pub(crate) const GET: &str = "GET,HEAD";
/// The methods of a page with a form, and of a webhook.
pub(crate) const GET_OR_POST: &str = "GET,HEAD,POST";
const POST: &str = "POST";

/// The fixed paths and their methods. Webhook paths must not clash with them, and tests run over all of them.
pub(crate) const PATHS: [(&str, &str); 24] = [
    ("/", GET_OR_POST),
    ("/wait", GET),
    ("/code", GET_OR_POST),
    ("/claim", GET_OR_POST),
    ("/link", GET_OR_POST),
    ("/step-up", GET_OR_POST),
    ("/new", GET_OR_POST),
    ("/done", GET),
    ("/cancel", GET_OR_POST),
    ("/lock", GET_OR_POST),
    ("/cancelled", GET),
    ("/locked", GET),
    ("/expired", GET),
    ("/events", GET),
    ("/api/requests", POST),
    ("/api/status", GET),
    ("/api/events", GET),
    ("/api/verify", POST),
    ("/api/password", POST),
    ("/api/cancel", POST),
    ("/api/lock", POST),
    ("/api/policy", GET),
    ("/api/password-check", POST),
    ("/api/openapi.json", GET),
];

/// Whether pages may lead to an address that the application sets: a path on this site, or an `https` URL.
pub(crate) fn is_link(url: &str) -> bool {
    let here = url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
    let elsewhere = url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
    let clean = !url.contains(|letter: char| letter.is_control() || letter.is_whitespace());
    clean && (here || elsewhere)
}

/// The methods of a path, as the header `Allow` lists them.
pub(crate) fn methods(path: &str) -> Option<&'static str> {
    if asset(path).is_some() {
        return Some(GET);
    }
    PATHS.iter().find(|(page, _)| *page == path).map(|(_, methods)| *methods)
}

/// The name of the asset at a path.
pub(crate) fn asset(path: &str) -> Option<&str> {
    path.strip_prefix("/assets/").filter(|name| !name.is_empty() && !name.contains('/'))
}
