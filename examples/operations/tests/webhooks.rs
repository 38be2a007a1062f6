//! Signed webhooks, posted to a real HTTP server on this computer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::missing_panics_doc, reason = "test code")]
#![allow(unreachable_pub, reason = "the module is the example's own")]

#[path = "../src/webhooks.rs"]
mod webhooks;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::post;
use password_reset::flow::{AuditEvent, AuditRow};
use password_reset::ports::{AuditCursor, AuditEntry, Clock, Observer, SystemClock};
use password_reset_testkit::sample;
use tokio::net::TcpListener;
use webhooks::{Checked, Receiver, Secret, Webhooks};

/// What the server has received, and what it answers.
struct Server {
    receiver: Receiver,
    posts: Vec<(HeaderMap, Bytes)>,
    checked: Vec<Checked>,
    is_away: bool,
}

fn secret(byte: u8) -> Secret {
    Secret::new([byte; 32])
}

async fn serve() -> (String, Arc<Mutex<Server>>) {
    let server = Server { receiver: Receiver::new(secret(7)), posts: Vec::new(), checked: Vec::new(), is_away: false };
    let server = Arc::new(Mutex::new(server));
    let receive = async |State(server): State<Arc<Mutex<Server>>>, headers: HeaderMap, body: Bytes| {
        let mut server = server.lock().unwrap();
        if server.is_away {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        let checked = server.receiver.check(&headers, &body, SystemClock.now().timestamp());
        let status = if checked == Checked::Refused { StatusCode::UNAUTHORIZED } else { StatusCode::NO_CONTENT };
        server.checked.push(checked);
        server.posts.push((headers, body));
        status
    };
    let app = Router::new().route("/events", post(receive)).with_state(Arc::clone(&server));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, server)
}

fn rows() -> Vec<AuditEntry> {
    let reset = sample::requested(sample::noon());
    let events = [AuditEvent::Requested, AuditEvent::Issued, AuditEvent::Sent];
    let entry = |(number, event): (usize, AuditEvent)| {
        let row = AuditRow::new(sample::noon(), event).of(&reset).account(&"7".into()).contact(sample::digest());
        AuditEntry::new(AuditCursor::new(format!("{number}-5")), row)
    };
    events.into_iter().enumerate().map(entry).collect()
}

#[tokio::test]
async fn each_row_is_posted_in_order_and_its_signature_is_accepted() {
    let (url, server) = serve().await;
    let rows = rows();
    let webhooks = Webhooks::new(url, secret(7)).unwrap();
    webhooks.observe(&rows).await.unwrap();
    webhooks.observe(&rows[2..]).await.unwrap();
    let server = server.lock().unwrap();
    assert_eq!(server.checked, [Checked::New, Checked::New, Checked::New, Checked::Again]);
    let body: serde_json::Value = serde_json::from_slice(&server.posts[2].1).unwrap();
    assert_eq!(body["type"], "password_reset.sent");
    assert_eq!(body["data"]["reset"], rows[2].row.reset.unwrap().to_string());
    assert_eq!((&body["data"]["account"], &body["data"]["channel"]), (&"7".into(), &"email_link".into()));
    assert_eq!(server.posts[2].0["webhook-id"], "evt_2-5");
    assert_eq!(server.posts[3].0["webhook-id"], "evt_2-5", "the same row has the same id");
}

#[tokio::test]
async fn a_receiver_that_refuses_or_is_away_makes_the_rows_come_again() {
    let (url, server) = serve().await;
    let forged = Webhooks::new(url.clone(), secret(8)).unwrap();
    let error = forged.observe(&rows()).await.unwrap_err();
    assert_eq!((error.code(), error.is_transient()), (Some("401"), true));
    assert_eq!(server.lock().unwrap().checked, [Checked::Refused], "no row after one that was not taken");
    server.lock().unwrap().is_away = true;
    let webhooks = Webhooks::new(url, secret(7)).unwrap();
    assert_eq!(webhooks.observe(&rows()).await.unwrap_err().code(), Some("503"));
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nowhere = Webhooks::new(format!("http://{free}/"), secret(7)).unwrap();
    assert!(nowhere.observe(&rows()).await.unwrap_err().is_transient());
}

#[tokio::test]
async fn a_post_that_was_changed_or_kept_is_refused() {
    let (url, server) = serve().await;
    Webhooks::new(url, secret(7)).unwrap().observe(&rows()[..1]).await.unwrap();
    let (headers, body) = server.lock().unwrap().posts[0].clone();
    let sent: i64 = headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
    let check = |headers: &HeaderMap, body: &Bytes, now| Receiver::new(secret(7)).check(headers, body, now);
    for now in [sent - 300, sent, sent + 300] {
        assert_eq!(check(&headers, &body, now), Checked::New);
    }
    for now in [sent - 301, sent + 301, i64::MIN] {
        assert_eq!(check(&headers, &body, now), Checked::Refused, "at another time");
    }
    assert_eq!(check(&headers, &Bytes::from([&body[..], b" "].concat()), sent), Checked::Refused);
    let later = (sent + 1).to_string();
    for (name, value) in [("webhook-id", "evt_9-5"), ("webhook-timestamp", &later), ("webhook-signature", "v1,AAAA")] {
        let mut changed = headers.clone();
        changed.insert(name, HeaderValue::from_str(value).unwrap());
        assert_eq!(check(&changed, &body, sent), Checked::Refused, "{name}");
        changed.remove(name);
        assert_eq!(check(&changed, &body, sent), Checked::Refused, "without {name}");
    }
    let mut both = headers.clone();
    let two = format!("v1,AAAA v2,x {}", headers["webhook-signature"].to_str().unwrap());
    both.insert("webhook-signature", HeaderValue::from_str(&two).unwrap());
    assert_eq!(check(&both, &body, sent), Checked::New, "one of several, while the secret is changed");
}

/// The vector in the specification's reference libraries.
#[test]
fn the_signature_is_that_of_standard_webhooks() {
    use base64::Engine as _;
    let mut key = [0; 24];
    key.copy_from_slice(&base64::engine::general_purpose::STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
    let mut padded = [0; 32];
    // HMAC fills a short key with zeros.
    padded[..24].copy_from_slice(&key);
    let mut headers = HeaderMap::new();
    headers.insert("webhook-id", HeaderValue::from_static("msg_p5jXN8AQM9LWM0D4loKWxJek"));
    headers.insert("webhook-timestamp", HeaderValue::from_static("1614265330"));
    headers.insert("webhook-signature", HeaderValue::from_static("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    let body = Bytes::from_static(br#"{"test": 2432232314}"#);
    assert_eq!(Receiver::new(Secret::new(padded)).check(&headers, &body, 1_614_265_330), Checked::New);
}
