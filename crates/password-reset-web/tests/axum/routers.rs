//! Where an application merges and nests the router.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use password_reset_axum::Web;
use tower::ServiceExt;

use crate::mount::served;
use crate::silence::listen;
use crate::support::App;

fn pages(app: &App) -> Router {
    Web::new(app.reset.clone()).build().unwrap()
}

/// Pages at another path than the links in messages would start without a word.
#[tokio::test]
async fn pages_that_are_nested_elsewhere_than_the_site_says_are_refused() {
    for (base_url, below, asked) in [
        ("https://toko.example", "/reset", "/reset"),
        ("https://toko.example", "/reset", "/reset/link"),
        ("https://toko.example/", "/account/reset", "/account/reset/api/policy"),
        ("https://toko.example/reset", "/account", "/account/reset"),
        ("https://toko.example/reset", "/reset", "/reset/reset/expired"),
        ("https://toko.example/account/reset", "/reset", "/reset/account/reset/new"),
    ] {
        let mut app = App::with(|setup| setup.base_url = base_url);
        let pages = pages(&app);
        for outer in [Router::new().nest(below, pages.clone()), Router::new().nest_service(below, pages.clone())] {
            app.served = served(outer);
            let (log, guard) = listen();
            let answer = app.browser().get(asked).await;
            drop(guard);
            assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{base_url} at {below}");
            assert!(log.text().contains("merge the router at the root"), "{}", log.text());
        }
    }
    for base_url in ["https://toko.example", "https://toko.example/reset", "https://toko.example/account/reset/"] {
        let mut app = App::with(|setup| setup.base_url = base_url);
        let path = base_url.trim_start_matches("https://toko.example");
        let pages = pages(&app);
        app.served = served(Router::new().route("/shop", get(|| async { "shop" })).merge(pages));
        assert_eq!(app.browser().get(if path.is_empty() { "/" } else { path }).await.status, StatusCode::OK);
        assert_eq!(app.browser().get("/shop").await.body, "shop");
    }
}

#[tokio::test]
async fn pages_and_errors_of_the_application_are_untouched() {
    let app = App::new();
    let site = Router::new().route("/", get(|| async { "shop" })).merge(pages(&app));
    let ask = async |path: &str| {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo::<SocketAddr>("203.0.113.7:1".parse().unwrap()));
        site.clone().oneshot(request).await.unwrap()
    };
    let shop = ask("/").await;
    assert!(shop.headers().get("content-security-policy").is_none());
    assert_eq!(ask("/nowhere").await.headers().get("content-security-policy"), None);
    assert!(ask("/reset/nowhere").await.headers().contains_key("content-security-policy"));
}
