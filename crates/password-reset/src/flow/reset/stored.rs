//! A reset as it lies in a table.

use std::fmt;

use chrono::{DateTime, Utc};

use super::Binding;
use crate::digest::Digest;
use crate::flow::channel::{Channel, ProofKind};
use crate::flow::state::State;
use crate::flow::tasks::Tasks;
use crate::identity::id::ResetId;
use crate::identity::identifier::IdentifierKind;
use crate::identity::locale::Locale;

/// A reset as it lies in a table: one field a column.
///
/// Plain data for those who write a store; [`Reset::from_stored`](super::Reset::from_stored) checks it.
#[allow(clippy::exhaustive_structs, reason = "stores must be able to build it; a new column is a breaking change")]
#[derive(Clone, PartialEq, Eq)]
pub struct StoredReset {
    /// Its name.
    pub id: ResetId,
    /// Raised by one with every step.
    pub version: i64,
    /// How the proof travels.
    pub channel: Channel,
    /// Where it stands.
    pub state: State,
    /// The language of the form.
    pub locale: Locale,
    /// What kind of name was typed.
    pub identifier_kind: IdentifierKind,
    /// What was typed, normalised.
    pub identifier: String,
    /// The key that its secrets are made with.
    pub key_id: String,
    /// 32 random bytes.
    pub nonce: [u8; 32],
    /// Keyed digest of where the request came from.
    pub source: Digest,
    /// Whose wrong codes are counted.
    pub subject: Digest,
    /// By what an inbound message finds it; unique.
    pub inbound_key: Option<Digest>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// Until when its browser sees it waiting.
    pub shown_until: DateTime<Utc>,
    /// Until when something can come of it.
    pub expires_at: DateTime<Utc>,
    /// The account, its fingerprint, and the lives of what was issued: five columns, all or none; and the contact of the
    /// first proof, which may be missing.
    pub binding: Option<Binding>,
    /// What was brought to prove it.
    pub proved_by: Option<ProofKind>,
    /// What was brought beside it.
    pub step_up: Option<ProofKind>,
    /// Keyed digests of the hashes that were tried, 32 bytes each, oldest first.
    pub hash_digests: Vec<Digest>,
    /// On which device it was asked for or, once a password was accepted, on which the last one was set; in a few words: at most 80
    /// characters.
    pub device: Option<String>,
    /// When the password was set.
    pub set_at: Option<DateTime<Utc>>,
    /// Counted by `attempt`; a step does not write it.
    pub code_attempts: u32,
    /// Counted by `attempt`; a step does not write it.
    pub step_up_attempts: u32,
    /// Counted by `attempt`; a step does not write it.
    pub completion_attempts: u32,
    /// The pending tasks. A step adds and removes; it does not overwrite.
    pub tasks: Tasks,
    /// When the worker is to look; set by steps that add tasks, and by `acknowledge`.
    pub due_at: Option<DateTime<Utc>>,
    /// Failed deliveries in a row; written by `acknowledge` alone.
    pub delivery_attempts: u32,
    /// Contacts that were notified, one bit each; written by `acknowledge` alone.
    pub notified: u32,
}

/// Shows where the reset stands; not what was typed, and not the nonce.
impl fmt::Debug for StoredReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reset")
            .field("id", &self.id)
            .field("version", &self.version)
            .field("channel", &self.channel)
            .field("state", &self.state)
            .field("account", &self.binding.as_ref().map(Binding::account))
            .field("expires_at", &self.expires_at)
            .field("tasks", &self.tasks)
            .finish_non_exhaustive()
    }
}
