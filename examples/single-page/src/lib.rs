//! The JSON API on one origin, and its front end on another: two ports of this machine.

use anyhow::Result;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::response::IntoResponse;
use axum::routing::get;
use password_reset::Site;
use password_reset_axum::{Server, Web};
use shop::Shop;
use tokio::net::TcpListener;

const PAGE: &str = include_str!("../front/index.html");
const SCRIPT: &str = include_str!("../front/app.js");
const STYLE: &str = include_str!("../front/app.css");

/// The running application.
pub struct Example {
    pub shop: Shop,
    /// Where the front end is.
    pub front: String,
    /// Where the API is.
    pub api: String,
}

impl Example {
    /// Serves both on free ports, until the program ends.
    pub async fn start() -> Result<Self> {
        let (api, front) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
        let [api_origin, front_origin] =
            [api.local_addr()?, front.local_addr()?].map(|address| format!("http://{address}"));
        // Messages lead to the front end, which owns these addresses.
        let site = Site::new("Toko Contoh", format!("{api_origin}/reset"))
            .with_start_page(format!("{front_origin}/"))
            .with_link_page(format!("{front_origin}/reset#{{secret}}"))
            .with_cancel_page(format!("{front_origin}/cancel#{{secret}}"));
        let shop = Shop::open(site).await?;
        let service = Web::new(shop.reset.clone()).trusted_origins([&front_origin]).build()?;
        tokio::spawn(Server::new(service).serve(api, std::future::pending()));
        let base_url = shop.reset.site().base_url().to_owned();
        tokio::spawn(Server::new(front_end(&base_url)).serve(front, std::future::pending()));
        Ok(Self { shop, front: front_origin, api: api_origin })
    }
}

/// The front end, which uses the API at this address. Any server of files can serve it.
pub fn front_end(api: &str) -> Router {
    let page = PAGE.replace("{api}", api);
    let origin = api.trim_end_matches("/reset");
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src {origin}; form-action 'none'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let page = get(move || async move {
        let headers =
            [(CONTENT_SECURITY_POLICY, policy.as_str()), (REFERRER_POLICY, "no-referrer"), (CACHE_CONTROL, "no-store")];
        (headers, [(CONTENT_TYPE, "text/html; charset=utf-8")], page.clone()).into_response()
    });
    Router::new()
        .route("/", page.clone())
        .route("/reset", page.clone())
        .route("/cancel", page)
        .route("/app.js", get(|| async { ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT) }))
        .route("/app.css", get(|| async { ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE) }))
}
