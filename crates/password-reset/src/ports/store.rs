//! Where resets are kept.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::store_types::{
    AccountState, Ack, Acknowledged, Attempt, Attempted, AuditFilter, Due, Loaded, Opened, Purge, StoreHealth,
    Transitioned,
};
use super::{AccountRows, AuditCursor, AuditEntry, Changes, Feed, FeedLease, Senders};
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::Step;
use crate::flow::audit::AuditRow;
use crate::flow::lease::Leased;
use crate::flow::reset::Reset;
use crate::identity::id::{AccountId, ResetId};
use crate::identity::realm::Realm;
use crate::quota::{PermitTaken, Quota};

/// Keeps resets, quotas and the audit trail.
///
/// # Contract
/// Each method is a whole step of the protocol and atomic: all of it happens or nothing, and where several callers run at once
/// the result is as if they had come one after the other. A method that decides something decides in the transaction that
/// writes, never by a read before it. The time is always the caller's; a store never asks a clock. A row that was damaged is
/// an error, never a reset.
///
/// A store is of one [`Realm`]. It writes the realm with every reset, audit row and sender, and every statement on them names
/// the realm: to a store, rows of another realm do not exist. Accounts of two realms may have the same id. Keys of quotas
/// are keyed digests that no other realm has, so quotas need no realm.
///
/// [`open`](Self::open) and [`transition`](Self::transition) return when what they wrote survives a loss of power, for the
/// answer to the requester then says that it happened. Everything else may be lost with the power, and is done again.
#[async_trait]
pub trait ResetStore: Debug + Send + Sync + 'static {
    /// The same store for another realm; [`Builder::build`](crate::Builder::build) takes the service's own.
    fn in_realm(self: Arc<Self>, realm: &Realm) -> Arc<dyn ResetStore>;

    /// What the store keeps of the senders of messages; `None` in a store that cannot receive WhatsApp messages.
    fn senders(&self) -> Option<&dyn Senders>;

    /// The hints that the store carries between nodes; `None` in a store that has none, or that one process uses alone.
    fn changes(&self) -> Option<&dyn Changes>;

    /// Takes the permit, if one is asked for, and inserts the row with its audit rows.
    ///
    /// With `lease_until` the row is leased to the caller from the start, as lease 1: the caller hands it to a worker in
    /// memory, and another worker finds it when the lease has run out. Without a permit, or when another row has the reset's
    /// inbound key, nothing is stored at all.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn open(
        &self,
        reset: &Reset,
        permit: Option<&Quota>,
        lease_until: Option<DateTime<Utc>>,
        audit: &[AuditRow],
    ) -> Result<Opened, PortError>;

    /// Loads one reset, and its account where the store keeps the accounts too.
    ///
    /// # Errors
    /// When the store cannot be read, or the row is damaged.
    async fn load(&self, id: ResetId) -> Result<Option<Loaded>, PortError>;

    /// Loads one reset and leaves its account alone.
    ///
    /// What a requester may ask before any proof goes by this: reading an account takes time, which would tell that there is
    /// one.
    ///
    /// # Errors
    /// When the store cannot be read, or the row is damaged.
    async fn load_reset(&self, id: ResetId) -> Result<Option<Reset>, PortError>;

    /// Loads the one reset that has this inbound key, as [`load`](Self::load) does.
    ///
    /// # Errors
    /// When the store cannot be read, or the row is damaged.
    async fn load_inbound(&self, key: &Digest) -> Result<Option<Loaded>, PortError>;

    /// Reads what a worker must know of an account before it issues: the same work for an account that does not exist.
    ///
    /// # Errors
    /// When the store cannot be read, or a row is damaged.
    async fn account_state(
        &self,
        account: &AccountId,
        quotas: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<AccountState, PortError>;

    /// The open resets of an account that have not expired, oldest first; at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read, or a row is damaged.
    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError>;

    /// Counts an attempt *before* anything is compared, unless its limit was reached already.
    ///
    /// Counting takes one permit of each of the attempt's quotas that has one, and does not change the reset's version. At
    /// the limit nothing is counted or taken. The account is read for who has proved something: not for
    /// [`Code`](super::AttemptKind::Code), which anybody may try at any account.
    ///
    /// # Errors
    /// When the store cannot be written, or the row is damaged.
    async fn attempt(&self, attempt: &Attempt) -> Result<Attempted, PortError>;

    /// Carries out a step: a compare-and-set on the version.
    ///
    /// Steps of one account exclude each other. In one transaction the permit that the step claims is taken, the row is
    /// replaced (but for its counters, and for its lease unless the step asks for one), the tasks that the step adds are added
    /// and those that it removes are removed, siblings are closed and their tasks dropped if the step says so, the quotas that it
    /// refills are full again, what it learnt of a sender is kept if it learnt something, and the audit rows are written. A
    /// step that must not be expired changes nothing when the row's `expires_at` is not after the step's time.
    ///
    /// A store in the accounts' own database may write the step's [`PasswordChange`](super::PasswordChange) in the same
    /// transaction; it then stores the step's finished row and answers [`Transitioned::Finished`].
    ///
    /// # Errors
    /// When the store cannot be written. The caller does not know whether it was.
    async fn transition(&self, step: &Step) -> Result<Transitioned, PortError>;

    /// Leases up to `due.limit` rows whose tasks are due, longest waiting first, no row to two callers.
    ///
    /// A lease raises the row's lease number; a row is leased again when its lease has run out. After those that are due come
    /// those whose tasks are due later than `due.furthest`, and a lease that ends later than that has run out: the clock was
    /// set back since they were written.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn lease(&self, due: &Due) -> Result<Vec<Leased>, PortError>;

    /// Takes completed tasks off leased rows and gives the leases back; answers in the order of `acks`.
    ///
    /// An ack whose lease is no longer the caller's changes nothing. Tasks that a row got since it was leased stay, and are due
    /// at once; the answer says whether there are such. Then the caller may keep the lease, and gets the row as it is now.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn acknowledge(&self, acks: &[Ack]) -> Result<Vec<Acknowledged>, PortError>;

    /// Takes one permit of a quota.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError>;

    /// Makes quotas full again.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn refill(&self, quotas: &[Digest]) -> Result<(), PortError>;

    /// Writes an audit row by itself.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn record(&self, row: &AuditRow) -> Result<(), PortError>;

    /// Reads audit rows of an account, newest first; of one millisecond, the one that was written last comes first.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, PortError>;

    /// Reads the audit rows of all accounts and of none in the order in which they were written, from the first after `after` on,
    /// or from the oldest; those from before `since` are left out. At most `limit`.
    ///
    /// A reader that goes on from the last row it was given meets every row once. No row appears behind a cursor that was given
    /// out: a row whose transaction may still be followed by an earlier one is not shown yet. Rows written one after the other
    /// come in that order, whatever times they have; of two whose transactions overlapped, either may come first. A cursor stays
    /// good when the rows before it are deleted.
    ///
    /// # Errors
    /// When the store cannot be read. Permanent, when the cursor is not of this store.
    async fn audit_after(
        &self,
        after: Option<&AuditCursor>,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError>;

    /// Takes, extends or gives back the lease of a feed, and moves its place if the caller holds it; `None`, and nothing is changed,
    /// when another caller has it.
    ///
    /// A feed that is not stored yet is one before the first row.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn lease_feed(&self, lease: &FeedLease) -> Result<Option<Feed>, PortError>;

    /// The versions of those of these resets that are stored, in any order: for the many browsers that wait.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError>;

    /// Looks whether the store can work: its database answers, the schema is of this version; and what is overdue.
    ///
    /// One look every few seconds must cost nothing worth naming, however many rows there are: of overdue rows at most 1,000
    /// are counted.
    ///
    /// # Errors
    /// When the store cannot be read, or its schema is not of this version.
    async fn health(&self, at: DateTime<Utc>) -> Result<StoreHealth, PortError>;

    /// The keys with which resets were made that have not expired, each once, in any order.
    ///
    /// Reads all of these resets, so it is for a start and for rotations, not for every minute.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn keys_in_use(&self, at: DateTime<Utc>) -> Result<Vec<String>, PortError>;

    /// Deletes what is past its time, at most `purge.limit` rows of each kind; returns how many. Never a reset that has
    /// pending tasks.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn purge(&self, purge: &Purge) -> Result<u64, PortError>;

    /// Reads all that [`erase`](Self::erase) with the same arguments would delete: resets and audit rows oldest first, the rest in
    /// any order.
    ///
    /// # Errors
    /// When the store cannot be read, or a row is damaged.
    async fn export(&self, account: &AccountId, keys: &[Digest]) -> Result<AccountRows, PortError>;

    /// Deletes everything about an account: its resets, live or not, the audit rows of the account and of all its resets (also
    /// those that were purged before, and rows from before the account was known), and what is known of its senders. `keys`
    /// are digests that stand for the account and its contacts: quotas of these keys go, those of its resets' subjects, and the
    /// resets without an account that have one of them as their subject, with their audit rows. What it did to others as an administrator stays on their record.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn erase(&self, account: &AccountId, keys: &[Digest]) -> Result<(), PortError>;
}
