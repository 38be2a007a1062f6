//! Why the webhook of a mail service is refused.

/// Why a request to a [`BounceWebhook`](crate::BounceWebhook) is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BounceWebhookError {
    /// The password or signature is missing or wrong. Answer 401, with `WWW-Authenticate: Basic realm="bounces"`.
    #[error("the request does not carry the mail service's password or signature")]
    NotAuthentic,
    /// The signature is right, and more than five minutes old or ahead. Answer 401.
    #[error("the signature is too old, or a clock is wrong")]
    Stale,
    /// More than 1 MiB. Answer 413.
    #[error("the request is too large")]
    TooLarge,
    /// Not JSON, nested too deeply, or without what every event of the service has. Answer 400.
    #[error("the request is no event of this mail service")]
    Malformed,
}
