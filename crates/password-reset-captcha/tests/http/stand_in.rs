//! A stand-in for the services, on loopback: it knows each token once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const SECRET: &str = "only-the-tests-verify-with-this-01";

#[derive(Clone, Default)]
pub(crate) struct StandIn(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    asked: Vec<BTreeMap<String, String>>,
    /// Instead of what follows from the token.
    answer: Option<(u16, String)>,
    is_silent: bool,
    seen: Vec<String>,
}

impl StandIn {
    /// Starts the server on a free port; returns its address.
    pub(crate) async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(self.clone());
        // The server ends with the test's runtime.
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}/siteverify")
    }

    pub(crate) fn answers(&self, status: u16, body: impl Into<String>) {
        self.0.lock().unwrap().answer = Some((status, body.into()));
    }

    pub(crate) fn fall_silent(&self) {
        self.0.lock().unwrap().is_silent = true;
    }

    /// The forms that came.
    pub(crate) fn asked(&self) -> Vec<BTreeMap<String, String>> {
        self.0.lock().unwrap().asked.clone()
    }
}

async fn answer(State(stand_in): State<StandIn>, request: Request) -> (StatusCode, String) {
    let line = (request.method().to_string(), request.uri().to_string());
    assert_eq!(line, ("POST".to_owned(), "/siteverify".to_owned()), "the secret is in no address");
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let form: BTreeMap<_, _> = url::form_urlencoded::parse(&body).into_owned().collect();
    let (is_silent, status, text) = {
        let mut kept = stand_in.0.lock().unwrap();
        let (status, text) = kept.answer.clone().unwrap_or_else(|| (200, kept.verdict(&form).to_string()));
        kept.asked.push(form);
        (kept.is_silent, status, text)
    };
    if is_silent {
        std::future::pending::<()>().await;
    }
    (StatusCode::from_u16(status).unwrap(), text)
}

impl Kept {
    fn verdict(&mut self, form: &BTreeMap<String, String>) -> Value {
        let refused = |code| json!({"success": false, "error-codes": [code], "messages": []});
        let token = form["response"].clone();
        if form["secret"] != SECRET {
            return refused("invalid-input-secret");
        }
        if !token.starts_with("passed") {
            return refused("invalid-input-response");
        }
        if self.seen.contains(&token) {
            return refused(if form.contains_key("sitekey") {
                "already-seen-response"
            } else {
                "timeout-or-duplicate"
            });
        }
        self.seen.push(token);
        let at = "2026-01-01T00:00:00.000Z";
        json!({"success": true, "challenge_ts": at, "hostname": "toko.example", "error-codes": [], "action": "password-reset"})
    }
}
