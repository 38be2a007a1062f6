//! One reset: the row that says where it stands and which tasks are pending.

mod binding;
mod stored;

use std::fmt;

use chrono::{DateTime, Utc};

pub use self::binding::Binding;
pub use self::stored::StoredReset;
use crate::digest::Digest;
use crate::flow::channel::{Channel, ProofKind};
use crate::flow::state::{CloseReason, State};
use crate::flow::tasks::Tasks;
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::Identifier;
use crate::identity::locale::Locale;
use crate::identity::shown;

/// One attempt to set a password.
///
/// Its state changes only through [`next`](crate::flow::next). A store writes what [`stored`](Self::stored) returns
/// and reads it back with [`from_stored`](Self::from_stored).
#[derive(Clone, PartialEq, Eq)]
pub struct Reset {
    pub(crate) row: StoredReset,
}

/// What a new reset is made of.
#[derive(Clone)]
#[non_exhaustive]
pub struct NewReset {
    /// Its name.
    pub id: ResetId,
    /// How the proof is to travel.
    pub channel: Channel,
    /// Who was named.
    pub identifier: Identifier,
    /// The language of the form.
    pub locale: Locale,
    /// The key that its secrets are made with.
    pub key_id: String,
    /// 32 random bytes.
    pub nonce: [u8; 32],
    /// Keyed digest of where the request came from.
    pub source: Digest,
    /// Whose wrong codes are counted: a keyed digest of the identifier, until the account is known.
    pub subject: Digest,
    /// When it was asked for.
    pub at: DateTime<Utc>,
    /// How long it waits for a proof.
    pub until: DateTime<Utc>,
    /// By what an inbound message finds it: a keyed digest of its code and of who must send it. Every reset of an inbound channel
    /// has one, and no other.
    pub inbound_key: Option<Digest>,
    /// On which device it was asked for, in a few words; cut to 80 characters.
    pub device: Option<String>,
}

impl NewReset {
    /// All parts of a new reset; see the fields.
    #[allow(clippy::too_many_arguments, reason = "each is a column of the row, and none has a default")]
    #[must_use]
    pub fn new(
        id: ResetId,
        channel: Channel,
        identifier: Identifier,
        locale: Locale,
        key_id: impl Into<String>,
        nonce: [u8; 32],
        source: Digest,
        subject: Digest,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            channel,
            identifier,
            locale,
            key_id: key_id.into(),
            nonce,
            source,
            subject,
            at,
            until,
            inbound_key: None,
            device: None,
        }
    }
}

impl Reset {
    /// Opens a reset. Its task is to be resolved; the step that issues it takes that off.
    #[must_use]
    pub fn open(new: NewReset) -> Self {
        let at = crate::time::to_millis(new.at);
        let until = crate::time::to_millis(new.until);
        Self {
            row: StoredReset {
                id: new.id,
                version: 1,
                channel: new.channel,
                state: State::Requested,
                locale: new.locale,
                identifier_kind: new.identifier.kind(),
                identifier: new.identifier.as_str().to_owned(),
                key_id: new.key_id,
                nonce: new.nonce,
                source: new.source,
                subject: new.subject,
                inbound_key: new.inbound_key,
                created_at: at,
                shown_until: until,
                expires_at: until,
                binding: None,
                proved_by: None,
                step_up: None,
                hash_digests: Vec::new(),
                device: new.device.as_deref().and_then(shown::device),
                set_at: None,
                code_attempts: 0,
                step_up_attempts: 0,
                completion_attempts: 0,
                tasks: Tasks::RESOLVE,
                due_at: Some(at),
                delivery_attempts: 0,
                notified: 0,
            },
        }
    }

    /// Opens a reset for one of the accounts that the identifier names: the one that `subject` is the digest of. No page shows it, so it
    /// has no code to type.
    pub(crate) fn open_for_one_account(new: NewReset, subject: Digest) -> Self {
        let mut reset = Self::open(new);
        (reset.row.subject, reset.row.shown_until) = (subject, reset.row.created_at);
        reset
    }

    /// Whether it was opened for one account, beside the reset that was asked for.
    pub(crate) fn is_of_one_account(&self) -> bool {
        self.row.shown_until == self.row.created_at
    }

