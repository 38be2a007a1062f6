//! Events in the shapes that each service documents, and what they mean.

use password_reset::inbound::DeliveryReport;
use serde_json::{Value, json};

use super::services::{REFERENCE, Service};

type Events = Vec<(Value, Vec<DeliveryReport>)>;

fn no_such(why: &str) -> Vec<DeliveryReport> {
    vec![DeliveryReport::NoSuchContact { why: why.to_owned() }]
}

fn failed(why: &str) -> Vec<DeliveryReport> {
    vec![DeliveryReport::Failed { why: why.to_owned() }]
}

fn arrived() -> Vec<DeliveryReport> {
    vec![DeliveryReport::Delivered]
}

pub(super) fn of(service: Service) -> Events {
    match service {
        Service::Postmark => postmark(),
        Service::Resend => resend(),
        Service::SendGrid => sendgrid(),
        Service::Mailgun => mailgun(),
        Service::Ses | Service::Sns => ses(),
    }
}

fn postmark() -> Events {
    let bounce = |kind: &str, code: u32, details: &str| {
        json!({
            "RecordType": "Bounce", "MessageStream": "outbound", "ID": 4_323_372_036_854_775_807_u64, "Type": kind,
            "TypeCode": code, "Name": "Bounce", "Tag": "", "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
            "Metadata": {"password-reset": REFERENCE}, "ServerID": 23,
            "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
            "Details": details, "Email": "ani@example.com", "From": "no-reply@example.com",
            "BouncedAt": "2026-11-21T06:50:09Z", "DumpAvailable": true, "Inactive": true, "CanActivate": true,
            "Subject": "Reset your password",
        })
    };
    let other = |record: &str| {
        json!({
            "RecordType": record, "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "Recipient": "ani@example.com",
            "Metadata": {"Password-Reset": REFERENCE}, "Details": "smtp;250 2.0.0 OK",
        })
    };
    vec![
        (
            bounce("HardBounce", 1, "smtp;550 5.1.1 The email account that you tried to reach does not exist."),
            no_such("5.1.1"),
        ),
        (bounce("HardBounce", 1, "action: failed\r\n"), no_such("hard bounce")),
        (bounce("HardBounce", 1, "smtp;550 5.0.0 unknown"), no_such("5.0.0")),
        (bounce("BadEmailAddress", 100_000, ""), no_such("hard bounce")),
        (
            json!({"ID": 42, "Type": "HardBounce", "TypeCode": 1, "Details": "smtp; 550 5.2.1 disabled",
                "Content": format!("Return-Path: <>\r\n\r\nMessage-ID: <{REFERENCE}@example.com>\r\n")}),
            no_such("5.2.1"),
        ),
        (
            bounce("HardBounce", 1, "smtp;550 5.7.1 Unfortunately, messages from 192.0.2.1 weren't sent"),
            failed("5.7.1"),
        ),
        (bounce("HardBounce", 1, "smtp;554 relay access denied"), failed("hard bounce")),
        (bounce("HardBounce", 1, "smtp;552 5.2.2 mailbox full"), failed("5.2.2")),
        (bounce("SoftBounce", 4096, "smtp;550 5.1.1 x"), failed("soft bounce 5.1.1")),
        (bounce("Transient", 2, "smtp;451 4.7.1 greylisted"), failed("soft bounce 4.7.1")),
        (bounce("DnsError", 256, ""), failed("soft bounce")),
        (bounce("Blocked", 100_006, "smtp;550 5.1.1 blocked"), failed("blocked 5.1.1")),
        (bounce("SpamNotification", 512, ""), failed("blocked")),
        (bounce("ManuallyDeactivated", 100_002, ""), failed("suppressed")),
        (bounce("Unknown", 2048, ""), failed("bounced")),
        (bounce("SpamComplaint", 100_001, ""), failed("complaint")),
        (other("SpamComplaint"), failed("complaint")),
        (bounce("AutoResponder", 64, ""), vec![]),
        (other("Delivery"), arrived()),
    ]
}

