//! The stranger's browser: cookies, pages, the API and open event streams.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use tower::ServiceExt;

/// Sent from the beginning, so that no answer draws one.
const FORM_TOKEN: (&str, &str) = ("__Host-pr-form", "0123456789abcdef0123456789abcdef");

/// Pages that a stranger may open, with or without a reset.
const PAGES: [&str; 16] = [
    "/reset",
    "/reset/wait",
    "/reset/link",
    "/reset/step-up",
    "/reset/new",
    "/reset/done",
    "/reset/cancel",
    "/reset/lock",
    "/reset/expired",
    "/reset/api/policy",
    "/reset/api/status",
    "/reset/nowhere",
    "/reset?by=whatsapp",
    "/reset?by=username",
    "/reset/code",
    "/reset/claim",
];

pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) source: IpAddr,
    streams: Vec<Body>,
}

impl Default for Browser {
    fn default() -> Self {
        let (name, value) = FORM_TOKEN;
        let cookies = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        Self { cookies, source: IpAddr::from([203, 0, 113, 1]), streams: Vec::new() }
    }
}

impl Browser {
    pub(crate) fn with_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The reset of which the browser has a grant.
    pub(crate) fn granted(&self) -> Option<String> {
        self.cookies.keys().find_map(|name| name.strip_prefix("__Host-pr-g-").map(str::to_owned))
    }

    pub(crate) async fn page(&mut self, router: &Router, path: u8, reset: &str) -> String {
        let path = PAGES[usize::from(path)];
        let sign = if path.contains('?') { '&' } else { '?' };
        self.get(router, &format!("{path}{sign}reset={reset}"), None).await
    }

    pub(crate) async fn get(&mut self, router: &Router, path: &str, bearer: Option<&str>) -> String {
        let response = self.send(router, Method::GET, path, bearer, None).await;
        read(response).await.0
    }

    pub(crate) async fn form(&mut self, router: &Router, path: &str, fields: &[(&str, &str)]) -> String {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let body = Some(("application/x-www-form-urlencoded", body));
        read(self.send(router, Method::POST, path, None, body).await).await.0
    }

    /// The answer as text, and its JSON.
    pub(crate) async fn json(
        &mut self,
        router: &Router,
        path: &str,
        body: &serde_json::Value,
    ) -> (String, serde_json::Value) {
        let body = Some(("application/json", body.to_string()));
        let (seen, body) = read(self.send(router, Method::POST, path, None, body).await).await;
        let json = serde_json::from_str(&body).unwrap_or_default();
        (seen, json)
    }

    pub(crate) async fn open_events(&mut self, router: &Router, path: &str, bearer: Option<&str>) -> String {
        let response = self.send(router, Method::GET, path, bearer, None).await;
        if !response.status().is_success() {
            return read(response).await.0;
        }
        let (parts, body) = response.into_parts();
        self.streams.push(body);
        format!("{:?} {:?}\n", parts.status, parts.headers)
    }

    /// What the open streams have sent since.
    pub(crate) fn events(&mut self) -> String {
        let mut seen = String::new();
        self.streams.retain_mut(|stream| {
            loop {
                match stream.frame().now_or_never() {
                    None => return true,
                    Some(Some(Ok(frame))) => {
                        let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
                        // Comments come by the machine's own clock.
                        if !text.starts_with(':') {
                            seen += &text;
                        }
                    }
                    Some(end) => {
                        seen += &format!("the stream ends, {}\n", end.is_none());
                        return false;
                    }
                }
            }
        });
        seen
    }

    async fn send(
        &mut self,
        router: &Router,
        method: Method,
        path: &str,
        bearer: Option<&str>,
        body: Option<(&str, String)>,
    ) -> Response {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header("cookie", cookies.join("; "))
            .extension(ConnectInfo(SocketAddr::from((self.source, 4711))));
        if let Some(secret) = bearer {
            request = request.header("authorization", format!("Bearer {secret}"));
        }
        let body = match body {
            Some((media_type, body)) => {
                request = request.header("content-type", media_type);
                Body::from(body)
            }
            None => Body::empty(),
        };
        let response = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        // Worlds in which nothing is there would not differ.
        let is_there = response.status() != StatusCode::NOT_FOUND || path.starts_with("/reset/nowhere");
        assert!(is_there && response.status() != StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }
}

/// The whole answer as text, and its body.
async fn read(response: Response) -> (String, String) {
    let (parts, body) = response.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let headers: Vec<String> =
        parts.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    (format!("{}\n{}\n\n{body}\n", parts.status, headers.join("\n")), body)
}
