//! Reports of users, and of deliveries.

use serde_json::{Value, json};

use super::{change, events_of, of, post, why, with};
use crate::provider::{Event, SenderInfo};

#[test]
fn reports_of_users_are_read() {
    let reported = |event: Event| match event {
        Event::Reported(from, at) => (from, at.timestamp()),
        other => panic!("not a report: {other:?}"),
    };
    let reported_at = 1_790_000_000;
    let button = with(|text| {
        text["type"] = "button".into();
        text["button"] = json!({"payload": "DID_NOT_REQUEST_CODE", "text": "I didn't request a code"});
        text["from_user_id"] = "ID.7".into();
    });
    assert_eq!(reported(of(button.clone())), (SenderInfo::new(Some("6281200000001"), Some("ID.7")), reported_at));
    let mut timeless = button;
    timeless["timestamp"] = Value::Null;
    assert_eq!(reported(of(timeless)).1, 0, "the time of arrival");
    let system = |kind: &str| {
        with(|text| {
            text["type"] = "system".into();
            text["system"] = json!({"body": "User Budi changed from 6281200000001 to 6281300000002",
                                    "wa_id": "6281300000002", "new_wa_id": "6281300000002", "type": kind});
        })
    };
    for kind in ["user_changed_number", "user_changed_user_id", "customer_changed_number", "customer_identity_changed"]
    {
        assert_eq!(reported(of(system(kind))), (SenderInfo::new(Some("6281200000001"), None), reported_at), "{kind}");
    }
    for kind in ["group_update", ""] {
        assert_eq!(why(&of(system(kind))), "a system message", "{kind}");
    }
    // Only the human-readable sentence names the user, and that is not parsed.
    let without_sender = json!({"id": "wamid.S2", "timestamp": "1790000101", "type": "system", "system": {
        "body": "User Budi changed from ID.1349 to ID.2481", "user_id": "ID.2481", "type": "user_changed_user_id"}});
    assert_eq!(why(&of(without_sender)), "without a sender");
    let update = |timestamp: Value| {
        let update = json!({"wa_id": "6281200000001", "detail": "x", "timestamp": timestamp,
                            "user_id": {"previous": "ID.1349", "current": "ID.2481"}});
        let body = post(&[json!({"field": "user_id_update", "value": {"user_id_update": [5, update]}})]).to_string();
        let mut events = events_of(body.as_bytes());
        assert!(events.len() == 2 && matches!(events[0], Event::Ignored(_)), "{events:?}");
        reported(events.remove(1))
    };
    let old = SenderInfo::new(Some("6281200000001"), Some("ID.1349"));
    assert_eq!(update(json!("1790000101")), (old.clone(), 1_790_000_101));
    assert_eq!(update(json!(1_790_000_101)), (old.clone(), 1_790_000_101));
    assert_eq!(update(Value::Null), (old, 0));
}

#[test]
fn delivery_statuses_are_reported() {
    let status = |status: &str, callback_data: &str, errors: Value| {
        let value = json!({"statuses": [{"id": "wamid.OUT1", "status": status, "timestamp": "1790000010",
            "recipient_id": "6281200000001", "biz_opaque_callback_data": callback_data, "errors": errors}]});
        let mut events = events_of(post(&[change(value)]).to_string().as_bytes());
        assert_eq!(events.len(), 1);
        format!("{:?}", events.remove(0))
    };
    let reset = "message:000102030405060708090a0b0c0d0e0f-07070707070707070707070707070707";
    for kind in ["delivered", "read"] {
        let shown = status(kind, reset, json!([]));
        assert!(shown.contains("00010203-0405-0607-0809-0a0b0c0d0e0f") && shown.contains("Delivered"), "{shown}");
    }
    let errors = json!([{"code": 131026, "title": "Message undeliverable", "message": "to 6281200000001"}]);
    let shown = status("failed", reset, errors);
    assert!(shown.contains("NoSuchContact") && shown.contains("131026") && !shown.contains("6281200000001"), "{shown}");
    let shown = status("failed", reset, json!([{"code": 131049, "title": "to 6281200000001"}]));
    assert!(shown.contains("Failed") && shown.contains("131049") && !shown.contains("6281200000001"), "{shown}");
    let shown = status("failed", reset, json!([{"code": "to 6281200000001"}]));
    assert!(shown.contains("\"failed\"") && !shown.contains("6281200000001"), "{shown}");
    assert!(status("failed", reset, json!({})).contains("\"failed\""));
    for (kind, callback_data) in [("sent", reset), ("new", reset), ("delivered", "order:17"), ("delivered", "")] {
        assert!(status(kind, callback_data, json!([])).starts_with("Ignored"), "{kind} {callback_data}");
    }
    let value = json!({"statuses": [{"status": "delivered"}], "errors": [{"code": 1}]});
    assert!(matches!(events_of(post(&[change(value)]).to_string().as_bytes())[..], [Event::Ignored(_)]));
}