    /// Reads a reset back from a store.
    ///
    /// # Errors
    /// When the row contradicts itself: it was damaged, and must not be believed.
    pub fn from_stored(row: StoredReset) -> Result<Self, DamagedRow> {
        let identifier_ok = Identifier::from_stored(row.identifier_kind, &row.identifier).is_some();
        let (bound, set) = (row.binding.is_some(), row.set_at.is_some());
        let proved = row.proved_by.is_some_and(|proof| !proof.is_step_up());
        let state_ok = match row.state {
            State::Requested => !bound && row.proved_by.is_none() && !set,
            State::CodeIssued => bound && row.proved_by.is_none() && !set,
            State::MessageReceived
            | State::AwaitingCode
            | State::AwaitingFactor
            | State::Verified
            | State::Applying => bound && proved && !set,
            State::PasswordSet | State::Locked => bound && proved && set,
            // A locked one is closed when another reset sets a password.
            State::Closed(CloseReason::OtherResetWon) => true,
            State::Closed(_) => !set,
        };
        let second_ok = row.step_up.is_none_or(ProofKind::is_step_up);
        let times_ok = row.created_at <= row.shown_until && row.created_at <= row.expires_at;
        let due_ok = row.tasks.is_empty() || row.due_at.is_some();
        let key_ok = row.inbound_key.is_some() == row.channel.is_inbound();
        let row_ok = key_ok && identifier_ok && times_ok && due_ok && row.version > 0;
        if row_ok && state_ok && second_ok { Ok(Self { row }) } else { Err(DamagedRow) }
    }

    /// What a store keeps.
    #[must_use]
    pub fn stored(&self) -> &StoredReset {
        &self.row
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> ResetId {
        self.row.id
    }

    /// Raised by one with every step.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.row.version
    }

    /// How the proof travels.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.row.channel
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.row.state
    }

    /// The language of the form.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.row.locale
    }

    /// Who was named.
    #[must_use]
    pub fn identifier(&self) -> Identifier {
        Identifier::unchecked(self.row.identifier_kind, &self.row.identifier)
    }

    pub(crate) fn key_id(&self) -> &str {
        &self.row.key_id
    }

    pub(crate) fn nonce(&self) -> &[u8; 32] {
        &self.row.nonce
    }

    /// Whose wrong codes are counted.
    #[must_use]
    pub fn subject(&self) -> &Digest {
        &self.row.subject
    }

    /// When it was asked for.
    #[must_use]
    pub fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }

    /// Until when the browser that asked sees it waiting; the same for accounts that do not exist.
    #[must_use]
    pub fn shown_until(&self) -> DateTime<Utc> {
        self.row.shown_until
    }

    /// Until when something can come of it.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.row.expires_at
    }

    /// What ties it to an account, once it was issued.
    #[must_use]
    pub fn binding(&self) -> Option<&Binding> {
        self.row.binding.as_ref()
    }

    /// The account, once it was issued.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.binding().map(Binding::account)
    }

    /// On which device the reset was asked for; `None` once a password was accepted, which may have come from another.
    pub(crate) fn requester_device(&self) -> Option<&str> {
        self.row.device.as_deref().filter(|_| self.row.hash_digests.is_empty())
    }

    /// When the password was set.
    #[must_use]
    pub fn set_at(&self) -> Option<DateTime<Utc>> {
        self.row.set_at
    }

    /// The pending tasks.
    #[must_use]
    pub fn tasks(&self) -> Tasks {
        self.row.tasks
    }

    /// Failed deliveries in a row.
    #[must_use]
    pub fn delivery_attempts(&self) -> u32 {
        self.row.delivery_attempts
    }

    /// Whether something can still come of it.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.state().is_open() && now < self.expires_at()
    }

    pub(crate) fn has_tried(&self, digest: &Digest) -> bool {
        self.row.hash_digests.contains(digest)
    }
}

impl fmt::Debug for NewReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewReset").field("id", &self.id).field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl fmt::Debug for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row.fmt(f)
    }
}

/// A row contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stored reset is inconsistent: the row was modified outside this library")]
#[non_exhaustive]
pub struct DamagedRow;

/// The most attempts whose digests a row can keep.
pub(crate) const MAX_HASHES: usize = 64;
