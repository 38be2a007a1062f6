//! Which administrators may start resets for whom.

use async_trait::async_trait;
use chrono::TimeDelta;
use password_reset::PortError;
use password_reset::ports::{Admission, Asking, Evidence, Gate, Judgement};

use crate::users::Users;

/// Whoever signed in longer ago than this must do so again (R116).
pub const RECENT: TimeDelta = TimeDelta::minutes(30);

/// Administrators may start a reset for people who are none (R113), and only soon after they signed in.
#[derive(Debug)]
pub struct Roles(pub Users);

#[async_trait]
impl Gate for Roles {
    async fn judge(&self, _: &Evidence) -> Result<Judgement, PortError> {
        Ok(Judgement::Enough)
    }

    async fn admit(&self, asking: &Asking) -> Result<Admission, PortError> {
        let is_recent = asking.authenticated_at.is_some_and(|at| asking.at - at < RECENT);
        let (actor, target) = (self.role(asking.actor.as_str()).await?, self.role(asking.target.id().as_str()).await?);
        Ok(match (actor, target) {
            (Some(true), Some(false)) if is_recent => Admission::Admitted,
            _ => Admission::Denied,
        })
    }
}

impl Roles {
    /// Whether somebody is an administrator; `None` for nobody.
    async fn role(&self, id: &str) -> Result<Option<bool>, PortError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        let user =
            self.0.load(id).await.map_err(|error| PortError::transient("cannot read users").because(AsError(error)))?;
        Ok(user.map(|user| user.is_administrator()))
    }
}

/// [`anyhow::Error`] is no [`std::error::Error`].
#[derive(Debug)]
struct AsError(anyhow::Error);

impl std::fmt::Display for AsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for AsError {}
