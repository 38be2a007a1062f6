//! Webhooks of mail services: what their events mean, and which requests are refused.

mod administrators;
mod events;
mod services;

use chrono::TimeDelta;
use password_reset::ResetId;
use password_reset_mail::{Bounce, BounceWebhookError};
use serde_json::{Value, json};

use self::services::{ALL, PASSWORD, REFERENCE, Service, USER, basic, now};

fn read(service: Service, event: &Value) -> Result<Vec<Bounce>, BounceWebhookError> {
    let (headers, body) = service.request(event, now());
    service.webhook().read(&headers, &body, now())
}

#[test]
fn every_event_of_every_service_has_its_meaning() {
    for service in ALL {
        let events = events::of(service);
        assert!(events.len() >= 8, "{service:?}");
        for (event, expected) in events {
            let bounces = read(service, &event).unwrap_or_else(|error| panic!("{service:?} {error}: {event}"));
            let reports: Vec<_> = bounces.iter().map(|bounce| bounce.report.clone()).collect();
            assert_eq!(reports, expected, "{service:?} {event}");
            for bounce in bounces {
                assert_eq!((bounce.reset, bounce.message), (ResetId::from_bytes([7; 16]), [7; 16]));
            }
            // Of another application's mail, the same event says nothing.
            for other in ["", "0707", "x7070707070707070707070707070707-07070707070707070707070707070707"] {
                let event: Value = serde_json::from_str(&event.to_string().replace(REFERENCE, other)).unwrap();
                assert_eq!(read(service, &event), Ok(Vec::new()), "{service:?} {event}");
            }
        }
    }
}

#[test]
fn only_requests_with_the_services_secret_are_read() {
    for service in ALL {
        let (event, _) = events::of(service).swap_remove(0);
        let (headers, body) = service.request(&event, now());
        let webhook = service.webhook();
        assert_eq!(webhook.read(&headers, &body, now()).map(|bounces| bounces.len()), Ok(1), "{service:?}");
        let refused = |headers: &http::HeaderMap, body: &[u8]| {
            assert_eq!(webhook.read(headers, body, now()), Err(BounceWebhookError::NotAuthentic), "{service:?}");
        };
        // Without a secret, with the secret of another, and with another service's.
        refused(&http::HeaderMap::new(), event.to_string().as_bytes());
        let (headers, body) = service.forged(&event, now());
        refused(&headers, &body);
        for other in ALL.into_iter().filter(|other| other.webhook_kind() != service.webhook_kind()) {
            let (headers, body) = other.request(&event, now());
            refused(&headers, &body);
        }
    }
}

#[test]
fn a_password_counts_whole_and_alone() {
    let (event, _) = events::of(Service::Postmark).swap_remove(0);
    let body = event.to_string();
    for service in [Service::Postmark, Service::SendGrid, Service::Ses] {
        for header in [
            basic(USER, ""),
            basic("", PASSWORD),
            basic(USER, &PASSWORD[1..]),
            basic(USER, &format!("{PASSWORD}x")),
            basic(&USER.to_uppercase(), PASSWORD),
            basic(PASSWORD, USER),
            basic(USER, PASSWORD).replace("Basic ", "Bearer "),
            basic(USER, PASSWORD).replace("Basic ", ""),
            format!("{}=", basic(USER, PASSWORD)),
            "Basic".to_owned(),
            "Basic *".to_owned(),
        ] {
            let headers = http::HeaderMap::from_iter([(http::header::AUTHORIZATION, header.parse().unwrap())]);
            let read = service.webhook().read(&headers, body.as_bytes(), now());
            assert_eq!(read, Err(BounceWebhookError::NotAuthentic), "{service:?} {header}");
        }
        let lower = basic(USER, PASSWORD).replace("Basic", "basic");
        let headers = http::HeaderMap::from_iter([(http::header::AUTHORIZATION, lower.parse().unwrap())]);
        assert_ne!(service.webhook().read(&headers, body.as_bytes(), now()), Err(BounceWebhookError::NotAuthentic));
    }
}

#[test]
fn a_signature_holds_for_five_minutes_and_for_its_own_content() {
    for service in [Service::Mailgun, Service::Resend] {
        let (event, _) = events::of(service).swap_remove(0);
        for (seconds, holds) in [(0, true), (300, true), (-300, true), (301, false), (-301, false), (86_400, false)] {
            let (headers, body) = service.request(&event, now() - TimeDelta::seconds(seconds));
            let read = service.webhook().read(&headers, &body, now()).map(|bounces| bounces.len());
            let expected = if holds { Ok(1) } else { Err(BounceWebhookError::Stale) };
            assert_eq!(read, expected, "{service:?} {seconds}");
        }
        // A later time put beside an old signature.
        let (old, now_text) = (now() - TimeDelta::days(1), now().timestamp().to_string());
        let (mut headers, body) = service.request(&event, old);
        if headers.contains_key("svix-timestamp") {
            headers.insert("svix-timestamp", now_text.parse().unwrap());
        }
        let body = String::from_utf8(body).unwrap().replace(&old.timestamp().to_string(), &now_text);
        let read = service.webhook().read(&headers, body.as_bytes(), now());
        assert_eq!(read, Err(BounceWebhookError::NotAuthentic), "{service:?}");
    }
    // Resend signs the whole body and the id; either of two signatures is enough while the secret changes.
    let (event, _) = events::of(Service::Resend).swap_remove(0);
    let (headers, body) = Service::Resend.request(&event, now());
    let webhook = Service::Resend.webhook();
    let with = |name: &'static str, value: &str| {
        let mut headers = headers.clone();
        headers.insert(name, value.parse().unwrap());
        headers
    };
    let code = headers["svix-signature"].to_str().unwrap();
    assert!(webhook.read(&with("svix-signature", &format!("v1,AAAA {code}")), &body, now()).is_ok());
    let altered = [&body[..], b" "].concat();
    assert_eq!(webhook.read(&headers, &altered, now()), Err(BounceWebhookError::NotAuthentic));
    for (name, value) in [
        ("svix-id", "msg_other"),
        ("svix-signature", "v1,"),
        ("svix-signature", &code[..code.len() - 8]),
        ("svix-signature", &code.replace("v1,", "v2,")),
        ("svix-signature", &code.replace("v1,", "")),
        ("svix-timestamp", "soon"),
    ] {
        let read = webhook.read(&with(name, value), &body, now());
        assert_eq!(read, Err(BounceWebhookError::NotAuthentic), "{name}: {value}");
    }
}

