//! Postmark: bounces, spam complaints and deliveries.

use password_reset::inbound::DeliveryReport;
use serde_json::Value;

use crate::bounce::event::{COMPLAINT, REJECTED, SUPPRESSED, Says, about, failure, field, text};
use crate::bounce::{Bounce, message_id};

/// `None` for what is no event of Postmark.
pub(super) fn read(event: &Value) -> Option<Vec<Bounce>> {
    let kind = text(event, "/Type");
    // Older webhooks send bounces without the kind of record.
    let record = text(event, "/RecordType").or(kind.map(|_| "Bounce"))?;
    let report = match (record, kind) {
        ("Delivery", _) => Some(DeliveryReport::Delivered),
        ("SpamComplaint", _) => Some(failure(COMPLAINT, "", "")),
        ("Bounce", Some(kind)) => says(kind).map(|says| failure(says, "", text(event, "/Details").unwrap_or_default())),
        _ => None,
    };
    // The whole bounce, for those who have it included.
    let returned = || text(event, "/Content").and_then(message_id);
    Some(about(field(event.get("Metadata")).or_else(returned), report))
}

/// What a type of bounce means; `None` for what answers a mail that has arrived.
fn says(kind: &str) -> Option<Says> {
    Some(match kind {
        "HardBounce" | "BadEmailAddress" => Says::NoMailbox,
        "AutoResponder" | "Subscribe" | "ChallengeVerification" | "OpenRelayTest" => return None,
        "SpamComplaint" => COMPLAINT,
        "ManuallyDeactivated" | "Unsubscribe" => SUPPRESSED,
        "Blocked" | "SpamNotification" | "VirusNotification" | "DMARCPolicy" => Says::Other("blocked"),
        "SMTPApiError" | "InboundError" | "TemplateRenderingFailed" | "Unconfirmed" => REJECTED,
        "SoftBounce" | "Transient" | "DnsError" => Says::Other("soft bounce"),
        _ => Says::Other("bounced"),
    })
}
