//! Risk decisions on proofs, and authorization of administrators.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::channel::{Channel, ProofKind, StepUp};
use crate::identity::account::Account;
use crate::identity::id::{AccountId, ResetId};

/// Decides whether a proof is enough for an account, and whether an administrator may start a reset for it, by the
/// application's own rules about risk and roles.
///
/// Without a risk policy every valid proof is enough, and no administrator may start a reset.
#[async_trait]
pub trait RiskPolicy: Debug + Send + Sync + 'static {
    /// Assesses a valid proof, after the secrets were compared and before anything is stored. A denied proof gets the same
    /// answer as a wrong one, and an audit row.
    ///
    /// The second proof of a step-up is not assessed again.
    ///
    /// # Errors
    /// When the proof cannot be assessed now; it stays usable.
    async fn assess(&self, context: &ProofContext) -> Result<Decision, PortError>;

    /// Decides whether an administrator may start a reset for an account.
    ///
    /// Deny administrators whose role is not higher than that of the account or who belong to another tenant, and ask
    /// for a recent login.
    ///
    /// # Errors
    /// When it cannot be decided now; no reset is started.
    async fn authorize_admin(&self, asking: &AdminContext) -> Result<AdminDecision, PortError>;
}

/// A valid proof, and its circumstances.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProofContext {
    /// The reset that it is for.
    pub reset: ResetId,
    /// The account whose password it would allow to set.
    pub account: AccountId,
    /// The channel of the reset.
    pub channel: Channel,
    /// The kind of the proof.
    pub proof: ProofKind,
    /// The platform reports that the sender's phone has other keys than at its last accepted message: a new phone, or a new
    /// holder of the number. A signal, not evidence of either.
    pub identity_changed: bool,
    /// When a signed message from the same number was last a proof for this account; `None` for the first, and for every
    /// other kind of proof. A number that was silent for long may have another holder by now.
    pub last_received: Option<DateTime<Utc>>,
    /// Keyed digest of the source of the request; the account's history has such digests too.
    pub source: Option<Digest>,
}

impl ProofContext {
    /// A context with the parts that every proof has; see the fields.
    #[must_use]
    pub fn new(reset: ResetId, account: AccountId, channel: Channel, proof: ProofKind) -> Self {
        Self { reset, account, channel, proof, identity_changed: false, last_received: None, source: None }
    }
}

/// The decision of a [`RiskPolicy`] on a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The proof is enough.
    Allow,
    /// The proof is denied; the requester must take another way.
    Deny,
    /// The proof is valid, but a second one by another method is required. If a code is required and the account has
    /// no confirmed contact of another kind, the proof is refused. Inbound messages are not blocked: the proof is assessed
    /// again when the waiting page claims it or the reply is used, and the second proof is required then. A step-up because
    /// of properties of the message itself ([`identity_changed`](ProofContext::identity_changed),
    /// [`last_received`](ProofContext::last_received)) cannot be repeated then, so such a message is refused, and the
    /// requester must take another way.
    StepUp(StepUp),
}

/// An administrator's request to start a reset.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AdminContext {
    /// The administrator, by the application's identifier.
    pub actor: AccountId,
    /// The account to act on, in its current state.
    pub target: Account,
    /// What the administrator wants to do.
    pub action: AdminAction,
    /// The reason, in the administrator's words.
    pub reason: String,
    /// The time of the administrator's last login, if the application gave it.
    pub authenticated_at: Option<DateTime<Utc>>,
    /// The present time.
    pub at: DateTime<Utc>,
}

impl AdminContext {
    /// A reset with these parts; see the fields.
    #[must_use]
    pub fn new(
        actor: AccountId,
        target: Account,
        reason: impl Into<String>,
        authenticated_at: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Self {
        Self { actor, target, action: AdminAction::Reset, reason: reason.into(), authenticated_at, at }
    }
}

/// What an administrator wants to do to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdminAction {
    /// Start a reset, whose link goes to a contact on record.
    Reset,
    /// Have another contact confirmed, which then replaces one on record.
    CorrectContact,
}

/// The decision of a [`RiskPolicy`] on an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdminDecision {
    /// The administrator may do it.
    Allow,
    /// The administrator may not.
    Deny,
}
