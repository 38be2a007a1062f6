//! What proves a reset, and how a proof is refused.

use std::fmt::Debug;
use std::time::Duration;

use crate::error::PortError;
use crate::flow::IllegalStep;
use crate::identity::id::{AccountId, ResetId};
use crate::identity::locale::Locale;
use crate::identity::password::Password;
use crate::identity::source::Source;
use crate::secret::{Code, GrantToken, LinkToken, NamesReset, PartialGrantToken, RequesterToken};
use crate::service::grant::PartialGrant;

/// What proves that an account belongs to the requester.
#[derive(Debug)]
#[non_exhaustive]
pub enum Proof {
    /// The secret of a link.
    Link(LinkToken),
    /// The waiting browser's claim of what an inbound message proved: the first one gets it, and the token is worth nothing
    /// more.
    Claim(RequesterToken),
    /// A typed code, and the token of the requester.
    Code {
        /// The token of the code's own reset.
        requester_token: RequesterToken,
        /// What was typed.
        code: Code,
    },
    /// The current password, typed by the user who is signed in.
    CurrentPassword {
        /// Who is signed in, by the application's session.
        account: AccountId,
        /// What was typed.
        password: Password,
        /// Where the request comes from.
        source: Source,
        /// The language of the form.
        locale: Locale,
    },
    /// The code of a step-up, with what the first yielded.
    StepUpCode {
        /// What the first proof yielded.
        partial_grant: PartialGrantToken,
        /// What was typed.
        code: Code,
    },
    /// A step-up that the application checked itself: a passkey, a one-time password.
    ///
    /// # Security
    /// Bring it only when the factor of [`PartialGrant::account`] was checked and right; nothing here can check it again. What
    /// can be guessed is counted first, by [`attempt_factor`](crate::PasswordReset::attempt_factor).
    HostFactor(PartialGrantToken),
    /// A grant from an earlier request.
    Grant(GrantToken),
}

/// A proof was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Invalid, expired, used, closed, unknown, or one attempt too many: one answer for all.
    #[error("link or code is wrong, used or expired")]
    Refused,
    /// The proof is right, and the risk policy requires a step-up. Bring it with what this carries.
    #[error("second verification step required")]
    StepUpRequired(Box<PartialGrant>),
    /// The current password is another.
    #[error("current password is wrong")]
    WrongPassword,
    /// Too many wrong current passwords; login is not affected.
    #[error("rate limit reached: retry in {} s", retry_after.as_secs())]
    TooMany {
        /// When to try again.
        retry_after: Duration,
    },
    /// The hash pool is busy. Nothing was changed.
    #[error("password hashing queue is full: retry in {} s", retry_after.as_secs())]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// A port failed. The proof is not used up; try again.
    #[error("storage or another port is unavailable")]
    Unavailable(#[from] PortError),
}

impl VerifyError {
    /// The variant, for metrics.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::StepUpRequired(_) => "step_up_required",
            Self::WrongPassword => "wrong_password",
            Self::TooMany { .. } => "too_many",
            Self::Busy { .. } => "busy",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

impl Proof {
    /// The reset that it is about; none where it starts one.
    pub(crate) fn reset_id(&self) -> Option<ResetId> {
        match self {
            Self::Link(link) => Some(link.reset_id()),
            Self::Claim(requester_token) | Self::Code { requester_token, .. } => Some(requester_token.reset_id()),
            Self::CurrentPassword { .. } => None,
            Self::StepUpCode { partial_grant, .. } | Self::HostFactor(partial_grant) => Some(partial_grant.reset_id()),
            Self::Grant(grant) => Some(grant.reset_id()),
        }
    }
}

impl From<IllegalStep> for VerifyError {
    fn from(_: IllegalStep) -> Self {
        Self::Refused
    }
}
