//! Amazon SES: notifications and events, bare or in the envelope of SNS.

use password_reset::inbound::DeliveryReport;
use serde_json::Value;

use crate::bounce::Bounce;
use crate::bounce::event::{COMPLAINT, REJECTED, SUPPRESSED, Says, about, failure, field, header, mail, text};

/// What SES publishes when it is given a topic.
const TOPIC_CHECK: &str = "Successfully validated SNS topic";

/// `None` for what is no event of SES.
pub(super) fn read(request: &Value) -> Option<Vec<Bounce>> {
    match text(request, "/Type") {
        None => event(request),
        Some("Notification") => match text(request, "/Message")? {
            check if check.starts_with(TOPIC_CHECK) => Some(Vec::new()),
            message => event(&serde_json::from_str(message).ok()?),
        },
        Some("SubscriptionConfirmation") => {
            let address = text(request, "/SubscribeURL")?;
            tracing::warn!(address, "Amazon SNS asks to confirm the subscription for bounces: open the address once");
            Some(Vec::new())
        }
        Some("UnsubscribeConfirmation") => Some(Vec::new()),
        Some(_) => None,
    }
}

fn event(event: &Value) -> Option<Vec<Bounce>> {
    // Events of a configuration set and notifications of an identity differ in this name alone.
    let kind = text(event, "/eventType").or_else(|| text(event, "/notificationType"))?;
    let report = match kind {
        "Delivery" => Some(DeliveryReport::Delivered),
        "Complaint" => Some(failure(COMPLAINT, "", "")),
        "Reject" | "Rendering Failure" => Some(failure(REJECTED, "", "")),
        "Bounce" => Some(bounced(event)),
        _ => None,
    };
    let sent = event.get("mail")?;
    let id = || text(sent, "/commonHeaders/messageId").and_then(mail);
    Some(about(field(sent.get("tags")).or_else(|| header(sent.get("headers"))).or_else(id), report))
}

fn bounced(event: &Value) -> DeliveryReport {
    // A mail of ours has one recipient. Of several it is not known which one is ours.
    let one = |list: &str| event.pointer(list).and_then(Value::as_array).is_none_or(|list| list.len() == 1);
    let one = one("/bounce/bouncedRecipients") && one("/mail/destination");
    let text = |pointer| text(event, pointer).unwrap_or_default();
    let says = says(text("/bounce/bounceType"), text("/bounce/bounceSubType"), one);
    failure(says, text("/bounce/bouncedRecipients/0/status"), text("/bounce/bouncedRecipients/0/diagnosticCode"))
}

/// What a type and subtype of bounce mean.
pub(super) fn says(kind: &str, detail: &str, one_recipient: bool) -> Says {
    match (kind, detail) {
        ("Permanent", "Suppressed" | "OnAccountSuppressionList" | "UnsubscribedRecipient") => SUPPRESSED,
        ("Permanent", _) if one_recipient => Says::NoMailbox,
        ("Transient", _) => Says::Other("soft bounce"),
        _ => Says::Other("bounced"),
    }
}
