//! The proxy in front: it appends the address of its client to `X-Forwarded-For`, and connects from `127.0.0.2`.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyFault {
    None,
    ClockAhead,
    RedirectsLinks,
    TakesWebhooks,
}

pub(crate) async fn serve(listener: TcpListener, app: SocketAddr, fault: ProxyFault) {
    let mut connector = HttpConnector::new();
    connector.set_local_address(Some(IpAddr::from([127, 0, 0, 2])));
    let client: Client<HttpConnector, Body> = Client::builder(TokioExecutor::new()).build(connector);
    let forward = move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request| {
        let client = client.clone();
        async move { forward(&client, app, peer, request, fault).await }
    };
    let router = Router::new().fallback(forward).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, router).await.unwrap();
}

async fn forward(
    client: &Client<HttpConnector, Body>,
    app: SocketAddr,
    peer: SocketAddr,
    mut request: Request,
    fault: ProxyFault,
) -> Response {
    let path = request.uri().path().to_owned();
    if fault == ProxyFault::TakesWebhooks && path.contains("/webhooks/") {
        return StatusCode::OK.into_response();
    }
    let is_link = !path.contains("/api/") && !path.contains("/webhooks/");
    if fault == ProxyFault::RedirectsLinks && is_link {
        return (StatusCode::MOVED_PERMANENTLY, [("location", format!("{path}/"))]).into_response();
    }
    let before = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let chain = before.map_or_else(|| peer.ip().to_string(), |before| format!("{before}, {}", peer.ip()));
    request.headers_mut().insert("x-forwarded-for", HeaderValue::from_str(&chain).unwrap());
    let target = request.uri().path_and_query().unwrap().as_str();
    *request.uri_mut() = format!("http://{app}{target}").parse::<Uri>().unwrap();
    let mut answer = client.request(request).await.unwrap().map(Body::new);
    if fault == ProxyFault::ClockAhead {
        let date = HeaderValue::from_static("Fri, 31 Dec 2100 23:59:59 GMT");
        answer.headers_mut().insert("date", date);
    }
    answer
}
