//! An application on hyper without a framework, with the pages and a sign-in of its own, and a person who resets the password
//! over HTTP.
//!
//! `cargo run -p plain-hyper` needs no set-up: the database is a temporary file, and emails are kept in memory.

use std::convert::Infallible;

use anyhow::Result;
use http::header::RETRY_AFTER;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use password_reset::Site;
use password_reset::login::SignInError;
use password_reset_web::{Body, HttpServer, Pages, Web, well_known};
use shop::{Person, Shop};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::service_fn;
use url::form_urlencoded;

/// The longest sign-in form.
const MAX_FORM: usize = 16 * 1024;

/// The application's routes. The pages get each request as it came, and answer with what hyper can send.
async fn route(shop: Shop, pages: Pages, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    Ok(match (request.method(), request.uri().path()) {
        (&Method::POST, "/sign-in") => sign_in(&shop, request.into_body()).await,
        (&Method::GET | &Method::HEAD, "/.well-known/change-password") => well_known(&shop.reset)(),
        // `HttpServer` has put the peer of the connection into the request. With a server of your own, put
        // `password_reset_web::Peer` there.
        (_, path) if path.starts_with(pages.path()) => pages.respond(request).await,
        _ => answer(StatusCode::NOT_FOUND, "there is no such page"),
    })
}

/// The application's own sign-in. A real one puts `session_auth_hash` into a session.
async fn sign_in(shop: &Shop, body: Incoming) -> Response<Body> {
    let Ok(form) = Limited::new(body, MAX_FORM).collect().await.map(|form| form.to_bytes()) else {
        return answer(StatusCode::BAD_REQUEST, "not a form of this application");
    };
    let field = |name| form_urlencoded::parse(&form).find(|(field, _)| field == name).map(|(_, value)| value);
    let (email, password) = (field("email").unwrap_or_default(), field("password").unwrap_or_default());
    match shop.sign_in(&email, &password).await {
        Ok(_signed_in) => answer(StatusCode::NO_CONTENT, ""),
        Err(SignInError::WrongPassword) => answer(StatusCode::UNPROCESSABLE_ENTITY, "wrong account or password"),
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = answer(status, "");
            if let Some(after) = error.retry_after() {
                response.headers_mut().insert(RETRY_AFTER, (after.as_secs() + 1).into());
            }
            response
        }
    }
}

fn answer(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

#[tokio::main]
async fn main() -> Result<()> {
    // A real application has an address of its own; this one takes a free port of this machine.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let shop = Shop::open(Site::new("Toko Contoh", format!("{origin}/reset"))).await?;
    let pages = Web::new(shop.reset.clone()).sign_in_url("/sign-in").build()?;
    let app = {
        let shop = shop.clone();
        service_fn(move |request| route(shop.clone(), pages.clone(), request))
    };
    let (stop, stopped) = oneshot::channel::<()>();
    // It serves a tower service over HTTP/1.1, and bounds what strangers can take.
    let server = HttpServer::from(app);
    let serving = tokio::spawn(server.serve(listener, async move { stopped.await.unwrap_or_default() }));
    println!("The application serves at {origin}.\n");

    Person::new(&origin)?.resets_and_signs_in(&shop).await?;
    drop(stop);
    serving.await??;
    println!("\nDone: every step worked.");
    Ok(())
}
