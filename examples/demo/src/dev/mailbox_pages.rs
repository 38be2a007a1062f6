//! The mailbox in a browser: each email as HTML, as text, and as source.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use super::mailbox::{Mail, Mailbox};
use crate::web::page::{Content, Page, not_found};
use crate::web::{App, Failure};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/dev/mailbox", get(list))
        .route("/dev/mailbox/{number}", get(as_html))
        .route("/dev/mailbox/{number}/text", get(as_text))
        .route("/dev/mailbox/{number}/source", get(as_source))
        .route("/dev/mailbox/{number}/frame", get(frame))
}

/// The policy of the frame: an email may use its own styles and open its links in another window. It loads no script, no
/// image, and nothing from the network.
const MAIL_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox";

#[derive(Template)]
#[template(path = "mailbox.html")]
struct List {
    page: Page,
    mails: Vec<Arc<Mail>>,
}

impl Content for List {
    fn page(&self) -> &Page {
        &self.page
    }
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Shown {
    page: Page,
    mail: Arc<Mail>,
    /// Which of the three views is shown.
    way: &'static str,
    /// The shown text, unless the frame shows the email.
    text: Option<String>,
}

impl Content for Shown {
    fn page(&self) -> &Page {
        &self.page
    }
}

fn mailbox(app: &App) -> Result<&Mailbox, anyhow::Error> {
    app.tools.mailbox.as_ref().ok_or_else(|| anyhow::anyhow!("there is no mailbox"))
}

async fn list(State(app): State<App>, page: Page) -> Result<Response, Failure> {
    List { page, mails: mailbox(&app)?.all() }.answer()
}

async fn as_html(State(app): State<App>, Path(number): Path<usize>, page: Page) -> Result<Response, Failure> {
    shown(&app, number, page, "html", |_mail| None).await
}

async fn as_text(State(app): State<App>, Path(number): Path<usize>, page: Page) -> Result<Response, Failure> {
    shown(&app, number, page, "text", |mail| Some(mail.text())).await
}

async fn as_source(State(app): State<App>, Path(number): Path<usize>, page: Page) -> Result<Response, Failure> {
    shown(&app, number, page, "source", |mail| Some(mail.source())).await
}

async fn shown(
    app: &App,
    number: usize,
    page: Page,
    way: &'static str,
    text: impl Fn(&Mail) -> Option<String>,
) -> Result<Response, Failure> {
    match mailbox(app)?.mail(number) {
        Some(mail) => Shown { page, text: text(&mail), mail, way }.answer(),
        None => not_found(page).await,
    }
}

/// The email alone, for the frame. Its links open another window, as in a mail program.
async fn frame(State(app): State<App>, Path(number): Path<usize>) -> Result<Response, Failure> {
    let Some(mail) = mailbox(&app)?.mail(number) else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let html = mail.html().replacen("<head>", "<head><base target=\"_blank\">", 1);
    Ok(([(header::CONTENT_SECURITY_POLICY, MAIL_POLICY)], Html(html)).into_response())
}
