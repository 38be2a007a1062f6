//! An application on axum and Postgres, whose sessions tower-sessions keeps in the database. Each has the account and its auth hash: a
//! reset ends them all at once, on every node, without knowing which rows are whose.
//!
//! `cargo run -p sessions` makes its own Postgres; emails are kept in memory.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use password_reset::login::SignInError;
use password_reset::ports::{Accounts, UserTable};
use password_reset::{AccountId, AccountStatus, Identifier, Password, PasswordReset};
use password_reset_axum::{Server, Web};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use serde::Deserialize;
use tower_sessions::{Expiry, Session, SessionManagerLayer};
use tower_sessions_sqlx_store::PostgresStore as SessionStore;
use tower_sessions_sqlx_store::sqlx::PgPool;

/// What a session has of the account.
const ACCOUNT: &str = "account";
const AUTH_HASH: &str = "auth_hash";

#[derive(Clone)]
struct Shop {
    reset: PasswordReset,
    users: PostgresAccounts,
}

/// The fields of the sign-in form.
#[derive(Deserialize)]
struct Typed {
    email: String,
    password: String,
}

/// The application's sign-in. A real one limits the guesses first.
async fn sign_in(State(shop): State<Shop>, session: Session, Form(typed): Form<Typed>) -> Result<Response, Failed> {
    let found = match Identifier::email(&typed.email) {
        Ok(email) => shop.users.find(&email).await?,
        Err(_unreadable) => Vec::new(),
    };
    let account = if let [account] = found.as_slice() { Some(account.id()) } else { None };
    match (shop.reset.login().sign_in(account, Password::new(typed.password)).await, account) {
        (Ok(signed_in), Some(account)) => {
            session.cycle_id().await?; // or a stranger who planted its id would be signed in with it
            session.insert(ACCOUNT, account.as_str()).await?;
            session.insert(AUTH_HASH, signed_in.session_auth_hash).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        (Ok(_) | Err(SignInError::WrongPassword), _) => Ok(StatusCode::UNPROCESSABLE_ENTITY.into_response()),
        (Err(error), _) => {
            let mut headers = HeaderMap::new();
            if let Some(after) = error.retry_after() {
                headers.insert(RETRY_AFTER, (after.as_secs() + 1).into());
            }
            Ok((StatusCode::from_u16(error.status())?, headers).into_response())
        }
    }
}

/// The account that is signed in, as long as its password is the one that the session was opened with.
struct SignedIn(AccountId);

impl FromRequestParts<Shop> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<Self, Response> {
        let session = Session::from_request_parts(parts, shop).await.map_err(IntoResponse::into_response)?;
        match account_of(shop, &session).await {
            Ok(Some(account)) => Ok(Self(account)),
            Ok(None) => Err(StatusCode::UNAUTHORIZED.into_response()),
            Err(failed) => Err(failed.into_response()),
        }
    }
}

async fn account_of(shop: &Shop, session: &Session) -> Result<Option<AccountId>, Failed> {
    let (id, text) = (session.get::<String>(ACCOUNT).await?, session.get::<String>(AUTH_HASH).await?);
    let (Some(id), Some(text)) = (id.map(AccountId::new), text) else { return Ok(None) };
    let account = shop.users.load(&id).await?.filter(|account| account.status() == AccountStatus::Active);
    let hash = account.as_ref().and_then(|account| account.hash());
    if hash.is_some_and(|hash| shop.reset.login().is_session_auth_hash(&text, &id, hash)) {
        return Ok(Some(id));
    }
    session.flush().await?;
    Ok(None)
}

async fn account_page(SignedIn(account): SignedIn) -> String {
    format!("You are signed in as number {account}.")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let table = visitor::Table::with_user().await?;
    let users = PostgresAccounts::new(&table.pool, UserTable::new("users").with_email_confirmed_column("confirmed_at"));
    let store = PostgresStore::new(&table.pool).writing(users.clone());
    store.migrate().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let (reset, mail) = visitor::service(users.clone(), store, &origin)?;

    let sessions = SessionStore::new(PgPool::connect(&table.url()).await?);
    sessions.migrate().await?;
    // `with_secure(false)` only because this address is not https.
    let sessions = SessionManagerLayer::new(sessions).with_secure(false).with_expiry(Expiry::OnSessionEnd);
    let pages = Web::new(reset.clone()).sign_in_url("/sign-in").build()?;
    let shop = Router::new().route("/sign-in", post(sign_in)).route("/account", get(account_page));
    // The pages have cookies of their own, and are merged outside the layer.
    let app = shop.with_state(Shop { reset, users }).layer(sessions).merge(pages);
    let serving = tokio::spawn(Server::new(app).serve(listener, std::future::pending()));

    visitor::forgets_the_password(&origin, &mail).await?;
    serving.abort();
    Ok(())
}

/// Whatever fails inside is 500, and a line in the log of a real application.
struct Failed(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        eprintln!("{:#}", self.0);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
