//! A stand-in for the API of a mail service.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;

/// Records requests, and gives the configured answers.
#[derive(Clone, Default)]
pub(crate) struct StandIn(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    sent: Vec<Sent>,
    answers: VecDeque<Answer>,
    is_silent: bool,
}

/// One answer: status, headers and body.
#[derive(Clone, Debug)]
pub(crate) struct Answer(pub(crate) u16, pub(crate) Vec<(&'static str, String)>, pub(crate) String);

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

impl StandIn {
    /// Starts the server on a free port; returns its address.
    pub(crate) async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(self.clone());
        // The server ends with the test's runtime.
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }

    /// Sets the next answer; the default is 200.
    pub(crate) fn answer(&self, answer: Answer) {
        self.0.lock().unwrap().answers.push_back(answer);
    }

    /// Whether the server accepts requests from now on and does not answer.
    pub(crate) fn fall_silent(&self, is_silent: bool) {
        self.0.lock().unwrap().is_silent = is_silent;
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.0.lock().unwrap().sent.clone()
    }
}

async fn answer(State(stand_in): State<StandIn>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let (is_silent, answer) = {
        let mut kept = stand_in.0.lock().unwrap();
        kept.sent.push(Sent {
            line: format!("{} {}", parts.method, parts.uri),
            headers: parts.headers,
            body: body.to_vec(),
        });
        (kept.is_silent, kept.answers.pop_front())
    };
    if is_silent {
        std::future::pending::<()>().await;
    }
    let Answer(status, headers, body) = answer.unwrap_or(Answer(200, Vec::new(), "{}".to_owned()));
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
