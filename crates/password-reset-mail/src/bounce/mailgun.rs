//! Mailgun: webhooks that carry their signature in the body.

use chrono::{DateTime, Utc};
use password_reset::inbound::DeliveryReport;
use serde_json::Value;

use crate::bounce::Bounce;
use crate::bounce::auth::Key;
use crate::bounce::error::BounceWebhookError;
use crate::bounce::event::{COMPLAINT, REJECTED, SUPPRESSED, Says, about, failure, field, mail, text};

/// Only a timestamp and a random token are signed, not the event: so the time must be near.
pub(super) fn check(key: &Key, request: &Value, now: DateTime<Utc>) -> Result<(), BounceWebhookError> {
    let part = |pointer| text(request, pointer).ok_or(BounceWebhookError::NotAuthentic);
    let (time, token, code) = (part("/signature/timestamp")?, part("/signature/token")?, part("/signature/signature")?);
    let code = base16ct::mixed::decode_vec(code).ok();
    key.check(&[time.as_bytes(), token.as_bytes()], code.into_iter(), time, now)
}

/// `None` for what is no event of Mailgun.
pub(super) fn read(request: &Value) -> Option<Vec<Bounce>> {
    let event = request.get("event-data")?;
    let report = match (text(event, "/event")?, text(event, "/severity")) {
        ("delivered", _) => Some(DeliveryReport::Delivered),
        ("complained", _) => Some(failure(COMPLAINT, "", "")),
        ("rejected", _) => Some(failure(REJECTED, "", "")),
        // A temporary failure is tried again.
        ("failed", Some("permanent")) => Some(failed(event)),
        _ => None,
    };
    let id = || text(event, "/message/headers/message-id").and_then(mail);
    Some(about(field(event.get("user-variables")).or_else(id), report))
}

fn failed(event: &Value) -> DeliveryReport {
    let status = |name| text(event, name).filter(|text| !text.is_empty());
    let reply = status("/delivery-status/message").or_else(|| status("/delivery-status/description"));
    let says = match (text(event, "/reason").unwrap_or_default(), status("/delivery-status/bounce-type")) {
        (reason, _) if reason.starts_with("suppress-") => return failure(SUPPRESSED, "", ""),
        ("espblock" | "blacklisted", _) => Says::Other("blocked"),
        ("old" | "greylisted", _) | (_, Some("soft")) => Says::Other("soft bounce"),
        ("bounce", Some("hard")) => Says::NoMailbox,
        _ => Says::Refused,
    };
    failure(says, status("/delivery-status/enhanced-code").unwrap_or_default(), reply.unwrap_or_default())
}
