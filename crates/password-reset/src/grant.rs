//! What a proof yields.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::channel::ProofKind;
use crate::id::{AccountId, ResetId};
use crate::identifier::Identifier;
use crate::secret::GrantToken;

/// The right to set one account's password, once: what [`verify`](crate::PasswordReset::verify) yields for a proof.
///
/// It has no constructor and no `Clone`; [`set_password`](crate::PasswordReset::set_password) takes it by value, and
/// gives it back only with an error after which one can try again (I1). It is no login, and must not be taken for one
/// (R62, R100).
#[must_use = "a grant does nothing until `set_password` takes it"]
pub struct Grant {
    token: GrantToken,
    id: ResetId,
    account: AccountId,
    proved_by: ProofKind,
    identifier: Identifier,
}

impl Grant {
    pub(crate) fn new(
        token: GrantToken,
        id: ResetId,
        account: AccountId,
        proved_by: ProofKind,
        identifier: Identifier,
    ) -> Self {
        Self { token, id, account, proved_by, identifier }
    }

    /// Whose password may be set.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// What was brought to prove it first (R103).
    #[must_use]
    pub fn proved_by(&self) -> ProofKind {
        self.proved_by
    }

    /// What was typed when the reset was asked for: for the field by which a password manager knows whose password it is
    /// (R83). A reset that somebody signed in began, or an administrator, has the account's id here.
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
        self.id
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("reset", &self.id)
            .field("account", &self.account)
            .field("proved_by", &self.proved_by)
            .finish_non_exhaustive()
    }
}
