//! Sessions. Each carries the auth hash of the password that opened it, and ends with that password.

use std::sync::Arc;

use anyhow::Result;
use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use password_reset::PasswordReset;
use password_reset::ports::Clock;
use sha2::{Digest, Sha256};
use sqlx::{AnyPool, FromRow};

use crate::users::{User, Users};

/// The name of the cookie.
pub const COOKIE: &str = "demo_session";

/// The maximum lifetime of a session.
const LONGEST: TimeDelta = TimeDelta::hours(12);

/// The table of sessions.
#[derive(Clone)]
pub struct Sessions {
    db: AnyPool,
    users: Users,
    reset: PasswordReset,
    clock: Arc<dyn Clock>,
    secure: bool,
}

#[derive(FromRow)]
struct Row {
    user_id: i64,
    fingerprint: String,
    begun_at: i64,
}

impl Sessions {
    /// Sessions of these users; `secure` for a site on https.
    #[must_use]
    pub fn new(db: &AnyPool, users: &Users, reset: &PasswordReset, clock: Arc<dyn Clock>, secure: bool) -> Self {
        Self { db: db.clone(), users: users.clone(), reset: reset.clone(), clock, secure }
    }

    /// Opens a session for a user who has just proved who they are. The returned secret is for their browser only; the table
    /// holds its digest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open(&self, user: &User, auth_hash: &str) -> Result<Cookie<'static>> {
        let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        sqlx::query("insert into sessions (id, user_id, fingerprint, begun_at) values ($1, $2, $3, $4)")
            .bind(digest(&secret))
            .bind(user.id)
            .bind(auth_hash)
            .bind(self.clock.now().timestamp_millis())
            .execute(&self.db)
            .await?;
        Ok(self.cookie(secret))
    }

    /// The user who is signed in with this cookie, and since when. A session whose auth hash is not that of the present
    /// password is void, even while its row exists.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user(&self, cookie: Option<&Cookie<'_>>) -> Result<Option<(User, DateTime<Utc>)>> {
        let Some(cookie) = cookie else { return Ok(None) };
        let row: Option<Row> = sqlx::query_as("select user_id, fingerprint, begun_at from sessions where id = $1")
            .bind(digest(cookie.value()))
            .fetch_optional(&self.db)
            .await?;
        let oldest = self.clock.now().checked_sub_signed(LONGEST).map(|at| at.timestamp_millis());
        let Some(row) = row.filter(|row| Some(row.begun_at) > oldest) else { return Ok(None) };
        let user = self.users.load(row.user_id).await?;
        let user = user.filter(|user| {
            user.hash()
                .is_some_and(|hash| self.reset.login().is_session_auth_hash(&row.fingerprint, &user.account(), &hash))
        });
        Ok(user.zip(DateTime::from_timestamp_millis(row.begun_at)))
    }

    /// Ends the session of this cookie.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close(&self, cookie: &Cookie<'_>) -> Result<()> {
        sqlx::query("delete from sessions where id = $1").bind(digest(cookie.value())).execute(&self.db).await?;
        Ok(())
    }

    fn cookie(&self, secret: String) -> Cookie<'static> {
        let cookie = Cookie::build((COOKIE, secret)).path("/").http_only(true).same_site(SameSite::Lax);
        cookie.secure(self.secure).build()
    }
}

fn digest(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
}
