//! Decisions of the application: which administrators may start resets for whom, which accounts need a step-up, and how an
//! account is locked.

use chrono::TimeDelta;
use password_reset::async_trait;
use password_reset::ports::{
    AccountLock, AccountLocker, AdminContext, AdminDecision, Decision, ProofContext, RiskPolicy,
};
use password_reset::{PortError, ProofKind, StepUp};

use crate::users::{User, Users};

/// An administrator who signed in earlier than this must sign in again.
pub const RECENT: TimeDelta = TimeDelta::minutes(30);

/// Administrators may start resets for other users only, and only soon after signing in. Accounts with two-step
/// verification also need a code to another contact, except in the settings, where the user is signed in.
#[derive(Debug)]
pub struct Roles(pub Users);

#[async_trait]
impl RiskPolicy for Roles {
    async fn assess(&self, context: &ProofContext) -> Result<Decision, PortError> {
        let user = self.user(context.account.as_str()).await?;
        let wants_two = user.is_some_and(|user| user.wants_two_proofs());
        let more = wants_two && context.proof != ProofKind::CurrentPassword;
        Ok(if more { Decision::StepUp(StepUp::Code) } else { Decision::Allow })
    }

    async fn authorize_admin(&self, asking: &AdminContext) -> Result<AdminDecision, PortError> {
        let is_recent = asking.authenticated_at.is_some_and(|at| asking.at - at < RECENT);
        let (actor, target) = (self.role(asking.actor.as_str()).await?, self.role(asking.target.id().as_str()).await?);
        Ok(match (actor, target) {
            (Some(true), Some(false)) if is_recent => AdminDecision::Allow,
            _ => AdminDecision::Deny,
        })
    }
}

impl Roles {
    /// Whether the account is an administrator; `None` where there is no such account.
    async fn role(&self, id: &str) -> Result<Option<bool>, PortError> {
        Ok(self.user(id).await?.map(|user| user.is_administrator()))
    }

    async fn user(&self, id: &str) -> Result<Option<User>, PortError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        self.0.load(id).await.map_err(failed("users cannot be read"))
    }
}

/// Locks an account with a random password.
#[derive(Debug)]
pub struct Locks(pub Users);

#[async_trait]
impl AccountLocker for Locks {
    async fn lock(&self, lock: &AccountLock) -> Result<(), PortError> {
        let Ok(id) = lock.account.as_str().parse() else { return Ok(()) };
        self.0.lock(id).await.map_err(failed("the account cannot be locked"))
    }
}

fn failed(what: &'static str) -> impl Fn(anyhow::Error) -> PortError {
    move |error| PortError::transient(what).because(AsError(error))
}

/// Needed because [`anyhow::Error`] does not implement [`std::error::Error`].
#[derive(Debug)]
struct AsError(anyhow::Error);

impl std::fmt::Display for AsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for AsError {}
