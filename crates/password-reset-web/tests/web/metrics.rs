//! What is counted of requests that reach the pages.

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{Method, Request, Response, StatusCode};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use password_reset_web::{EdgeLimits, Web};

use crate::support::App;

fn refuse(head: &Parts) -> Option<Response<Bytes>> {
    let refusal = || Response::builder().status(StatusCode::UNAUTHORIZED).body(Bytes::new()).unwrap();
    head.headers.contains_key("x-refuse").then(refusal)
}

async fn handle(call: Request<Bytes>) -> Response<Bytes> {
    let status = if call.body().is_empty() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    Response::builder().status(status).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn webhook_posts_link_pages_and_limits_are_counted() {
    let recorder: &'static DebuggingRecorder = Box::leak(Box::default());
    let _guard = metrics::set_default_local_recorder(recorder);
    let counted = || -> Vec<(String, u64)> {
        let all = recorder.snapshotter().snapshot().into_vec().into_iter();
        let grew = all.filter_map(|(key, _, _, value)| match value {
            DebugValue::Counter(count) if count > 0 => {
                let label = key.key().labels().map(|label| format!(" {}", label.value())).collect::<String>();
                Some((format!("{}{label}", key.key().name()), count))
            }
            _ => None,
        });
        let mut grew: Vec<_> = grew.collect();
        grew.sort();
        grew
    };
    let app = App::with(|setup| {
        let mut limits = EdgeLimits::default();
        limits.requests = 2;
        setup.web = Box::new(move |web: Web| web.webhook("/hook", refuse, handle).limits(limits));
    });
    let hook = "/reset/hook";
    let mut provider = app.browser();
    for body in ["a message", "another", ""] {
        provider.send(Method::POST, hook, None, Body::from(body)).await;
    }
    app.browser().with_header("x-refuse", "1").send(Method::POST, hook, None, Body::empty()).await;
    // To ask whether the webhook is there is no post.
    provider.get(hook).await;
    let posts = |outcome: &str, count| (format!("password_reset_webhook_posts_total {outcome}"), count);
    assert_eq!(counted(), [posts("failed", 1), posts("refused", 1), posts("taken", 2)]);
    let mut browser = app.browser();
    // On a slow machine the quota may refill in between.
    let mut opened = 0;
    while browser.get("/reset/link").await.status != StatusCode::TOO_MANY_REQUESTS {
        opened += 1;
    }
    assert!((2..100).contains(&opened), "{opened}");
    let hits = ("password_reset_limit_hits_total limits.requests".to_owned(), 1);
    assert_eq!(counted(), [hits, ("password_reset_opened_total".to_owned(), opened)]);
}
