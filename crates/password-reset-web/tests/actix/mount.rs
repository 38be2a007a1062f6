//! The service of actix-web.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;

use actix_web::body::MessageBody;
use actix_web::dev::{HttpServiceFactory, Payload};
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpServer, web};
use axum::body::Body;
use axum::http::{Request, Response};
use futures_util::{StreamExt, TryStreamExt, stream};
use password_reset::PasswordReset;
use password_reset_actix::Actix;
use password_reset_web::{AppLinks, Mount, Pages, Peer, WebError};
use send_wrapper::SendWrapper;
use tower::service_fn;

use crate::support::Served;

pub(crate) fn pages(pages: Pages) -> Served {
    let service = Actix::mount(pages);
    served(move |app| {
        app.service(service.clone());
    })
}

/// The pages on a real connection.
pub(crate) async fn listening(pages: Pages) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let service = Actix::mount(pages);
    let server = HttpServer::new(move || App::new().service(service.clone())).workers(1).disable_signals();
    tokio::spawn(server.listen(listener).unwrap().run());
    address
}

pub(crate) fn health(reset: PasswordReset) -> Served {
    registered(move || password_reset_actix::health(reset.clone()))
}

pub(crate) fn well_known(reset: &PasswordReset) -> Served {
    let reset = reset.clone();
    registered(move || password_reset_actix::well_known(&reset))
}

pub(crate) fn well_known_at(url: &str) -> Result<Served, WebError> {
    password_reset_actix::well_known_at(url)?;
    let url = url.to_owned();
    Ok(registered(move || password_reset_actix::well_known_at(&url).unwrap()))
}

pub(crate) fn app_links(links: &AppLinks) -> Served {
    let links = links.clone();
    registered(move || password_reset_actix::app_links(&links))
}

fn registered<F: HttpServiceFactory + 'static>(make: impl Fn() -> F + Clone + Send + Sync + 'static) -> Served {
    served(move |app| {
        app.service(make());
    })
}

/// An application. Its futures stay on their thread, and so do the tests.
pub(crate) fn served(configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + Sync + 'static) -> Served {
    Served::new(service_fn(move |request: Request<Body>| {
        let configure = configure.clone();
        SendWrapper::new(async move {
            let app = init_service(App::new().configure(configure)).await;
            let (head, body) = request.into_parts();
            let mut asked = TestRequest::default().method(Method::from_bytes(head.method.as_str().as_bytes()).unwrap());
            asked = asked.uri(&head.uri.to_string());
            for (name, value) in &head.headers {
                asked = asked.append_header((name.as_str(), value.as_bytes()));
            }
            if let Some(Peer(peer)) = head.extensions.get() {
                asked = asked.peer_addr(*peer);
            }
            let parts = body.into_data_stream().map_err(|error| PayloadError::Io(std::io::Error::other(error)));
            let (asked, _) = asked.to_request().replace_payload(Payload::Stream { payload: parts.boxed_local() });
            let answered = call_service(&app, asked).await;
            Ok::<_, Infallible>(as_seen(answered.into()))
        })
    }))
}

fn as_seen(answered: actix_web::HttpResponse) -> Response<Body> {
    let mut response = Response::builder().status(answered.status().as_u16());
    for (name, value) in answered.headers() {
        response = response.header(name.as_str(), value.as_bytes());
    }
    let mut body = answered.into_body();
    let parts = stream::poll_fn(move |context| Pin::new(&mut body).poll_next(context));
    let parts = parts.map_err(|error| std::io::Error::other(error.to_string()));
    response.body(Body::from_stream(SendWrapper::new(parts))).unwrap()
}
