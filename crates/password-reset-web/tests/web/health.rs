//! The route for probes.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::support::App;

async fn probe(app: &App) -> (StatusCode, String) {
    let request = Request::get("/health").body(Body::empty()).unwrap();
    let response = crate::mount::health(app.reset.clone()).oneshot(request).await.unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store, no-transform");
    assert_eq!(response.headers()["content-type"], "application/json");
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_probe_learns_whether_resets_work_and_nothing_else() {
    let app = App::new();
    assert_eq!(probe(&app).await, (StatusCode::OK, r#"{"status":"ok","problems":[]}"#.to_owned()));
    app.browser().post("/reset", &[("by", "email"), ("identifier", crate::support::EMAIL)]).await;
    app.clock.advance(std::time::Duration::from_secs(61));
    let behind = r#"{"status":"failing","problems":["worker_behind"]}"#;
    assert_eq!(probe(&app).await, (StatusCode::SERVICE_UNAVAILABLE, behind.to_owned()));
}

/// An application that does not ask for the route has none.
#[tokio::test]
async fn the_pages_have_no_such_route() {
    assert_eq!(App::new().browser().get("/reset/health").await.status, StatusCode::NOT_FOUND);
}
