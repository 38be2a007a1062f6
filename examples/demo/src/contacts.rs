//! Changes of the email address or WhatsApp number of an account, pending until the new contact is confirmed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use password_reset::admin::{AdminRequest, AdminRequestError};
use password_reset::contacts::ConfirmationError;
use password_reset::message::SecretUrl;
use password_reset::ports::{Accounts, Clock};
use password_reset::{Account, Contact, ContactKind, PasswordReset, Site};
use sha2::{Digest, Sha256};
use sqlx::{AnyPool, FromRow};

use crate::users::{User, Users};

/// The path of the page behind the link.
pub const PAGE: &str = "account/confirm";

/// The lifetime of the link.
const LIVES: Duration = Duration::from_secs(60 * 60);

/// The requested and unconfirmed contacts.
#[derive(Clone)]
pub struct ContactChanges {
    db: AnyPool,
    users: Users,
    accounts: Arc<dyn Accounts>,
    reset: PasswordReset,
    site: Site,
    clock: Arc<dyn Clock>,
    kinds: Vec<ContactKind>,
}

/// The result of a request for another contact.
pub enum Asked {
    /// The link was sent.
    Sent,
    /// The transport refused the message.
    NotSent,
    /// The message quota is used up.
    TooMany,
}

/// The result of a confirmation.
pub enum Confirmed {
    /// The account has the new contact.
    Changed(ContactKind),
    /// The link is invalid, expired or used.
    Refused,
    /// Another account has the contact. Only a reader of its messages learns this.
    Taken,
}

#[derive(FromRow)]
struct Row {
    kind: String,
    value: String,
    made_for: String,
    asked_at: i64,
}

impl Row {
    fn contact(&self) -> Contact {
        if self.kind == "email" { Contact::email(&self.value) } else { Contact::phone(&self.value) }
    }

    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        DateTime::from_timestamp_millis(self.asked_at).is_some_and(|at| at <= now && now < at + LIVES)
    }
}

