//! An application on axum-login, whose user table is Diesel's. axum-login keeps an auth hash in each session and compares it on every
//! request; `session_auth_hash` is made for that, so a reset ends all sessions.
//!
//! `cargo run -p axum-login-diesel` makes its own Postgres; emails and sessions are kept in memory.

use axum::http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use axum_login::{AuthManagerLayerBuilder, AuthUser, AuthnBackend, UserId, login_required};
use axum_login_diesel::Users;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::bb8::Pool;
use password_reset::login::SignInError;
use password_reset::ports::Accounts;
use password_reset::{AccountId, AccountStatus, Identifier, Password, PasswordReset};
use password_reset_axum::{Server, Web};
use password_reset_postgres::PostgresStore;
use serde::Deserialize;
use tower_sessions::{MemoryStore, SessionManagerLayer};

type AuthSession = axum_login::AuthSession<Shop>;

#[derive(Clone, Debug)]
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

#[derive(Clone, Debug)]
struct User {
    id: AccountId,
    auth_hash: String,
}

impl AuthUser for User {
    type Id = String;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn session_auth_hash(&self) -> &[u8] {
        self.auth_hash.as_bytes()
    }
}

impl AuthnBackend for Shop {
    type User = User;
    type Credentials = Typed;
    type Error = SignInError;

    async fn authenticate(&self, typed: Typed) -> Result<Option<User>, SignInError> {
        let found = match Identifier::email(&typed.email) {
            Ok(email) => self.users.find(&email).await?,
            Err(_unreadable) => Vec::new(),
        };
        let account = if let [account] = found.as_slice() { Some(account.id()) } else { None };
        match (self.reset.login().sign_in(account, Password::new(typed.password)).await, account) {
            (Ok(signed_in), Some(id)) => Ok(Some(User { id: id.clone(), auth_hash: signed_in.session_auth_hash })),
            (Ok(_) | Err(SignInError::WrongPassword), _) => Ok(None),
            (Err(error), _) => Err(error),
        }
    }

    /// Called on every request: the hash is that of the *present* password, and a session with another one ends.
    async fn get_user(&self, id: &UserId<Self>) -> Result<Option<User>, SignInError> {
        let found = self.users.load(&AccountId::new(id)).await?;
        let account = found.filter(|account| account.status() == AccountStatus::Active);
        Ok(account.and_then(|account| {
            let auth_hash = self.reset.login().session_auth_hash(account.id(), account.hash()?);
            Some(User { id: account.id().clone(), auth_hash })
        }))
    }
}

/// The application's sign-in. A real one limits the guesses first.
async fn sign_in(mut session: AuthSession, Form(typed): Form<Typed>) -> Response {
    let status = match session.authenticate(typed).await {
        Ok(None) => StatusCode::UNPROCESSABLE_ENTITY,
        Ok(Some(user)) => match session.login(&user).await {
            Ok(()) => StatusCode::NO_CONTENT,
            Err(error) => return failed(&error),
        },
        Err(axum_login::Error::Backend(error)) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let after = error.retry_after().map(|after| (RETRY_AFTER, (after.as_secs() + 1).into()));
            return (status, after.into_iter().collect::<HeaderMap>()).into_response();
        }
        Err(error) => return failed(&error),
    };
    status.into_response()
}

fn failed(error: &dyn std::error::Error) -> Response {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

async fn account_page(session: AuthSession) -> String {
    format!("You are signed in as number {}.", session.user.map(|user| user.id.to_string()).unwrap_or_default())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let table = visitor::Table::with_user().await?;
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(table.url());
    let users = Users::new(Pool::builder().max_size(4).build(manager).await?, None);
    // The resets are in the same database, on a pool of their own.
    let store = PostgresStore::new(&table.pool);
    store.migrate().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let (reset, mail) = visitor::service(users.clone(), store, &origin)?;

    // `with_secure(false)` only because this address is not https.
    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_secure(false);
    let pages = Web::new(reset.clone()).sign_in_url("/sign-in").build()?;
    let signed_in = Router::new().route("/account", get(account_page)).route_layer(login_required!(Shop));
    let shop = signed_in.route("/sign-in", post(sign_in));
    let shop = shop.layer(AuthManagerLayerBuilder::new(Shop { reset, users }, sessions).build());
    let serving = tokio::spawn(Server::new(shop.merge(pages)).serve(listener, std::future::pending()));

    visitor::forgets_the_password(&origin, &mail).await?;
    serving.abort();
    Ok(())
}