fn resend() -> Events {
    let event = |kind: &str, bounce: Value| {
        json!({
            "type": kind, "created_at": "2026-11-21T06:50:09.126Z",
            "data": {
                "broadcast_id": null, "created_at": "2026-11-21T06:50:08.894719+00:00",
                "email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "from": "Toko <no-reply@example.com>",
                "to": ["ani@example.com"], "subject": "Reset your password", "bounce": bounce,
                "tags": {"password-reset": REFERENCE},
            },
        })
    };
    let bounced = |kind: &str, detail: &str, code: Value| {
        event(
            "email.bounced",
            json!({"type": kind, "subType": detail, "message": "It bounced.", "diagnosticCode": code}),
        )
    };
    let listed = json!({
        "type": "email.bounced",
        "data": {"to": ["ani@example.com"], "bounce": {"type": "Permanent", "subType": "NoEmail", "message": "No such address"},
            "tags": [{"name": "category", "value": "reset"}, {"name": "password-reset", "value": REFERENCE}]},
    });
    let by_header = json!({
        "type": "email.delivered",
        "data": {"to": ["ani@example.com"], "headers": [{"name": "Message-Id", "value": format!("<{REFERENCE}@example.com>")}]},
    });
    let several = json!({
        "type": "email.bounced",
        "data": {"to": ["ani@example.com", "budi@example.com"], "bounce": {"type": "Permanent", "subType": "General"},
            "tags": {"password-reset": REFERENCE}},
    });
    vec![
        (bounced("Permanent", "General", json!(["smtp; 550 5.1.1 user unknown"])), no_such("5.1.1")),
        (
            bounced("Permanent", "General", json!("smtp; 550 5.5.0 Requested action not taken: mailbox unavailable")),
            no_such("5.5.0"),
        ),
        (bounced("Permanent", "General", json!(null)), no_such("hard bounce")),
        (listed, no_such("hard bounce")),
        (
            bounced("Permanent", "General", json!(["smtp; 554 5.7.1 Service unavailable; blocked using a list"])),
            failed("5.7.1"),
        ),
        (bounced("Permanent", "Suppressed", json!(["smtp; 550 5.1.1 suppressed"])), failed("suppressed")),
        (bounced("Permanent", "OnAccountSuppressionList", json!([])), failed("suppressed")),
        (bounced("Transient", "MailboxFull", json!(["smtp; 452 4.2.2 over quota"])), failed("soft bounce 4.2.2")),
        (bounced("Transient", "General", json!([])), failed("soft bounce")),
        (bounced("Undetermined", "Undetermined", json!([])), failed("bounced")),
        (several, failed("bounced")),
        (event("email.complained", json!(null)), failed("complaint")),
        (event("email.suppressed", json!(null)), failed("suppressed")),
        (event("email.failed", json!(null)), failed("rejected by the mail service")),
        (event("email.delivery_delayed", json!(null)), vec![]),
        (event("email.delivered", json!(null)), arrived()),
        (by_header, arrived()),
    ]
}