impl ContactChanges {
    /// Creates the table where it is missing. `origin` is the address of the site, `kinds` are the contacts that can be sent to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open(
        db: &AnyPool,
        users: &Users,
        accounts: Arc<dyn Accounts>,
        reset: &PasswordReset,
        origin: &str,
        clock: Arc<dyn Clock>,
        kinds: Vec<ContactKind>,
    ) -> Result<Self> {
        sqlx::raw_sql(SCHEMA).execute(db).await.context("the table of contact changes cannot be created")?;
        let ours = reset.site();
        let site =
            Site::new(ours.name(), origin).with_zone(ours.zone().clone()).with_languages(ours.languages().clone());
        Ok(Self { db: db.clone(), users: users.clone(), accounts, reset: reset.clone(), site, clock, kinds })
    }

    /// Reads the secret of a link: the id of a user, and 64 hexadecimal digits.
    #[must_use]
    pub fn secret(text: &str) -> Option<String> {
        let (id, token) = text.split_once('-')?;
        let is_secret =
            id.parse::<i64>().is_ok() && token.len() == 64 && token.bytes().all(|it| it.is_ascii_hexdigit());
        is_secret.then(|| text.to_owned())
    }

    /// Whether a contact of this kind can be confirmed here.
    #[must_use]
    pub fn reaches(&self, kind: ContactKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Sends a link to the contact. Nothing changes before its button is pressed, and the result does not reveal whether
    /// another account has the contact.
    ///
    /// Call it only after the signed-in user has entered the password again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask(&self, user: &User, new: &Contact) -> Result<Asked> {
        let (account, token) = self.token(user, new).await?;
        let link = self.link(user, &token);
        match self.reset.contacts().send_confirmation(&account, new, link, LIVES).await {
            Ok(()) => {}
            Err(ConfirmationError::TooMany { .. }) => return Ok(Asked::TooMany),
            Err(error) => {
                eprintln!("a confirmation could not be sent: {:#}", anyhow::Error::from(error));
                return Ok(Asked::NotSent);
            }
        }
        self.remember(user, new, &token).await?;
        Ok(Asked::Sent)
    }

    /// As [`ask`](Self::ask), for a user who cannot sign in: an administrator enters the contact. The reset service decides
    /// whether they may, and puts it on record.
    ///
    /// # Errors
    /// When the database fails. The inner error is the answer of the reset service.
    pub async fn ask_for(
        &self,
        request: AdminRequest,
        user: &User,
        new: &Contact,
    ) -> Result<Result<(), AdminRequestError>> {
        let (_, token) = self.token(user, new).await?;
        let sent = self.reset.admin().send_confirmation(request, new, self.link(user, &token), LIVES).await;
        if sent.is_ok() {
            self.remember(user, new, &token).await?;
        }
        Ok(sent)
    }

    async fn token(&self, user: &User, new: &Contact) -> Result<(Account, String)> {
        let account = self.account(user).await?;
        let token = self.reset.contacts().token(&account, new);
        Ok((account, token))
    }

    fn link(&self, user: &User, token: &str) -> SecretUrl {
        SecretUrl::new(&self.site, PAGE, &format!("{}-{token}", user.id))
    }

    /// Stores the requested contact, until it is confirmed.
    async fn remember(&self, user: &User, new: &Contact, token: &str) -> Result<()> {
        sqlx::query(
            "insert into contact_changes (user_id, kind, value, made_for, asked_at) values ($1, $2, $3, $4, $5)
             on conflict (user_id, kind) do update
             set value = excluded.value, made_for = excluded.made_for, asked_at = excluded.asked_at",
        )
        .bind(user.id)
        .bind(name_of(new.kind()))
        .bind(new.value())
        .bind(digest(token))
        .bind(self.clock.now().timestamp_millis())
        .execute(&self.db)
        .await?;
        Ok(())
    }

    /// The contacts of this account that can still be confirmed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pending(&self, user: &User) -> Result<Vec<Contact>> {
        let (rows, now) = (self.rows(user.id).await?, self.clock.now());
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let account = self.account(user).await?;
        // A change of the account since then, by a reset or otherwise, voids the row.
        let is_good = |row: &Row| row.made_for == digest(&self.reset.contacts().token(&account, &row.contact()));
        Ok(rows.iter().filter(|row| row.is_fresh(now) && is_good(row)).map(Row::contact).collect())
    }

    /// Sets the contact, if the account is as it was when the link was sent. Ends live resets, and notifies the previous
    /// contact.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn confirm(&self, secret: &str) -> Result<Confirmed> {
        let Some((id, token)) = secret.split_once('-') else { return Ok(Confirmed::Refused) };
        let Ok(id) = id.parse() else { return Ok(Confirmed::Refused) };
        let Some(user) = self.users.load(id).await? else { return Ok(Confirmed::Refused) };
        let account = self.account(&user).await?;
        let (rows, now) = (self.rows(id).await?, self.clock.now());
        let confirms =
            |row: &&Row| row.is_fresh(now) && self.reset.contacts().confirms(&account, &row.contact(), token);
        let Some(new) = rows.iter().find(confirms).map(Row::contact) else { return Ok(Confirmed::Refused) };
        match self.write(&user, &new).await {
            Ok(true) => {}
            Ok(false) => return Ok(Confirmed::Refused),
            Err(error) if error.as_database_error().is_some_and(|error| error.is_unique_violation()) => {
                return Ok(Confirmed::Taken);
            }
            Err(error) => return Err(error.into()),
        }
        self.reset.contacts().changed(account.id(), account.contacts()).await?;
        Ok(Confirmed::Changed(new.kind()))
    }

    /// Replaces the contact of this kind, if the account is as it was when the link was made, and deletes all other pending
    /// changes. `false` where the account has changed.
    async fn write(&self, user: &User, new: &Contact) -> Result<bool, sqlx::Error> {
        let mut transaction = self.db.begin().await?;
        let statement = if new.kind() == ContactKind::Email {
            "update users set email = $1 where id = $2 and email is not distinct from $3
             and phone is not distinct from $4 and password_hash is not distinct from $5"
        } else {
            "update users set phone = $1 where id = $2 and email is not distinct from $3
             and phone is not distinct from $4 and password_hash is not distinct from $5"
        };
        let hash = user.hash();
        let written = sqlx::query(statement)
            .bind(new.value())
            .bind(user.id)
            .bind(user.email.as_deref())
            .bind(user.phone.as_deref())
            .bind(hash.as_ref().map(|hash| hash.as_str()))
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        sqlx::query("delete from contact_changes where user_id = $1").bind(user.id).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(written == 1)
    }

    async fn rows(&self, user: i64) -> Result<Vec<Row>> {
        let rows = sqlx::query_as("select kind, value, made_for, asked_at from contact_changes where user_id = $1");
        Ok(rows.bind(user).fetch_all(&self.db).await?)
    }

    async fn account(&self, user: &User) -> Result<Account> {
        self.accounts.load(&user.account()).await?.context("the user does not exist")
    }
}

fn name_of(kind: ContactKind) -> &'static str {
    if kind == ContactKind::Email { "email" } else { "phone" }
}

/// The digest in the table, which tells whether a link is valid and from which no link can be made.
fn digest(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

const SCHEMA: &str = "
create table if not exists contact_changes (
    user_id bigint not null references users (id),
    kind text not null,
    value text not null,
    made_for text not null,
    asked_at bigint not null,
    primary key (user_id, kind)
);
";
