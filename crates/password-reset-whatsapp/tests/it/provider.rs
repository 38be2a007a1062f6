//! A stand-in for a provider's API.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

/// Records requests, and gives the configured answers.
#[derive(Clone, Default)]
pub(crate) struct StandIn {
    state: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    sent: Vec<Sent>,
    answers: VecDeque<(u16, String, Option<&'static str>)>,
    silent: bool,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) path: String,
    pub(crate) authorization: String,
    pub(crate) content_type: String,
    /// WAHA's header of its key.
    pub(crate) api_key: String,
    pub(crate) body: String,
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
    pub(crate) fn answer(&self, status: u16, body: &str) {
        self.state.lock().unwrap().answers.push_back((status, body.to_owned(), None));
    }

    pub(crate) fn answer_with_retry_after(&self, status: u16, seconds: &'static str) {
        self.state.lock().unwrap().answers.push_back((status, String::new(), Some(seconds)));
    }

    /// From now on the server accepts requests and does not answer.
    pub(crate) fn fall_silent(&self) {
        self.state.lock().unwrap().silent = true;
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.state.lock().unwrap().sent.clone()
    }
}

async fn answer(State(stand_in): State<StandIn>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let header =
        |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let (silent, answer) = {
        let mut state = stand_in.state.lock().unwrap();
        state.sent.push(Sent {
            path: parts.uri.path().to_owned(),
            authorization: header("authorization"),
            content_type: header("content-type"),
            api_key: header("x-api-key"),
            body: String::from_utf8(body.to_vec()).unwrap(),
        });
        (state.silent, state.answers.pop_front())
    };
    if silent {
        std::future::pending::<()>().await;
    }
    let (status, body, retry_after) = answer.unwrap_or((200, r#"{"messages":[{"id":"wamid.OUT"}]}"#.to_owned(), None));
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert("retry-after", seconds.parse().unwrap());
    }
    response
}