#[test]
fn what_is_no_event_is_refused_and_changes_nothing() {
    let deep = |times: usize| format!("{}1{}", "[".repeat(times), "]".repeat(times));
    for service in ALL {
        let (event, _) = events::of(service).swap_remove(0);
        for odd in ["", "{", "null", "1", "\"x\"", "[1]", "{}", "{\"type\":1,\"Type\":1}", "\u{0}"] {
            let (headers, body) = service.request_of_text(odd, now());
            let read = service.webhook().read(&headers, &body, now());
            assert_eq!(read, Err(BounceWebhookError::Malformed), "{service:?} {odd:?}");
        }
        for large in [" ".repeat(2 << 20), deep(1 << 20), format!("{event}{}", " ".repeat(1 << 20))] {
            let (headers, body) = service.request_of_text(&large, now());
            let read = service.webhook().read(&headers, &body, now());
            assert_eq!(read, Err(BounceWebhookError::TooLarge), "{service:?}");
        }
        let (headers, body) = service.request_of_text(&deep(100_000), now());
        assert_eq!(service.webhook().read(&headers, &body, now()), Err(BounceWebhookError::Malformed), "{service:?}");
        // Cut anywhere, it is refused or says nothing; with any value in any place it does not panic.
        let whole = event.to_string();
        for cut in 0..whole.len() {
            let (headers, body) = service.request_of_text(whole.get(..cut).unwrap_or_default(), now());
            assert!(service.webhook().read(&headers, &body, now()).is_err(), "{service:?} {cut}");
        }
        for value in ["null", "true", "-1", "[]", "{}", "[[]]", "{\"x\":{}}"] {
            for part in whole.split('"').skip(1).step_by(2) {
                let odd = whole.replace(&format!("\"{part}\""), value);
                let (headers, body) = service.request_of_text(&odd, now());
                let _read = service.webhook().read(&headers, &body, now());
            }
        }
    }
}

#[test]
fn events_of_another_kind_are_an_empty_list() {
    let others = [
        (Service::Postmark, json!({"RecordType": "Open", "Metadata": {"password-reset": REFERENCE}})),
        (Service::Postmark, json!({"RecordType": "SubscriptionChange", "SuppressionReason": "HardBounce"})),
        (Service::Resend, json!({"type": "email.opened", "data": {"tags": {"password-reset": REFERENCE}}})),
        (Service::Resend, json!({"type": "contact.created", "data": {"email": "ani@example.com"}})),
        (Service::SendGrid, json!([{"event": "click", "smtp-id": REFERENCE}, {"event": "unsubscribe"}])),
        (Service::SendGrid, json!([])),
        (Service::Mailgun, json!({"event": "opened", "message": {"headers": {"message-id": REFERENCE}}})),
        (Service::Mailgun, json!({"event": "unsubscribed"})),
        (Service::Ses, json!({"eventType": "Open", "mail": {"tags": {"password-reset": [REFERENCE]}}})),
        (Service::Ses, json!({"notificationType": "AmazonSnsSubscriptionSucceeded", "mail": {}})),
        (Service::Sns, json!({"eventType": "Send", "mail": {"tags": {"password-reset": [REFERENCE]}}})),
    ];
    for (service, event) in others {
        assert_eq!(read(service, &event), Ok(Vec::new()), "{event}");
    }
    for envelope in [
        json!({"Type": "SubscriptionConfirmation", "SubscribeURL": "https://sns.example.com/?Action=ConfirmSubscription"}),
        json!({"Type": "UnsubscribeConfirmation", "SubscribeURL": "https://sns.example.com/"}),
        json!({"Type": "Notification", "Message": "Successfully validated SNS topic for Amazon SES event publishing."}),
    ] {
        assert_eq!(read(Service::Ses, &envelope), Ok(Vec::new()), "{envelope}");
    }
}

#[test]
fn weak_secrets_are_refused() {
    use password_reset_mail::BounceWebhook as Webhook;
    let weak = [
        Webhook::postmark("", PASSWORD),
        Webhook::postmark("a:b", PASSWORD),
        Webhook::postmark(USER, "short"),
        Webhook::sendgrid(USER, ""),
        Webhook::ses(USER, "short"),
        Webhook::mailgun("short"),
        Webhook::resend("whsec_"),
        Webhook::resend("whsec_AAAA"),
        Webhook::resend("whsec_*"),
        Webhook::resend("MDEyMzQ1Njc4OWFiY2RlZg=="),
    ];
    for refused in weak {
        assert!(matches!(&refused, Err(error) if error.field == "bounce webhook"), "{refused:?}");
    }
    for service in ALL {
        let shown = format!("{:?}", service.webhook());
        assert!(shown.len() < 30 && !shown.contains(PASSWORD), "{shown}");
    }
}
