//! Resend: bounces, complaints, failures, suppressions and deliveries.

use password_reset::inbound::DeliveryReport;
use serde_json::Value;

use crate::bounce::Bounce;
use crate::bounce::event::{COMPLAINT, REJECTED, SUPPRESSED, about, failure, field, header, mail, text};
use crate::bounce::ses::says;

/// `None` for what is no event of Resend.
pub(super) fn read(event: &Value) -> Option<Vec<Bounce>> {
    let kind = text(event, "/type")?;
    let data = event.get("data").filter(|data| data.is_object())?;
    let report = match kind {
        "email.delivered" => Some(DeliveryReport::Delivered),
        "email.complained" => Some(failure(COMPLAINT, "", "")),
        "email.suppressed" => Some(failure(SUPPRESSED, "", "")),
        "email.failed" => Some(failure(REJECTED, "", "")),
        "email.bounced" => Some(bounced(data)),
        _ => None,
    };
    let id = || text(data, "/message_id").and_then(mail);
    Some(about(field(data.get("tags")).or_else(|| header(data.get("headers"))).or_else(id), report))
}

/// Resend sends through Amazon SES, and says it in its words.
fn bounced(data: &Value) -> DeliveryReport {
    let one = data.get("to").and_then(Value::as_array).is_none_or(|to| to.len() == 1);
    let (kind, detail) = (text(data, "/bounce/type"), text(data, "/bounce/subType"));
    let reply = text(data, "/bounce/diagnosticCode/0").or_else(|| text(data, "/bounce/diagnosticCode"));
    let reply = reply.or_else(|| text(data, "/bounce/message")).unwrap_or_default();
    failure(says(kind.unwrap_or_default(), detail.unwrap_or_default(), one), "", reply)
}
