//! A second opinion: on proofs, and on administrators.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::account::Account;
use crate::channel::{Channel, ProofKind, StepUp};
use crate::digest::Digest;
use crate::error::PortError;
use crate::id::{AccountId, ResetId};

/// Says whether a proof is enough for an account, and whether an administrator may start a reset for it: the
/// application's own rules about risk and roles (R105, R113).
///
/// Without a gate every right proof is enough, and no administrator may start anything.
#[async_trait]
pub trait RiskPolicy: Debug + Send + Sync + 'static {
    /// Judges a right proof, after the secrets were compared and before anything is stored. What is refused looks to its
    /// bringer like a wrong one, and is on record.
    ///
    /// A second proof that this asked for is not judged again.
    ///
    /// # Errors
    /// When it cannot be judged now; the proof is not used up.
    async fn assess(&self, context: &ProofContext) -> Result<Decision, PortError>;

    /// Says whether an administrator may start a reset for an account.
    ///
    /// Let nobody act on an account of an equal or higher role, or of another tenant (R113), and ask for a login that is
    /// recent enough (R116).
    ///
    /// # Errors
    /// When it cannot be said now; nothing is started then.
    async fn authorize_admin(&self, asking: &AdminContext) -> Result<AdminDecision, PortError>;
}

/// A proof, and what is known about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProofContext {
    /// The reset that it proves.
    pub reset: ResetId,
    /// Whose password could be set.
    pub account: AccountId,
    /// How it travelled.
    pub channel: Channel,
    /// What was brought.
    pub proof: ProofKind,
    /// The platform says that the keys of the phone that sent it are not those of its last accepted message: a new
    /// phone, or somebody else with the number. A signal, not a proof of either.
    pub identity_changed: bool,
    /// When a signed message from the same number last proved something for this account; `None` for the first, and for
    /// every other proof. A number that was silent for long may be somebody else's by now (R142).
    pub last_received: Option<DateTime<Utc>>,
    /// Keyed digest of where the reset was asked for; the history of the account has such digests too.
    pub source: Option<Digest>,
}

impl ProofContext {
    /// All that every proof has; see the fields.
    #[must_use]
    pub fn new(reset: ResetId, account: AccountId, channel: Channel, proof: ProofKind) -> Self {
        Self { reset, account, channel, proof, identity_changed: false, last_received: None, source: None }
    }
}

/// What a [`RiskPolicy`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The proof is enough.
    Allow,
    /// It is not; the person must take another way.
    Deny,
    /// It is, with a second one by another method (R103). Where a code is asked for and the account has no confirmed
    /// contact of another kind, the proof is refused. What only says that a message came is not held up: the proof is judged
    /// again when the waiting page claims it, or the reply is brought, and a second one is asked for then. A second proof
    /// that is wanted only for what the message itself says ([`identity_changed`](ProofContext::identity_changed),
    /// [`last_received`](ProofContext::last_received)) could not be asked for then: such a message is refused, and the person takes
    /// another way.
    StepUp(StepUp),
}

/// An administrator wants to start a reset.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AdminContext {
    /// Who, as the application names them.
    pub actor: AccountId,
    /// For whom, as the account is now.
    pub target: Account,
    /// Why, in the administrator's words.
    pub reason: String,
    /// When the administrator last proved who they are, if the application said (R116).
    pub authenticated_at: Option<DateTime<Utc>>,
    /// Now.
    pub at: DateTime<Utc>,
}

impl AdminContext {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(
        actor: AccountId,
        target: Account,
        reason: impl Into<String>,
        authenticated_at: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Self {
        Self { actor, target, reason: reason.into(), authenticated_at, at }
    }
}

/// What a [`RiskPolicy`] says of an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdminDecision {
    /// They may.
    Allow,
    /// They may not.
    Deny,
}
