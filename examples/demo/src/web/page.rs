//! The part of a page that surrounds its content.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use password_reset::Locale;

use super::language::Language;
use super::texts::Texts;
use super::{App, Failure};
use crate::sessions;
use crate::users::User;

/// The part of a page that surrounds its content: the language, and the signed-in user.
pub struct Page {
    /// The texts in its language.
    pub t: &'static Texts,
    /// Its language.
    pub locale: Locale,
    /// Its own path, for the language links.
    pub path: String,
    /// The signed-in user.
    pub user: Option<User>,
    /// The time of the sign-in.
    pub signed_in_at: Option<DateTime<Utc>>,
    /// Whether there is a mailbox that visitors can read.
    pub has_mailbox: bool,
    /// Whether there are phones that visitors can use.
    pub has_phone: bool,
    kept: CookieJar,
}

impl FromRequestParts<App> for Page {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let language = Language::of(parts, app.language, app.reset.site().languages());
        let jar = CookieJar::from_headers(&parts.headers);
        let (user, signed_in_at) = app.sessions.user(jar.get(sessions::COOKIE)).await?.unzip();
        Ok(Self {
            t: Texts::of(language.locale),
            // The shop has no texts of its own in other languages.
            locale: if language.locale == Locale::INDONESIAN { Locale::INDONESIAN } else { Locale::ENGLISH },
            path: parts.uri.path().to_owned(),
            user,
            signed_in_at,
            has_mailbox: app.tools.mailbox.is_some(),
            has_phone: app.tools.phone.is_some(),
            kept: language.chosen.into_iter().fold(CookieJar::new(), CookieJar::add),
        })
    }
}

impl Page {
    /// Whether an administrator is signed in.
    pub fn is_for_administrators(&self) -> bool {
        self.user.as_ref().is_some_and(User::is_administrator)
    }

    /// Whether the page must warn that messages are not private here.
    pub fn in_development(&self) -> bool {
        self.has_mailbox || self.has_phone
    }
}

/// A page's content.
pub trait Content: Template {
    /// The part that surrounds it.
    fn page(&self) -> &Page;

    /// The whole answer.
    fn answer(&self) -> Result<Response, Failure> {
        Ok((self.page().kept.clone(), Html(self.render()?)).into_response())
    }

    /// The whole answer to a request that cannot be done.
    fn refuse(&self, status: StatusCode) -> Result<Response, Failure> {
        Ok((status, self.answer()?).into_response())
    }
}

/// The page for unknown addresses.
pub async fn not_found(page: Page) -> Result<Response, Failure> {
    NotFound { page }.refuse(StatusCode::NOT_FOUND)
}

#[derive(Template)]
#[template(path = "not-found.html")]
struct NotFound {
    page: Page,
}

impl Content for NotFound {
    fn page(&self) -> &Page {
        &self.page
    }
}
