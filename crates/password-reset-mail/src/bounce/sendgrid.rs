//! SendGrid: the event webhook, which posts many events at once.

use password_reset::inbound::DeliveryReport;
use serde_json::Value;

use crate::bounce::Bounce;
use crate::bounce::event::{COMPLAINT, REJECTED, SUPPRESSED, Says, about, failure, field, mail, text};

/// `None` for what is no list of events.
pub(super) fn read(events: &Value) -> Option<Vec<Bounce>> {
    let events = events.as_array()?;
    let read: Vec<_> = events.iter().filter_map(one).collect();
    // One odd event does not lose the others.
    (!read.is_empty() || events.is_empty()).then(|| read.into_iter().flatten().collect())
}

fn one(event: &Value) -> Option<Vec<Bounce>> {
    let reply = text(event, "/reason").unwrap_or_default();
    let report = match text(event, "/event")? {
        "delivered" => Some(DeliveryReport::Delivered),
        "spamreport" => Some(failure(COMPLAINT, "", "")),
        "bounce" => Some(failure(says(event), text(event, "/status").unwrap_or_default(), reply)),
        // Their reason is SendGrid's own.
        "dropped" if reply.eq_ignore_ascii_case("bounced address") => Some(failure(SUPPRESSED, "", "")),
        "dropped" => Some(failure(REJECTED, "", "")),
        _ => None,
    };
    let arguments = || field(event.get("unique_args")).or_else(|| field(event.get("custom_args")));
    let id = || text(event, "/smtp-id").and_then(mail);
    // Custom arguments stand among the fields of the event itself.
    Some(about(field(Some(event)).or_else(arguments).or_else(id), report))
}

fn says(event: &Value) -> Says {
    match (text(event, "/type"), text(event, "/bounce_classification")) {
        (Some("blocked"), _) => Says::Other("blocked"),
        (_, Some("Invalid Address")) => Says::NoMailbox,
        (_, None | Some("Mailbox Unavailable" | "Unclassified")) => Says::Refused,
        (_, Some("Reputation" | "Content" | "Frequency or Volume Too High")) => Says::Other("blocked"),
        (_, Some(_)) => Says::Other("bounced"),
    }
}
