//! Signing in and out.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use password_reset::Password;
use password_reset::login::SignInError;
use serde::Deserialize;

use super::page::{Content, Page};
use super::source::Source;
use super::{App, Failure};
use crate::sessions::COOKIE;
use crate::users::User;

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignIn {
    page: Page,
    name: String,
    error: Option<&'static str>,
}

impl Content for SignIn {
    fn page(&self) -> &Page {
        &self.page
    }
}

/// The form.
pub async fn show(page: Page) -> Result<Response, Failure> {
    if page.user.is_some() {
        return Ok(Redirect::to("/account").into_response());
    }
    SignIn { page, name: String::new(), error: None }.answer()
}

/// The fields of the form.
#[derive(Deserialize)]
pub struct Typed {
    name: String,
    password: String,
}

/// Opens a session, or reports a wrong name or password, without telling which.
pub async fn enter(
    State(app): State<App>,
    Source(source): Source,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let Typed { name, password } = typed;
    if !app.throttle.allows(&name, source) {
        let error = Some(page.t.too_many);
        return SignIn { page, name, error }.refuse(StatusCode::TOO_MANY_REQUESTS);
    }
    let user = app.users.find(&name).await?;
    let account = user.as_ref().map(User::account);
    match (app.reset.login().sign_in(account.as_ref(), Password::new(password)).await, user) {
        (Ok(signed_in), Some(user)) => {
            let session = app.sessions.open(&user, &signed_in.session_auth_hash).await?;
            Ok((CookieJar::new().add(session), Redirect::to("/account")).into_response())
        }
        (Ok(_) | Err(SignInError::WrongPassword), _) => {
            let error = Some(page.t.wrong);
            SignIn { page, name, error }.refuse(StatusCode::UNPROCESSABLE_ENTITY)
        }
        (Err(failed), _) => Err(failed.into()),
    }
}

/// Ends the session.
pub async fn leave(State(app): State<App>, jar: CookieJar) -> Result<Response, Failure> {
    if let Some(session) = jar.get(COOKIE) {
        app.sessions.close(session).await?;
    }
    Ok((jar.remove(Cookie::build(COOKIE).path("/")), Redirect::to("/")).into_response())
}
