//! HEAD is answered as GET, with the length of its body and without the body (RFC 9110 §9.3.2). On real connections, because
//! the server writes the length.

use std::net::SocketAddr;

use axum::http::StatusCode;
use password_reset_web::{ResetMethod, Web};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::methods::PATHS;
use crate::support::App;

/// An answer as it comes over the wire.
struct Wire {
    head: String,
    body: String,
}

impl Wire {
    async fn ask(address: SocketAddr, method: &str, path: &str, more: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let asked = format!("{method} /reset{path} HTTP/1.1\r\nhost: toko.example\r\nconnection: close\r\n{more}\r\n");
        stream.write_all(asked.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Self { head: head.to_lowercase(), body: body.to_owned() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }
}

async fn serving(app: &App) -> SocketAddr {
    let pages = Web::new(app.reset.clone()).reset_methods([ResetMethod::Email]).build().unwrap();
    crate::mount::listening(pages).await
}

#[tokio::test]
async fn head_answers_as_get_with_its_length_and_without_its_body() {
    let address = serving(&App::new()).await;
    let mut with_body = 0;
    for (path, _) in PATHS.iter().filter(|(_, methods)| *methods != "POST") {
        let get = Wire::ask(address, "GET", path, "").await;
        let head = Wire::ask(address, "HEAD", path, "").await;
        let length = get.body.len().to_string();
        assert_eq!((head.status(), head.body.as_str()), (get.status(), ""), "{path}");
        assert_eq!(head.header("content-length"), Some(length.as_str()), "{path}: {}", head.head);
        for name in ["content-type", "cache-control", "location"] {
            assert_eq!(head.header(name), get.header(name), "{path}");
        }
        with_body += usize::from(!get.body.is_empty());
    }
    assert!(with_body > 10, "{with_body} pages");
}

/// A stream has no length, so an answer to HEAD states none, and ends at once.
#[tokio::test]
async fn head_of_events_states_no_length() {
    let app = App::new();
    let started = app.browser().json("/reset/api/requests", serde_json::json!({"by": "email", "identifier": "a@b.example"})).await;
    assert_eq!(started.status, StatusCode::ACCEPTED);
    let bearer = format!("authorization: Bearer {}\r\n", started.json()["requester_token"].as_str().unwrap());
    let head = Wire::ask(serving(&app).await, "HEAD", "/api/events", &bearer).await;
    assert_eq!((head.status(), head.body.as_str()), ("200", ""), "{}", head.head);
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    assert_eq!(head.header("content-length"), None, "{}", head.head);
}
