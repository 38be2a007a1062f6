#![doc = include_str!("../README.md")]

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{AppService, HttpServiceFactory, Payload};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Resource, web};
use bytes::Bytes;
use futures_util::Stream;
use http_body::{Body as _, Frame, SizeHint};
use password_reset::{PasswordReset, PortError};
#[doc(inline)]
pub use password_reset_web::*;

/// The settings of a site, which build a service for [`App::service`](actix_web::App::service), at the path of the site's base
/// URL: register it at the root of the application. Where the site has a host to itself, register it last.
///
/// Where the application registers it in a scope of its own, every request is answered with 500 and an error in the log says
/// what to do.
pub type Web = Settings<Actix>;

/// Mounts the pages as a [`Service`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Actix;

/// The pages as a service of an application. Clones are cheap, and share limits: build one, and clone it for each worker.
#[derive(Clone, Debug)]
pub struct Service(Pages);

impl Mount for Actix {
    type App = Service;

    fn mount(pages: Pages) -> Service {
        Service(pages)
    }
}

impl HttpServiceFactory for Service {
    fn register(self, config: &mut AppService) {
        let path = self.0.path();
        let below = format!("{path}/{{{BELOW}:.*}}");
        let paths = if path.is_empty() { vec![below] } else { vec![path.to_owned(), below] };
        let answer = move |request: HttpRequest, body: web::Payload| answer(self.0.clone(), request, body.into_inner());
        web::resource(paths).to(answer).register(config);
    }
}

const BELOW: &str = "below";

#[allow(clippy::future_not_send, reason = "actix-web keeps a request on its thread")]
async fn answer(pages: Pages, asked: HttpRequest, body: Payload) -> HttpResponse<Answer> {
    let below = asked.match_info().get(BELOW).map(|below| format!("/{below}")).unwrap_or_default();
    if asked.match_info().as_str() != format!("{}{below}", pages.path()) {
        tracing::error!(
            "the pages are in a scope, below another path than the base URL of the site has: register them at the root, and \
             give `Site` the path"
        );
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    }
    match read(&asked, body) {
        Ok(request) => write(pages.respond(request).await),
        Err(_not_http) => empty(StatusCode::BAD_REQUEST),
    }
}

fn empty(status: StatusCode) -> HttpResponse<Answer> {
    HttpResponse::with_body(status, Answer { body: None, size: BodySize::Sized(0) })
}

/// The request in the types of today; actix-web has those of `http` 0.2.
fn read(asked: &HttpRequest, payload: Payload) -> Result<http::Request<Incoming>, http::Error> {
    let mut request = http::Request::builder().method(asked.method().as_str()).uri(asked.uri().to_string());
    for (name, value) in asked.headers() {
        request = request.header(name.as_str(), value.as_bytes());
    }
    if let Some(peer) = asked.peer_addr() {
        request = request.extension(Peer(peer));
    }
    let length = asked.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    request.body(Incoming { payload, length: length.unwrap_or(0) })
}

fn write(response: http::Response<Body>) -> HttpResponse<Answer> {
    let (head, body) = response.into_parts();
    let status = StatusCode::from_u16(head.status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // An answer to HEAD states the length that its body would have.
    let stated = head.headers.get(http::header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let size = stated.or(body.size_hint().exact()).map_or(BodySize::Stream, BodySize::Sized);
    let mut answer = HttpResponse::with_body(status, Answer { body: Some(body), size });
    for (name, value) in &head.headers {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

/// The body of a request, and the length that its head announces.
struct Incoming {
    payload: Payload,
    length: u64,
}

impl http_body::Body for Incoming {
    type Data = Bytes;
    type Error = PayloadError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, PayloadError>>> {
        Pin::new(&mut self.payload).poll_next(context).map(|next| next.map(|part| part.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::new();
        hint.set_lower(self.length);
        hint
    }
}

/// The body of a response.
#[derive(Debug)]
struct Answer {
    body: Option<Body>,
    size: BodySize,
}

impl MessageBody for Answer {
    type Error = PortError;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, PortError>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let next = Pin::new(body).poll_frame(context);
        next.map(|next| next.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default())))
    }
}

/// Redirects `/.well-known/change-password`, which password managers open, to the start page. Register it at the root
/// of the application.
#[must_use]
pub fn well_known(reset: &PasswordReset) -> Resource {
    redirect(password_reset_web::well_known(reset))
}

/// As [`well_known`], but redirects to the page on which signed-in users change their password: a path on this site, or
/// an `https` URL.
///
/// # Errors
/// [`WebError::ChangeUrl`] when it is neither.
pub fn well_known_at(change_url: &str) -> Result<Resource, WebError> {
    password_reset_web::well_known_at(change_url).map(redirect)
}

fn redirect(answer: impl Fn() -> http::Response<Body> + Clone + 'static) -> Resource {
    let answer = move || std::future::ready(write(answer()));
    web::resource("/.well-known/change-password").route(web::get().to(answer.clone())).route(web::head().to(answer))
}

/// The files by which applications on phones claim the links of messages. Register it at the root of the application that serves
/// [`AppLinks::host`], also where the pages have a path of their own.
#[must_use]
pub fn app_links(links: &AppLinks) -> Resource {
    let links = links.clone();
    let answer = move |asked: HttpRequest| std::future::ready(write(links.respond(asked.path())));
    web::resource([AppLinks::ANDROID, AppLinks::APPLE])
        .route(web::get().to(answer.clone()))
        .route(web::head().to(answer))
}

/// `GET /health`: 200 when resets work, 503 when not, and the words of the [problems](password_reset::operations::HealthProblem) as JSON.
///
/// It says nothing of accounts or addresses, but each call asks the database, without a quota: register it in an application
/// that only probes reach, such as one on a port of its own.
#[must_use]
pub fn health(reset: PasswordReset) -> Resource {
    let answer = move || {
        let reset = reset.clone();
        async move { write(password_reset_web::health(&reset).await) }
    };
    web::resource("/health").route(web::get().to(answer.clone())).route(web::head().to(answer))
}
