//! Changes of the email address or WhatsApp number of a signed-in user, confirmed from the new contact.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use password_reset::{Contact, ContactKind, Identifier, Password, VerifyError};
use password_reset_axum::secret_in_link;
use serde::Deserialize;

use super::page::{Content, Page, not_found};
use super::source::Source;
use super::{App, Failure};
use crate::contacts::{Asked, Confirmed, ContactChanges};
use crate::database::HOME_COUNTRY;

#[derive(Template)]
#[template(path = "contact.html")]
struct Change {
    page: Page,
    kind: ContactKind,
    sign_in_name: String,
    typed: String,
    wrong_contact: Option<&'static str>,
    wrong_current: Option<&'static str>,
}

impl Content for Change {
    fn page(&self) -> &Page {
        &self.page
    }
}

impl Change {
    fn is_email(&self) -> bool {
        self.kind == ContactKind::Email
    }

    /// The name of the kind in paths.
    fn way(&self) -> &'static str {
        if self.is_email() { "email" } else { "whatsapp" }
    }
}

/// The kind that the path names, if it can be changed here.
fn kind(app: &App, way: &str) -> Option<ContactKind> {
    let kind = match way {
        "email" => ContactKind::Email,
        "whatsapp" => ContactKind::Phone,
        _ => return None,
    };
    Some(kind).filter(|kind| app.contacts.reaches(*kind))
}

/// The form.
pub async fn show(State(app): State<App>, Path(way): Path<String>, page: Page) -> Result<Response, Failure> {
    let Some(kind) = kind(&app, &way) else { return not_found(page).await };
    let Some(me) = &page.user else { return Ok(Redirect::to("/sign-in").into_response()) };
    let sign_in_name = me.sign_in_name().to_owned();
    Change { page, kind, sign_in_name, typed: String::new(), wrong_contact: None, wrong_current: None }.answer()
}

/// The fields of the form.
#[derive(Deserialize)]
pub struct Typed {
    new: String,
    current: String,
}

/// Sends a link to the new contact, for a signed-in user who knows the present password.
pub async fn ask(
    State(app): State<App>,
    Path(way): Path<String>,
    Source(source): Source,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let Some(kind) = kind(&app, &way) else { return not_found(page).await };
    let Some(me) = page.user.clone() else { return Ok(Redirect::to("/sign-in").into_response()) };
    let (t, sign_in_name) = (page.t, me.sign_in_name().to_owned());
    let (mut wrong_contact, mut wrong_current) = (None, None);
    let has =
        |new: &Contact| [&me.email, &me.phone].into_iter().flatten().any(|had| had.eq_ignore_ascii_case(new.value()));
    let status = match read(kind, &typed.new) {
        None => {
            wrong_contact = Some(if kind == ContactKind::Email { t.bad_email } else { t.bad_phone });
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Some(new) if has(&new) => {
            wrong_contact = Some(t.same_contact);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Some(new) => {
            match app.reset.login().check_current_password(&me.account(), Password::new(typed.current), source).await {
                Ok(()) => match app.contacts.ask(&me, &new).await? {
                    Asked::Sent => return Ok(Redirect::to("/account").into_response()),
                    Asked::NotSent => {
                        wrong_contact = Some(t.contact_not_sent);
                        StatusCode::UNPROCESSABLE_ENTITY
                    }
                    Asked::TooMany => {
                        wrong_contact = Some(t.too_many);
                        StatusCode::TOO_MANY_REQUESTS
                    }
                },
                Err(VerifyError::WrongPassword | VerifyError::Refused) => {
                    wrong_current = Some(t.wrong_current);
                    StatusCode::UNPROCESSABLE_ENTITY
                }
                Err(VerifyError::TooMany { .. }) => {
                    wrong_current = Some(t.too_many);
                    StatusCode::TOO_MANY_REQUESTS
                }
                Err(failed) => return Err(failed.into()),
            }
        }
    };
    Change { page, kind, sign_in_name, typed: typed.new, wrong_contact, wrong_current }.refuse(status)
}

/// Reads an email address or a number as users write it.
pub(super) fn read(kind: ContactKind, typed: &str) -> Option<Contact> {
    if kind == ContactKind::Email {
        return Some(Contact::email(Identifier::email(typed).ok()?.as_str()));
    }
    Some(Contact::phone(Identifier::phone(typed, HOME_COUNTRY).ok()?.as_str()))
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct Confirm {
    page: Page,
    wrong: Option<&'static str>,
}

impl Content for Confirm {
    fn page(&self) -> &Page {
        &self.page
    }
}

/// The path of the page that the link opens.
pub const CONFIRM: &str = "/account/confirm";

/// The page that the link opens, at every path that the link of a mail filter may lead to. Opening it changes nothing.
pub async fn landing(mut page: Page) -> Result<Response, Failure> {
    // The path may hold the secret, and the page links to itself in the other language.
    CONFIRM.clone_into(&mut page.path);
    Confirm { page, wrong: None }.answer()
}

/// The fields of the form: the whole link, or the part after its `#`.
#[derive(Deserialize)]
pub struct Pressed {
    link: String,
}

/// Confirms. It needs no session: the link is the proof, and may be opened on another device.
pub async fn confirm(State(app): State<App>, page: Page, Form(pressed): Form<Pressed>) -> Result<Response, Failure> {
    let secret = secret_in_link(&pressed.link, CONFIRM, ContactChanges::secret);
    let wrong = match app.contacts.confirm(secret.as_deref().unwrap_or_default()).await? {
        Confirmed::Changed(kind) => {
            let what = if kind == ContactKind::Email { "?email" } else { "" };
            return Ok(Redirect::to(&format!("/account/confirmed{what}")).into_response());
        }
        Confirmed::Refused => page.t.confirm_over,
        Confirmed::Taken => page.t.confirm_taken,
    };
    Confirm { page, wrong: Some(wrong) }.refuse(StatusCode::UNPROCESSABLE_ENTITY)
}

#[derive(Template)]
#[template(path = "confirmed.html")]
struct Done {
    page: Page,
    is_email: bool,
}

impl Content for Done {
    fn page(&self) -> &Page {
        &self.page
    }
}

/// The kind of the confirmed contact.
#[derive(Deserialize)]
pub struct What {
    email: Option<String>,
}

/// The account has the new contact.
pub async fn done(Query(what): Query<What>, page: Page) -> Result<Response, Failure> {
    Done { page, is_email: what.email.is_some() }.answer()
}
