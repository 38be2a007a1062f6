//! An application on actix-web, with the pages and a sign-in of its own, and a person who resets the password over HTTP.
//!
//! `cargo run -p actix` needs no set-up: the database is a temporary file, and emails are kept in memory.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Result;
use password_reset::Site;
use password_reset::login::SignInError;
use password_reset_actix::{Web, well_known};
use serde::Deserialize;
use shop::{Person, Shop};

/// The fields of the application's sign-in form.
#[derive(Deserialize)]
struct Typed {
    email: String,
    password: String,
}

/// The application's own sign-in. A real one puts `session_auth_hash` into a session.
async fn sign_in(shop: web::Data<Shop>, typed: web::Form<Typed>) -> HttpResponse {
    match shop.sign_in(&typed.email, &typed.password).await {
        Ok(_signed_in) => HttpResponse::NoContent().finish(),
        Err(SignInError::WrongPassword) => HttpResponse::UnprocessableEntity().body("wrong account or password"),
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut answer = HttpResponse::build(status);
            if let Some(after) = error.retry_after() {
                answer.insert_header((RETRY_AFTER, after.as_secs() + 1));
            }
            answer.finish()
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    // A real application has an address of its own; this one takes a free port of this machine.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let origin = format!("http://{}", listener.local_addr()?);
    let shop = Shop::open(Site::new("Toko Contoh", format!("{origin}/reset"))).await?;
    // Built once, outside the closure: the workers of the server then share the limits.
    let pages = Web::new(shop.reset.clone()).sign_in_url("/sign-in").build()?;
    let app = {
        let shop = shop.clone();
        move || {
            App::new()
                .app_data(web::Data::new(shop.clone()))
                .route("/sign-in", web::post().to(sign_in))
                .service(well_known(&shop.reset))
                .service(pages.clone())
        }
    };
    let server = HttpServer::new(app)
        .workers(2)
        .client_request_timeout(Duration::from_secs(10)) // for the head of a request
        .max_connections(768)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    let serving = tokio::spawn(server);
    println!("The application serves at {origin}.\n");

    Person::new(&origin)?.resets_and_signs_in(&shop).await?;
    handle.stop(true).await;
    serving.await??;
    println!("\nDone: every step worked.");
    Ok(())
}
