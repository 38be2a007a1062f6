//! The second of two proofs, for pages and API alike.

use password_reset::{Code, Grant, PartialGrant, PartialGrantToken, Proof, StepUp};

use crate::factor::SecondFactor;
use crate::failure::Failure;
use crate::shared::Shared;

/// What became of what was typed.
pub(crate) enum Second {
    Right(Grant),
    /// It has not the form of a code; nothing was counted.
    Unreadable,
    Wrong,
}

/// Brings what was typed, to go with the first proof.
pub(crate) async fn bring(web: &Shared, partial_grant: PartialGrant, typed: &str) -> Result<Second, Failure> {
    let outcome = match partial_grant.wants() {
        StepUp::Code => {
            let Ok(code) = Code::parse(typed) else { return Ok(Second::Unreadable) };
            web.reset.verify(Proof::StepUpCode { partial_grant: partial_grant.into_token(), code }).await
        }
        StepUp::HostFactor => {
            let factor = factor(web)?;
            if typed.trim().is_empty() {
                return Ok(Second::Unreadable);
            }
            match web.reset.attempt_factor(partial_grant.into_token()).await {
                Ok(counted) if factor.check(counted.account(), typed.trim()).await? => {
                    web.reset.verify(Proof::HostFactor(counted.into_token())).await
                }
                Ok(_) => return Ok(Second::Wrong),
                Err(error) => Err(error),
            }
        }
        _ => return Err(unknown()),
    };
    match outcome.map_err(Failure::from) {
        Ok(grant) => Ok(Second::Right(grant)),
        Err(Failure::Refused) => Ok(Second::Wrong),
        Err(failure) => Err(failure),
    }
}

fn factor(web: &Shared) -> Result<&dyn SecondFactor, Failure> {
    web.factor.as_deref().ok_or_else(|| {
        tracing::error!("the gate wants a factor of the application: give `Web::second_factor` what checks it");
        Failure::Internal
    })
}

fn unknown() -> Failure {
    tracing::error!("the gate wants a second proof that these pages do not know");
    Failure::Internal
}

pub(crate) fn copy(token: &PartialGrantToken) -> Result<PartialGrantToken, Failure> {
    Ok(PartialGrantToken::parse(&token.expose())?)
}
