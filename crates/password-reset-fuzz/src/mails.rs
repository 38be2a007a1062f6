//! Bounces: mails in their mailbox, and the webhooks of mail services.

use chrono::DateTime;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue};
use password_reset_mail::{Bounce, BounceWebhook};

/// A mail or event without one of our message ids reports nothing.
pub(crate) fn check(bytes: &[u8]) {
    let bounce = Bounce::parse(bytes);
    let names_a_mail = bytes.contains(&b'@');
    assert!(bounce.is_none() || names_a_mail, "{bounce:?}");

    // `user:only-the-tests-use-this`
    let login = HeaderValue::from_static("Basic dXNlcjpvbmx5LXRoZS10ZXN0cy11c2UtdGhpcw==");
    let headers = HeaderMap::from_iter([(AUTHORIZATION, login)]);
    for service in [BounceWebhook::postmark, BounceWebhook::sendgrid, BounceWebhook::ses] {
        let service = service("user", "only-the-tests-use-this").unwrap();
        let bounces = service.read(&headers, bytes, DateTime::UNIX_EPOCH).unwrap_or_default();
        assert!(bounces.is_empty() || bytes.contains(&b'-'), "{bounces:?}");
    }
}
