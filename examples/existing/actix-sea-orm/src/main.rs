//! An application on actix-web whose user table is SeaORM's, and whose sessions actix-session keeps in signed cookies. The server cannot delete
//! a cookie on a device that is elsewhere; the auth hash in it ends the session all the same.
//!
//! `cargo run -p actix-sea-orm` makes its own Postgres; emails are kept in memory.

use actix_sea_orm::Users;
use actix_session::storage::CookieSessionStore;
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::{Key, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Result;
use password_reset::login::SignInError;
use password_reset::ports::Accounts;
use password_reset::{AccountId, AccountStatus, Identifier, Password, PasswordReset, PortError};
use password_reset_actix::Web;
use password_reset_postgres::PostgresStore;
use sea_orm::SqlxPostgresConnector;
use serde::Deserialize;

/// What a session has of the account.
const ACCOUNT: &str = "account";
const AUTH_HASH: &str = "auth_hash";

#[derive(Clone)]
struct Shop {
    reset: PasswordReset,
    users: Users,
}

/// The fields of the sign-in form.
#[derive(Deserialize)]
struct Typed {
    email: String,
    password: String,
}

/// The application's sign-in. A real one limits the guesses first.
async fn sign_in(shop: web::Data<Shop>, session: Session, typed: web::Form<Typed>) -> actix_web::Result<HttpResponse> {
    let typed = typed.into_inner();
    let found = match Identifier::email(&typed.email) {
        Ok(email) => shop.users.find(&email).await.map_err(failed)?,
        Err(_unreadable) => Vec::new(),
    };
    let account = if let [account] = found.as_slice() { Some(account.id()) } else { None };
    match (shop.reset.login().sign_in(account, Password::new(typed.password)).await, account) {
        (Ok(signed_in), Some(account)) => {
            session.renew();
            session.insert(ACCOUNT, account.as_str())?;
            session.insert(AUTH_HASH, signed_in.session_auth_hash)?;
            Ok(HttpResponse::NoContent().finish())
        }
        (Ok(_) | Err(SignInError::WrongPassword), _) => Ok(HttpResponse::UnprocessableEntity().finish()),
        (Err(error), _) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut answer = HttpResponse::build(status);
            if let Some(after) = error.retry_after() {
                answer.insert_header((RETRY_AFTER, after.as_secs() + 1));
            }
            Ok(answer.finish())
        }
    }
}

/// The account that is signed in, as long as its password is the one that the session was opened with.
async fn account_of(shop: &Shop, session: &Session) -> actix_web::Result<Option<AccountId>> {
    let (id, text) = (session.get::<String>(ACCOUNT)?, session.get::<String>(AUTH_HASH)?);
    let (Some(id), Some(text)) = (id.map(AccountId::new), text) else { return Ok(None) };
    let account = shop.users.load(&id).await.map_err(failed)?;
    let account = account.filter(|account| account.status() == AccountStatus::Active);
    let hash = account.as_ref().and_then(|account| account.hash());
    if hash.is_some_and(|hash| shop.reset.login().is_session_auth_hash(&text, &id, hash)) {
        return Ok(Some(id));
    }
    session.purge();
    Ok(None)
}

async fn account_page(shop: web::Data<Shop>, session: Session) -> actix_web::Result<HttpResponse> {
    Ok(match account_of(&shop, &session).await? {
        Some(account) => HttpResponse::Ok().body(format!("You are signed in as number {account}.")),
        None => HttpResponse::Unauthorized().finish(),
    })
}

/// 500, and a line in the log of a real application.
fn failed(error: PortError) -> actix_web::Error {
    actix_web::error::ErrorInternalServerError(error)
}

#[tokio::main]
async fn main() -> Result<()> {
    let table = visitor::Table::with_user().await?;
    // One pool for the application and the resets. An application that only has SeaORM calls `Database::connect`, and gives
    // `get_postgres_connection_pool()` to the store.
    let users = Users::new(SqlxPostgresConnector::from_sqlx_postgres_pool(table.pool.clone()), None);
    let store = PostgresStore::new(&table.pool);
    store.migrate().await?;
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let origin = format!("http://{}", listener.local_addr()?);
    let (reset, mail) = visitor::service(users.clone(), store, &origin)?;

    let pages = Web::new(reset.clone()).sign_in_url("/sign-in").build()?; // once, so that all workers share the limits
    let (key, shop) = (Key::generate(), Shop { reset, users });
    let app = move || {
        // `cookie_secure(false)` only because this address is not https.
        let sessions = SessionMiddleware::builder(CookieSessionStore::default(), key.clone())
            .cookie_secure(false)
            .cookie_same_site(SameSite::Lax);
        let own = web::scope("")
            .wrap(sessions.build())
            .route("/sign-in", web::post().to(sign_in))
            .route("/account", web::get().to(account_page));
        // The pages have cookies of their own, and stand outside the middleware; the scope without a path comes last.
        App::new().app_data(web::Data::new(shop.clone())).service(pages.clone()).service(own)
    };
    let server = HttpServer::new(app).workers(2).disable_signals().listen(listener)?.run();
    let handle = server.handle();
    let serving = tokio::spawn(server);

    visitor::forgets_the_password(&origin, &mail).await?;
    handle.stop(true).await;
    serving.await??;
    Ok(())
}
