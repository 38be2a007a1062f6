//! For administrators: the users, the delivery of their messages, and resets for them.

use std::net::SocketAddr;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use password_reset::flow::AuditEvent;
use password_reset::{AccountId, AdminRequest, AdminRequestError, DeliveryOutcome, PortError};
use serde::Deserialize;
use url::form_urlencoded;

use super::page::{Content, Page, not_found};
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
    error: Option<&'static str>,
}

/// A user, as administrators see them.
struct Person {
    user: User,
    reset: Option<(&'static str, String)>,
    deliveries: Vec<Delivered>,
}

struct Delivered {
    contact: String,
    words: &'static str,
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
        Ok(Self { page, people, find, number, has_more, done: None, error: None })
    }
}

impl Person {
    async fn of(app: &App, page: &Page, user: User) -> Result<Self, PortError> {
        let account = user.account();
        let history = app.reset.history(&account, LOOKS_BACK).await?;
        let step = |event| match event {
            AuditEvent::Requested | AuditEvent::Issued | AuditEvent::Sent => Some(page.t.reset_asked),
            AuditEvent::Proved => Some(page.t.reset_proved),
            AuditEvent::PasswordSet => Some(page.t.reset_set),
            AuditEvent::Closed => Some(page.t.reset_closed),
            AuditEvent::LockRequested | AuditEvent::Locked => Some(page.t.reset_reported),
            _ => None,
        };
        let reset = history.iter().find_map(|row| Some((step(row.event)?, ZONE.text(row.at, page.locale))));
        let deliveries = app.reset.deliveries(&account).await?.into_iter().map(|last| Delivered {
            contact: last.contact.value().to_owned(),
            words: last.outcome.words(last.contact.kind(), page.locale),
            failed: matches!(
                last.outcome,
                DeliveryOutcome::NoSuchContact | DeliveryOutcome::Refused | DeliveryOutcome::GivenUp
            ),
            why: last.why,
            at: ZONE.text(last.at, page.locale),
        });
        Ok(Self { user, reset, deliveries: deliveries.collect() })
    }
}

/// The requested part of the list.
#[derive(Default, Deserialize)]
pub struct Wanted {
    find: Option<String>,
    page: Option<u32>,
    done: Option<String>,
}

/// The list. For all other users the page does not exist.
pub async fn show(State(app): State<App>, Query(wanted): Query<Wanted>, page: Page) -> Result<Response, Failure> {
    if !page.is_for_administrators() {
        return not_found(page).await;
    }
    let done = wanted.done.clone();
    let mut list = Admin::new(&app, page, wanted).await?;
    list.done = done;
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
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    page: Page,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let (true, Some(me), Some(since)) = (page.is_for_administrators(), &page.user, page.signed_in_at) else {
        return not_found(page).await;
    };
    let target = AccountId::new(asked.user.to_string());
    let request = AdminRequest::new(me.account(), target, asked.reason, peer.ip()).authenticated_at(since);
    let (status, error) = match app.reset.request_for(request.locale(page.locale)).await {
        Ok(()) => {
            let name = app.users.load(asked.user).await?.map(|user| user.full_name).unwrap_or_default();
            let done = form_urlencoded::Serializer::new(String::new()).append_pair("done", &name).finish();
            return Ok(Redirect::to(&format!("/admin?{done}")).into_response());
        }
        Err(AdminRequestError::BadReason) => (StatusCode::UNPROCESSABLE_ENTITY, page.t.admin_bad_reason),
        Err(AdminRequestError::Denied) => (StatusCode::FORBIDDEN, page.t.admin_denied),
        Err(AdminRequestError::NoContact) => (StatusCode::UNPROCESSABLE_ENTITY, page.t.admin_no_contact),
        Err(AdminRequestError::TooMany { .. }) => (StatusCode::TOO_MANY_REQUESTS, page.t.too_many),
        Err(failed) => return Err(failed.into()),
    };
    let mut list = Admin::new(&app, page, Wanted::default()).await?;
    list.error = Some(error);
    list.refuse(status)
}
