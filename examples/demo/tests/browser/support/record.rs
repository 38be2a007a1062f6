//! What the server was asked, and how it answered.

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

/// Every request, in order. Clones show the same.
#[derive(Clone, Default)]
pub struct Record(Arc<Mutex<Vec<Asked>>>);

impl Record {
    /// The application, with every request to it on record.
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
    let header = request.headers().get("referer").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (method, target) = (request.method().to_string(), request.uri().to_string());
    let response = next.run(request).await;
    record.0.lock().unwrap().push(Asked { method, target, referer: header });
    response
}
