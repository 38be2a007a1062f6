//! A second opinion on proofs.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::channel::{Channel, ProofKind};
use crate::error::PortError;
use crate::id::{AccountId, ResetId};

/// Says whether a proof is enough for an account: the application's own rules about risk (R105).
///
/// Asked for every right proof, after the secrets were compared and before anything is stored. Without a gate every
/// right proof is enough.
#[async_trait]
pub trait Gate: Debug + Send + Sync + 'static {
    /// Judges a right proof. What is refused looks to its bringer like a wrong one, and is on record.
    ///
    /// # Errors
    /// When it cannot be judged now; the proof is not used up.
    async fn judge(&self, evidence: &Evidence) -> Result<Judgement, PortError>;
}

/// A proof, and what is known about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Evidence {
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
    pub last_heard: Option<DateTime<Utc>>,
}

impl Evidence {
    /// All that every proof has; see the fields.
    #[must_use]
    pub fn new(reset: ResetId, account: AccountId, channel: Channel, proof: ProofKind) -> Self {
        Self { reset, account, channel, proof, identity_changed: false, last_heard: None }
    }
}

/// What a [`Gate`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Judgement {
    /// The proof is enough.
    Enough,
    /// It is not; the person must take another way.
    Refused,
}
