//! The account page, and the change of a password with the present one.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use password_reset::policy::Rule;
use password_reset::{ContactKind, NewPassword, Password, Proof, SetPasswordError, VerifyError};
use serde::Deserialize;

use super::page::{Content, Page};
use super::source::Source;
use super::{App, Failure};
use crate::users::User;

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    page: Page,
    me: User,
    rules: Vec<String>,
    passwordrules: String,
    changed: bool,
    wrong_current: Option<&'static str>,
    violations: Vec<String>,
    can_change_email: bool,
    can_change_phone: bool,
    pending: Vec<String>,
}

impl Content for Account {
    fn page(&self) -> &Page {
        &self.page
    }
}

impl Account {
    async fn new(app: &App, page: Page, me: User) -> Result<Self, Failure> {
        // Not what the second field says by itself, nor caps that only a few reach.
        let goes_without_saying =
            |rule: &Rule| matches!(rule, Rule::MaxBytes(_) | Rule::MaxLength(_) | Rule::Confirmed);
        let shown = app.reset.policy().rules().iter().filter(|rule| !goes_without_saying(rule));
        let language = app.reset.site().languages().get(page.locale);
        let rules = shown.map(|rule| rule.sentence(language)).collect();
        let passwordrules = app.reset.policy().passwordrules();
        let pending = app.contacts.pending(&me).await?.iter().map(|new| new.value().to_owned()).collect();
        Ok(Self {
            page,
            me,
            rules,
            passwordrules,
            changed: false,
            wrong_current: None,
            violations: Vec::new(),
            can_change_email: app.contacts.reaches(ContactKind::Email),
            can_change_phone: app.contacts.reaches(ContactKind::Phone),
            pending,
        })
    }

    /// The name of the link beside a contact.
    fn act(&self, is_there: bool) -> &'static str {
        if is_there { self.page.t.change_it } else { self.page.t.add_it }
    }
}

#[derive(Deserialize)]
pub struct After {
    changed: Option<String>,
}

/// The account page.
pub async fn show(State(app): State<App>, Query(after): Query<After>, mut page: Page) -> Result<Response, Failure> {
    let Some(me) = page.user.take() else { return Ok(Redirect::to("/sign-in").into_response()) };
    page.user = Some(me.clone());
    let mut account = Account::new(&app, page, me).await?;
    account.changed = after.changed.is_some();
    account.answer()
}

/// The fields of the form.
#[derive(Deserialize)]
pub struct Typed {
    current: String,
    password: String,
    again: String,
}

/// Sets a new password for a signed-in user who knows the present one. All other sessions of the user end.
pub async fn change_password(
    State(app): State<App>,
    Source(source): Source,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let Some(me) = page.user.clone() else { return Ok(Redirect::to("/sign-in").into_response()) };
    let proof = Proof::CurrentPassword {
        account: me.account(),
        password: Password::new(typed.current),
        source: source.into(),
        locale: page.locale,
    };
    let grant = match app.reset.verify(proof).await {
        Ok(grant) => grant,
        Err(VerifyError::WrongPassword | VerifyError::Refused) => {
            let wrong_current = Some(page.t.wrong_current);
            let refused = Account { wrong_current, ..Account::new(&app, page, me).await? };
            return refused.refuse(StatusCode::UNPROCESSABLE_ENTITY);
        }
        Err(VerifyError::TooMany { .. }) => {
            let wrong_current = Some(page.t.too_many);
            let refused = Account { wrong_current, ..Account::new(&app, page, me).await? };
            return refused.refuse(StatusCode::TOO_MANY_REQUESTS);
        }
        Err(failed) => return Err(failed.into()),
    };
    match app.reset.set_password(grant, NewPassword::confirmed(typed.password, typed.again)).await {
        Ok(_) => {
            // The present session ends too; a new one replaces it, with the new auth hash.
            let me = app.users.load(me.id).await?.ok_or_else(|| anyhow::anyhow!("the user is gone"))?;
            let hash = me.hash().ok_or_else(|| anyhow::anyhow!("the password is gone"))?;
            let session = app.sessions.open(&me, &app.reset.login().session_auth_hash(&me.account(), &hash)).await?;
            Ok((CookieJar::new().add(session), Redirect::to("/account?changed")).into_response())
        }
        Err(SetPasswordError::Rejected { violations, .. }) => {
            let language = app.reset.site().languages().get(page.locale);
            let violations = violations.iter().map(|violation| violation.sentence(language)).collect();
            let refused = Account { violations, ..Account::new(&app, page, me).await? };
            refused.refuse(StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(failed) => Err(failed.into()),
    }
}
