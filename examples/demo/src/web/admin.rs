//! For administrators: the users, the delivery of their messages, resets for them, and the correction of their contacts.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use password_reset::admin::{AdminRequest, AdminRequestError, DeliveryOutcome};
use password_reset::flow::AuditEvent;
use password_reset::{AccountId, ContactKind, PortError};
use serde::Deserialize;
use url::form_urlencoded;

use super::contacts::read;
use super::page::{Content, Page, not_found};
use super::source::Source;
use super::{App, Failure};
use crate::demo::ZONE;
use crate::users::{PAGE, User};

/// The number of audit rows that are searched for the last step of a reset.
const LOOKS_BACK: u32 = 30;

#[derive(Template)]
#[template(path = "admin.html")]
struct Admin {
    page: Page,
    people: Vec<Person>,
    find: String,
    number: u32,
    has_more: bool,
    done: Option<String>,
    corrected: Option<String>,
    error: Option<&'static str>,
}

/// A user, as administrators see them.
struct Person {
    user: User,
    reset: Option<(&'static str, String)>,
    not_sent: Option<(String, String)>,
    deliveries: Vec<Delivered>,
}

struct Delivered {
    contact: String,
    words: String,
    why: Option<String>,
    at: String,
    failed: bool,
}

impl Content for Admin {
    fn page(&self) -> &Page {
        &self.page
    }
}

impl Admin {
    async fn new(app: &App, page: Page, wanted: Wanted) -> Result<Self, Failure> {
        let (find, number) = (wanted.find.unwrap_or_default(), wanted.page.unwrap_or(0));
        let mut users = app.users.list(&find, number).await?;
        let has_more = users.len() > PAGE;
        users.truncate(PAGE);
        let mut people = Vec::with_capacity(users.len());
        for user in users {
            people.push(Person::of(app, &page, user).await?);
        }
        Ok(Self { page, people, find, number, has_more, done: None, corrected: None, error: None })
    }
}

impl Person {
    async fn of(app: &App, page: &Page, user: User) -> Result<Self, PortError> {
        let (account, language) = (user.account(), app.reset.site().languages().get(page.locale));
        let history = app.reset.admin().history(&account, LOOKS_BACK).await?;
        let step = |event| match event {
            AuditEvent::Requested | AuditEvent::Issued | AuditEvent::Sent => Some(page.t.reset_asked),
            AuditEvent::Proved => Some(page.t.reset_proved),
            AuditEvent::PasswordSet => Some(page.t.reset_set),
            AuditEvent::Closed => Some(page.t.reset_closed),
            AuditEvent::LockRequested | AuditEvent::Locked => Some(page.t.reset_reported),
            _ => None,
        };
        let reset = history.iter().find_map(|row| Some((step(row.event)?, ZONE.text(row.at, language))));
        let deliveries = app.reset.admin().deliveries(&account).await?.into_iter().map(|last| Delivered {
            contact: last.contact.value().to_owned(),
            words: last.words(language),
            failed: matches!(
                last.outcome,
                DeliveryOutcome::NoSuchContact | DeliveryOutcome::Refused | DeliveryOutcome::GivenUp
            ),
            why: last.why,
            at: ZONE.text(last.at, language),
        });
        let deliveries = deliveries.collect();
        let not_sent = app.reset.admin().not_sent(&account).await?;
        let not_sent = not_sent.map(|it| (it.words(language), ZONE.text(it.at, language)));
        Ok(Self { user, reset, not_sent, deliveries })
    }
}

/// The requested part of the list.
#[derive(Default, Deserialize)]
pub struct Wanted {
    find: Option<String>,
    page: Option<u32>,
    done: Option<String>,
    corrected: Option<String>,
}

/// The list. For all other users the page does not exist.
pub async fn show(State(app): State<App>, Query(wanted): Query<Wanted>, page: Page) -> Result<Response, Failure> {
    if !page.is_for_administrators() {
        return not_found(page).await;
    }
    let (done, corrected) = (wanted.done.clone(), wanted.corrected.clone());
    let mut list = Admin::new(&app, page, wanted).await?;
    (list.done, list.corrected) = (done, corrected);
    list.answer()
}

/// The fields of the form beside a user.
#[derive(Deserialize)]
pub struct Asked {
    user: i64,
    reason: String,
}

/// Starts a reset for a user. The administrator sees neither a link nor a password.
pub async fn reset(
    State(app): State<App>,
    Source(source): Source,
    page: Page,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let (true, Some(me), Some(since)) = (page.is_for_administrators(), &page.user, page.signed_in_at) else {
        return not_found(page).await;
    };
    let target = AccountId::from(asked.user);
    let request = AdminRequest::new(me.account(), target, asked.reason, source).authenticated_at(since);
    match app.reset.admin().request(request.locale(page.locale)).await {
        Ok(()) => {
            let name = app.users.load(asked.user).await?.map(|user| user.full_name).unwrap_or_default();
            Ok(again("done", &name))
        }
        Err(error) => refuse(&app, page, error).await,
    }
}

/// The fields of the form that corrects a contact.
#[derive(Deserialize)]
pub struct Correction {
    user: i64,
    new: String,
    reason: String,
}

/// Asks a new contact of a user for its confirmation. Until then nothing changes.
pub async fn correct(
    State(app): State<App>,
    Source(source): Source,
    page: Page,
    Form(typed): Form<Correction>,
) -> Result<Response, Failure> {
    let (true, Some(me), Some(since)) = (page.is_for_administrators(), &page.user, page.signed_in_at) else {
        return not_found(page).await;
    };
    let Some(user) = app.users.load(typed.user).await? else { return not_found(page).await };
    let kind = if typed.new.contains('@') { ContactKind::Email } else { ContactKind::Phone };
    let Some(new) = read(kind, &typed.new).filter(|_| app.contacts.reaches(kind)) else {
        let error = page.t.admin_bad_contact;
        return with_error(&app, page, StatusCode::UNPROCESSABLE_ENTITY, error).await;
    };
    let request = AdminRequest::new(me.account(), user.account(), typed.reason, source).authenticated_at(since);
    match app.contacts.ask_for(request, &user, &new).await? {
        Ok(()) => Ok(again("corrected", new.value())),
        Err(error) => refuse(&app, page, error).await,
    }
}

/// Back to the list, which says what was done.
fn again(what: &str, whom: &str) -> Response {
    let done = form_urlencoded::Serializer::new(String::new()).append_pair(what, whom).finish();
    Redirect::to(&format!("/admin?{done}")).into_response()
}

async fn refuse(app: &App, page: Page, error: AdminRequestError) -> Result<Response, Failure> {
    let status = StatusCode::from_u16(error.status())?;
    let error = match error {
        AdminRequestError::BadReason => page.t.admin_bad_reason,
        AdminRequestError::Denied => page.t.admin_denied,
        AdminRequestError::NoContact => page.t.admin_no_contact,
        AdminRequestError::NotSent { .. } => page.t.contact_not_sent,
        AdminRequestError::TooMany { .. } => page.t.too_many,
        failed => return Err(failed.into()),
    };
    with_error(app, page, status, error).await
}

async fn with_error(app: &App, page: Page, status: StatusCode, error: &'static str) -> Result<Response, Failure> {
    let mut list = Admin::new(app, page, Wanted::default()).await?;
    list.error = Some(error);
    list.refuse(status)
}
