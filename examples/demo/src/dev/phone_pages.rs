//! WhatsApp in a browser: the chats of the fictional users with the service number.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use serde::Deserialize;

use super::phone::{Line, Phone};
use crate::web::page::{Content, Page, not_found};
use crate::web::{App, Failure};

/// The limit of WhatsApp.
const LONGEST: usize = 4096;

/// A number that no user has, to try messages from it.
const STRANGER: &str = "+6281200000009";

pub(super) fn router() -> Router<App> {
    Router::new().route("/dev/whatsapp", get(list)).route("/dev/whatsapp/{number}", get(show).post(send))
}

/// The owner of a phone.
struct Person {
    name: &'static str,
    number: String,
}

#[derive(Template)]
#[template(path = "phones.html")]
struct Phones {
    page: Page,
    own: String,
    people: Vec<Person>,
}

impl Content for Phones {
    fn page(&self) -> &Page {
        &self.page
    }
}

#[derive(Template)]
#[template(path = "chat.html")]
struct Chat {
    page: Page,
    own: String,
    person: Person,
    lines: Vec<Line>,
    failed: bool,
}

impl Content for Chat {
    fn page(&self) -> &Page {
        &self.page
    }
}

impl Chat {
    /// Splits a received text at its links, so that they can be pressed as on a phone.
    fn words<'a>(&self, line: &'a Line) -> impl Iterator<Item = (&'a str, bool)> {
        line.text.split_inclusive(char::is_whitespace).map(|word| (word, !line.sent && word.starts_with("http")))
    }
}

fn phone(app: &App) -> Result<&Phone, anyhow::Error> {
    app.tools.phone.as_ref().ok_or_else(|| anyhow::anyhow!("there is no phone"))
}

fn people(app: &App, page: &Page) -> Vec<Person> {
    let with_number =
        |seed: &crate::users::Seed| seed.phone.clone().map(|number| Person { name: seed.full_name, number });
    let stranger = Person { name: page.t.stranger, number: STRANGER.to_owned() };
    app.seeds.iter().filter_map(with_number).chain([stranger]).collect()
}

async fn list(State(app): State<App>, page: Page) -> Result<Response, Failure> {
    let people = people(&app, &page);
    Phones { page, own: phone(&app)?.account().number.clone(), people }.answer()
}

async fn show(State(app): State<App>, Path(number): Path<String>, page: Page) -> Result<Response, Failure> {
    let Some(person) = people(&app, &page).into_iter().find(|person| person.number == number) else {
        return not_found(page).await;
    };
    let phone = phone(&app)?;
    let (own, lines) = (phone.account().number.clone(), phone.chat_with(&number));
    Chat { page, own, person, lines, failed: false }.answer()
}

/// The fields of the form.
#[derive(Deserialize)]
struct Typed {
    text: String,
}

async fn send(
    State(app): State<App>,
    Path(number): Path<String>,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let Some(person) = people(&app, &page).into_iter().find(|person| person.number == number) else {
        return not_found(page).await;
    };
    let phone = phone(&app)?;
    let text: String = typed.text.trim().chars().take(LONGEST).collect();
    if !text.is_empty()
        && let Err(error) = phone.send(&number, &text).await
    {
        eprintln!("a message from {number} was refused: {error:#}");
        let (own, lines) = (phone.account().number.clone(), phone.chat_with(&number));
        return Chat { page, own, person, lines, failed: true }.refuse(StatusCode::BAD_GATEWAY);
    }
    Ok(Redirect::to(&format!("/dev/whatsapp/{number}")).into_response())
}
