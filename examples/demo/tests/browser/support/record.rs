//! A record of the requests to the server.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

/// One request.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub referer: Option<String>,
}

/// All requests, in order. Clones share the record.
#[derive(Clone, Default)]
pub struct Record(Arc<Mutex<Vec<Asked>>>);

impl Record {
    /// Wraps the application, so that every request is recorded.
    pub fn around(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), note))
    }

    pub fn all(&self) -> Vec<Asked> {
        self.0.lock().unwrap().clone()
    }

    /// Paths of all POSTs.
    pub fn posts(&self) -> Vec<String> {
        self.all().into_iter().filter(|asked| asked.method == "POST").map(|asked| asked.target).collect()
    }
}

async fn note(State(record): State<Record>, request: Request, next: Next) -> Response {
    let referer = request.headers().get("referer").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (method, target) = (request.method().to_string(), request.uri().to_string());
    let response = next.run(request).await;
    record.0.lock().unwrap().push(Asked { method, target, referer });
    response
}
