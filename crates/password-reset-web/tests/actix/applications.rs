//! Where an application registers the service.

use actix_web::web;
use axum::http::StatusCode;
use password_reset_actix::Web;

use crate::mount::served;
use crate::silence::listen;
use crate::support::App;

/// Pages at another path than the links in messages would start without a word.
#[tokio::test]
async fn pages_in_a_scope_elsewhere_than_the_site_says_are_refused() {
    for (base_url, scope, asked) in [
        ("https://toko.example", "/reset", "/reset/link"),
        ("https://toko.example/", "/account/reset", "/account/reset/api/policy"),
        ("https://toko.example/reset", "/account", "/account/reset"),
        ("https://toko.example/reset", "/reset", "/reset/reset/expired"),
        ("https://toko.example/account/reset", "/reset", "/reset/account/reset/new"),
    ] {
        let mut app = App::with(|setup| setup.base_url = base_url);
        let pages = Web::new(app.reset.clone()).build().unwrap();
        app.served = served(move |app| {
            app.service(web::scope(scope).service(pages.clone()));
        });
        let (log, guard) = listen();
        let answer = app.browser().get(asked).await;
        drop(guard);
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{base_url} in {scope}");
        assert!(log.text().contains("register them at the root"), "{}", log.text());
    }
}

#[tokio::test]
async fn pages_and_errors_of_the_application_are_untouched() {
    for base_url in ["https://toko.example", "https://toko.example/reset", "https://toko.example/account/reset/"] {
        let mut app = App::with(|setup| setup.base_url = base_url);
        let pages = Web::new(app.reset.clone()).build().unwrap();
        app.served = served(move |app| {
            app.route("/shop", web::get().to(|| async { "shop" })).service(pages.clone());
        });
        let path = base_url.trim_start_matches("https://toko.example");
        assert_eq!(app.browser().get(if path.is_empty() { "/" } else { path }).await.status, StatusCode::OK);
        let shop = app.browser().get("/shop").await;
        assert_eq!((shop.body.as_str(), shop.header("content-security-policy")), ("shop", ""));
        let nowhere = app.browser().get("/nowhere").await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
        assert_eq!(nowhere.header("content-security-policy").is_empty(), !path.is_empty());
    }
}
