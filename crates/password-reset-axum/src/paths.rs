//! Paths below the mount path.

/// The fixed paths and their methods. Webhook paths must not clash with them, and tests run over all of them.
pub(crate) const PATHS: [(&str, &str); 24] = [
    ("/", "GET,HEAD,POST"),
    ("/wait", "GET,HEAD"),
    ("/code", "GET,HEAD,POST"),
    ("/claim", "GET,HEAD,POST"),
    ("/link", "GET,HEAD,POST"),
    ("/step-up", "GET,HEAD,POST"),
    ("/new", "GET,HEAD,POST"),
    ("/done", "GET,HEAD"),
    ("/cancel", "GET,HEAD,POST"),
    ("/lock", "GET,HEAD,POST"),
    ("/cancelled", "GET,HEAD"),
    ("/locked", "GET,HEAD"),
    ("/expired", "GET,HEAD"),
    ("/events", "GET,HEAD"),
    ("/api/requests", "POST"),
    ("/api/status", "GET,HEAD"),
    ("/api/events", "GET,HEAD"),
    ("/api/verify", "POST"),
    ("/api/password", "POST"),
    ("/api/cancel", "POST"),
    ("/api/lock", "POST"),
    ("/api/policy", "GET,HEAD"),
    ("/api/password-check", "POST"),
    ("/api/openapi.json", "GET,HEAD"),
];