fn sendgrid() -> Events {
    let event = |event: &str, fields: Value| {
        let mut all = json!({
            "email": "ani@example.com", "event": event, "ip": "192.0.2.1", "sg_event_id": "sg_event_id",
            "sg_message_id": "sg_message_id.filter0001.16648.5515E0B88.0", "timestamp": 1_795_243_809,
            "smtp-id": format!("<{REFERENCE}@example.com>"), "tls": 1, "category": "reset",
        });
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!([all])
    };
    let bounce = |class: &str, status: &str, reason: &str| {
        event("bounce", json!({"type": "bounce", "bounce_classification": class, "status": status, "reason": reason}))
    };
    let argument = json!([
        {"event": "processed", "smtp-id": "<other@example.com>"},
        {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 unknown", "password-reset": REFERENCE},
        7,
        {"event": "bounce", "type": "bounce", "status": "5.2.2", "unique_args": {"password-reset": REFERENCE}},
    ]);
    vec![
        (
            bounce("Invalid Address", "5.1.1", "550 5.1.1 The email account that you tried to reach does not exist."),
            no_such("5.1.1"),
        ),
        (bounce("Invalid Address", "5.0.0", "500 unknown recipient"), no_such("5.0.0")),
        (bounce("Invalid Address", "", "550 No Such User Here"), no_such("hard bounce")),
        (
            event("bounce", json!({"type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 unknown"})),
            no_such("5.1.1"),
        ),
        (argument, [no_such("5.1.1"), failed("5.2.2")].concat()),
        (
            bounce("Invalid Address", "5.1.1", "550 5.1.1 <no-reply@example.com>: Sender address rejected"),
            failed("5.1.1"),
        ),
        (bounce("Unclassified", "5.0.0", "550 rejected"), failed("5.0.0")),
        (bounce("Mailbox Unavailable", "5.2.2", "552 5.2.2 quota exceeded"), failed("5.2.2")),
        (bounce("Reputation", "5.7.1", "550 5.7.1 poor reputation"), failed("blocked 5.7.1")),
        (bounce("Content", "5.1.1", "550 5.1.1 spam"), failed("blocked 5.1.1")),
        (bounce("Technical Failure", "5.4.4", ""), failed("bounced 5.4.4")),
        (
            event(
                "bounce",
                json!({"type": "blocked", "bounce_classification": "Invalid Address", "status": "5.1.1",
                "reason": "unable to get mx info"}),
            ),
            failed("blocked 5.1.1"),
        ),
        (event("dropped", json!({"reason": "Bounced Address", "status": "5.1.1"})), failed("suppressed")),
        (event("dropped", json!({"reason": "Spam Content"})), failed("rejected by the mail service")),
        (event("spamreport", json!({})), failed("complaint")),
        (event("deferred", json!({"response": "450 4.7.1 greylisted", "attempt": "5"})), vec![]),
        (event("processed", json!({})), vec![]),
        (event("delivered", json!({"response": "250 OK"})), arrived()),
    ]
}

fn mailgun() -> Events {
    let event = |event: &str, severity: &str, reason: &str, status: Value| {
        json!({
            "event": event, "severity": severity, "reason": reason, "delivery-status": status, "id": "G9Bn5sl1TC6nu79C8C0bwg",
            "timestamp": 1_795_243_809.374, "log-level": "error", "recipient": "ani@example.com", "recipient-domain": "example.com",
            "envelope": {"sender": "no-reply@example.com", "transport": "smtp", "targets": "ani@example.com"},
            "flags": {"is-routed": false, "is-authenticated": true, "is-system-test": false, "is-test-mode": false},
            "message": {"headers": {"to": "ani@example.com", "message-id": format!("{REFERENCE}@example.com"),
                "from": "no-reply@example.com", "subject": "Reset your password"}, "attachments": [], "size": 111},
            "user-variables": {}, "tags": [], "campaigns": [],
        })
    };
    let failure = |reason: &str, status: Value| event("failed", "permanent", reason, status);
    let variable = json!({
        "event": "failed", "severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550, "message": "5.1.1 unknown"},
        "user-variables": {"password-reset": REFERENCE},
    });
    let spoken = "5.1.1 The email account that you tried to reach does not exist. Please try double-checking";
    vec![
        (
            failure("bounce", json!({"attempt-no": 1, "code": 550, "message": spoken, "description": ""})),
            no_such("5.1.1"),
        ),
        (
            failure("generic", json!({"code": 550, "enhanced-code": "5.1.1", "message": "user unknown"})),
            no_such("5.1.1"),
        ),
        (
            failure("bounce", json!({"code": 550, "message": "No such user", "bounce-type": "hard"})),
            no_such("hard bounce"),
        ),
        (variable, no_such("5.1.1")),
        (
            failure("bounce", json!({"code": 550, "message": "relay not permitted", "bounce-type": "hard"})),
            failed("hard bounce"),
        ),
        (failure("generic", json!({"code": 550, "message": "No such user"})), failed("hard bounce")),
        (
            failure("bounce", json!({"code": 552, "message": "5.2.2 over quota", "bounce-type": "soft"})),
            failed("soft bounce 5.2.2"),
        ),
        (
            failure(
                "suppress-bounce",
                json!({"code": 605, "message": "", "description": "Not delivering to previously bounced address"}),
            ),
            failed("suppressed"),
        ),
        (failure("suppress-complaint", json!({"code": 607, "enhanced-code": "5.1.1"})), failed("suppressed")),
        (failure("suppress-unsubscribe", json!({"code": 606})), failed("suppressed")),
        (failure("espblock", json!({"code": 550, "message": "5.1.1 blocked"})), failed("blocked 5.1.1")),
        (failure("old", json!({"code": 602, "message": "Too old"})), failed("soft bounce")),
        (event("rejected", "", "", json!({})), failed("rejected by the mail service")),
        (event("complained", "", "", json!({})), failed("complaint")),
        (event("failed", "temporary", "generic", json!({"code": 450, "message": "4.7.1 greylisted"})), vec![]),
        (event("accepted", "", "", json!({})), vec![]),
        (event("delivered", "", "", json!({"code": 250, "message": "OK"})), arrived()),
    ]
}

fn ses() -> Events {
    let event = |name: &str, kind: &str, part: Value| {
        let mut event = json!({
            "mail": {
                "timestamp": "2026-11-21T06:50:09.237Z", "source": "no-reply@example.com", "sendingAccountId": "123456789012",
                "messageId": "00000138111222aa-33322211-cccc-cccc-cccc-ddddaaaa0680-000000", "destination": ["ani@example.com"],
                "headersTruncated": false,
                "headers": [{"name": "From", "value": "no-reply@example.com"}, {"name": "Message-ID", "value": format!("<{REFERENCE}@example.com>")}],
                "commonHeaders": {"from": ["no-reply@example.com"], "messageId": format!("<{REFERENCE}@example.com>")},
            },
        });
        event[name] = json!(kind);
        event[kind.to_lowercase()] = part;
        event
    };
    let bounce = |kind: &str, detail: &str, status: &str, reply: &str| {
        json!({
            "bounceType": kind, "bounceSubType": detail, "timestamp": "2026-11-21T06:50:09.237Z",
            "bouncedRecipients": [{"emailAddress": "ani@example.com", "status": status, "action": "failed", "diagnosticCode": reply}],
            "feedbackId": "00000138111222aa-33322211-cccc-cccc-cccc-ddddaaaa068a-000000", "reportingMTA": "dns; email.example.com",
        })
    };
    let permanent = |detail: &str, status: &str, reply: &str| {
        event("notificationType", "Bounce", bounce("Permanent", detail, status, reply))
    };
    let bare = json!({"bounceType": "Permanent", "bounceSubType": "NoEmail", "bouncedRecipients": [{"emailAddress": "ani@example.com"}]});
    let several = json!({"bounceType": "Permanent", "bounceSubType": "General",
        "bouncedRecipients": [{"emailAddress": "ani@example.com"}, {"emailAddress": "budi@example.com"}]});
    let tagged = json!({"eventType": "Bounce", "bounce": bounce("Permanent", "General", "5.1.1", ""),
        "mail": {"destination": ["ani@example.com"], "tags": {"ses:caller-identity": ["x"], "password-reset": [REFERENCE]}}});
    let common = json!({"eventType": "Delivery", "delivery": {"smtpResponse": "250 2.0.0 OK"},
        "mail": {"commonHeaders": {"messageId": format!("<{REFERENCE}@example.com>")}}});
    vec![
        (permanent("General", "5.1.1", "smtp; 550 5.1.1 <ani@example.com>... User"), no_such("5.1.1")),
        (
            event("eventType", "Bounce", bounce("Permanent", "NoEmail", "5.1.1", "smtp; 550 5.1.1 user unknown")),
            no_such("5.1.1"),
        ),
        (event("eventType", "Bounce", bare), no_such("hard bounce")),
        (tagged, no_such("5.1.1")),
        (permanent("General", "5.7.1", "smtp; 550 5.7.1 blocked"), failed("5.7.1")),
        (permanent("General", "5.1.1", "smtp; 550 5.1.1 Client host blocked using a list"), failed("5.1.1")),
        (permanent("Suppressed", "5.1.1", "Amazon SES has suppressed sending to this address"), failed("suppressed")),
        (permanent("OnAccountSuppressionList", "5.1.1", ""), failed("suppressed")),
        (
            event("notificationType", "Bounce", bounce("Transient", "MailboxFull", "4.2.2", "")),
            failed("soft bounce 4.2.2"),
        ),
        (event("eventType", "Bounce", bounce("Transient", "General", "5.1.1", "")), failed("soft bounce 5.1.1")),
        (event("eventType", "Bounce", bounce("Undetermined", "Undetermined", "", "")), failed("bounced")),
        (event("eventType", "Bounce", several), failed("bounced")),
        (event("notificationType", "Complaint", json!({"complaintFeedbackType": "abuse"})), failed("complaint")),
        (event("eventType", "Complaint", json!({"complaintSubType": "OnAccountSuppressionList"})), failed("complaint")),
        (event("eventType", "Reject", json!({"reason": "Bad content"})), failed("rejected by the mail service")),
        (event("eventType", "DeliveryDelay", json!({"delayType": "TransientCommunicationFailure"})), vec![]),
        (event("notificationType", "Delivery", json!({"smtpResponse": "250 OK"})), arrived()),
        (common, arrived()),
    ]
}
