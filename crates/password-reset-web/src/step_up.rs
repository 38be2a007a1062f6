//! Step-up: the second proof that the risk policy requires, for pages and API alike.

use std::fmt;

use async_trait::async_trait;
use password_reset::secret::Code;
use password_reset::{AccountId, Grant, PartialGrant, PasswordReset, PortError, Proof, StepUp};

use crate::contained;
use crate::failure::Failure;

const PANICKED: &str = "the check of the second factor panicked";

/// Checks a second factor of the application's own that can be typed: a one-time password, a recovery code. The pages
/// ask for it where the risk policy requires [`StepUp::HostFactor`](password_reset::StepUp::HostFactor).
///
/// # Security
/// The service counts and limits attempts before it calls this, as it does for codes of its own. An implementation must
/// use up what may be used once when it accepts it.
#[async_trait]
pub trait SecondFactor: fmt::Debug + Send + Sync + 'static {
    /// Whether `typed` is right for this account now. It comes from an unauthenticated client, in any length up to
    /// that of a body.
    ///
    /// # Errors
    /// When the factor cannot be checked; the page tells the user to try again, as it does when this panics.
    async fn check(&self, account: &AccountId, typed: &str) -> Result<bool, PortError>;
}

/// The result of an attempt at the second proof.
pub(crate) enum StepUpResult {
    Granted(Grant),
    /// Not of the form of a code; the attempt was not counted.
    Unreadable,
    Wrong,
}

/// Verifies what was typed as the second proof.
pub(crate) async fn verify(
    reset: &PasswordReset,
    factor: Option<&dyn SecondFactor>,
    partial_grant: PartialGrant,
    typed: &str,
) -> Result<StepUpResult, Failure> {
    let outcome = match partial_grant.wants() {
        StepUp::Code => {
            let Ok(code) = Code::parse(typed) else { return Ok(StepUpResult::Unreadable) };
            reset.verify(Proof::StepUpCode { partial_grant: partial_grant.into_token(), code }).await
        }
        StepUp::HostFactor => {
            let factor = factor.ok_or_else(no_factor)?;
            if typed.trim().is_empty() {
                return Ok(StepUpResult::Unreadable);
            }
            match reset.attempt_factor(partial_grant.into_token()).await {
                Ok(counted) => {
                    let checking = contained::wait(PANICKED, || factor.check(counted.account(), typed.trim()));
                    if !checking.await? {
                        return Ok(StepUpResult::Wrong);
                    }
                    reset.verify(Proof::HostFactor(counted.into_token())).await
                }
                Err(error) => Err(error),
            }
        }
        _ => return Err(unknown()),
    };
    match outcome.map_err(Failure::from) {
        Ok(grant) => Ok(StepUpResult::Granted(grant)),
        Err(Failure::Refused) => Ok(StepUpResult::Wrong),
        Err(failure) => Err(failure),
    }
}

fn no_factor() -> Failure {
    password_reset::log_bounded!(
        error,
        "the risk policy requires an application factor, but none is set: call `Web::second_factor(…)`"
    );
    Failure::Internal
}

fn unknown() -> Failure {
    password_reset::log_bounded!(
        error,
        "the risk policy requires a step-up that these pages do not support: update password-reset-web"
    );
    Failure::Internal
}
