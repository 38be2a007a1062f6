//! What a proof yields.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::flow::channel::{ProofKind, StepUp};
use crate::flow::reset::Reset;
use crate::flow::state::State;
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::Identifier;
use crate::secret::{GrantToken, NamesReset, PartialGrantToken, Secrets};

/// For so long after the password was set the same attempt again gets the same success (I2).
const REPEATS_FOR: Duration = Duration::from_secs(2 * 60);

/// The right to set one account's password, once: what [`verify`](crate::PasswordReset::verify) yields for a proof.
///
/// Only a proof makes a grant. It has no constructor and no `Clone`; [`set_password`](crate::PasswordReset::set_password) takes it by value, and
/// gives it back only with an error after which one can try again. It is no login, and must not be taken for one.
///
/// ```compile_fail,E0382
/// use password_reset::{Grant, NewPassword, PasswordReset};
///
/// async fn twice(reset: PasswordReset, grant: Grant) {
///     let _ = reset.set_password(grant, NewPassword::new("one")).await;
///     let _ = reset.set_password(grant, NewPassword::new("two")).await; // `grant` is gone
/// }
/// ```
///
/// ```compile_fail,E0451
/// use password_reset::secret::GrantToken;
/// use password_reset::{AccountId, Grant, Identifier, ProofKind};
///
/// fn forge(token: GrantToken, identifier: Identifier) -> Grant {
///     Grant { token, account: AccountId::new("7"), proved_by: ProofKind::Link, step_up: None, identifier }
/// }
/// ```
#[must_use = "a grant does nothing until `set_password` takes it"]
pub struct Grant {
    pub(super) token: GrantToken,
    pub(super) account: AccountId,
    pub(super) proved_by: ProofKind,
    pub(super) step_up: Option<ProofKind>,
    pub(super) identifier: Identifier,
}

impl Grant {
    /// Whose password may be set.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// What was brought to prove it first.
    #[must_use]
    pub fn proved_by(&self) -> ProofKind {
        self.proved_by
    }

    /// What was brought beside it, where the risk policy required a step-up.
    #[must_use]
    pub fn step_up(&self) -> Option<ProofKind> {
        self.step_up
    }

    /// What was typed when the reset was asked for: for the field by which a password manager knows whose password it is.
    /// A reset from a signed-in session or by an administrator has the account's id here.
    #[must_use]
    pub fn identifier(&self) -> &Identifier {
        &self.identifier
    }

    /// Until when it can be used.
    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        self.token.until()
    }

    /// The form in which it travels to the next request; [`Proof::Grant`](crate::Proof::Grant) makes it a grant again.
    #[must_use]
    pub fn into_token(self) -> GrantToken {
        self.token
    }

    pub(crate) fn token(&self) -> &GrantToken {
        &self.token
    }

    pub(crate) fn reset_id(&self) -> ResetId {
        self.token.reset_id()
    }
}

/// The first of two proofs was brought, and the risk policy requires a step-up: what
/// [`VerifyError::StepUpRequired`](crate::VerifyError::StepUpRequired) carries.
#[must_use = "the requester must be asked for the step-up"]
pub struct PartialGrant {
    pub(super) token: PartialGrantToken,
    pub(super) account: AccountId,
    pub(super) wants: StepUp,
    pub(super) attempts_left: u32,
    pub(super) identifier: Identifier,
}

impl PartialGrant {
    /// What is wanted: a code, which is on its way, or a factor of the application's own.
    #[must_use]
    pub fn wants(&self) -> StepUp {
        self.wants
    }

    /// Whose factor is to be checked.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// How many attempts at the step-up are left; at 0 only a new reset helps.
    #[must_use]
    pub fn attempts_left(&self) -> u32 {
        self.attempts_left
    }

    /// As [`Grant::identifier`].
    #[must_use]
    pub fn identifier(&self) -> &Identifier {
        &self.identifier
    }

    /// Until when the step-up can be brought.
    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        self.token.until()
    }

    /// The form in which it travels to the next request, with which the step-up is brought.
    #[must_use]
    pub fn into_token(self) -> PartialGrantToken {
        self.token
    }
}

impl fmt::Debug for PartialGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartialGrant")
            .field("account", &self.account)
            .field("wants", &self.wants)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("reset", &self.reset_id())
            .field("account", &self.account)
            .field("proved_by", &self.proved_by)
            .finish_non_exhaustive()
    }
}

/// Whether a grant is of this reset, not expired, and something can be done with it: set the password, or get
/// the same success again.
pub(crate) fn is_usable(secrets: &Secrets, token: &GrantToken, reset: &Reset, now: DateTime<Utc>) -> bool {
    let ours = reset.binding().is_some_and(|binding| secrets.is_grant(token, reset, binding));
    let usable = match reset.state() {
        State::Verified | State::Applying => reset.is_live(now),
        State::PasswordSet => reset.set_at().is_some_and(|at| now < crate::time::later(at, REPEATS_FOR)),
        _ => false,
    };
    ours && usable && now < token.until()
}
