//! Where resets are kept.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::audit::AuditRow;
use crate::error::PortError;
use crate::flow::Step;
use crate::id::{AccountId, ResetId};
use crate::reset::Reset;
use crate::secret::Digest;
use crate::tasks::Tasks;

/// Keeps resets, their counters and the audit trail.
///
/// # Contract
/// Each method is atomic: all of it happens or nothing, and where several callers run at once the result is as if they
/// had come one after the other. Each that decides something decides in the statement that writes, by the number of
/// rows it changed, never by a read before it (R159). The time is always the caller's; a store never asks a clock. A
/// row that was damaged is an error, never a reset (R27).
#[async_trait]
pub trait ResetStore: Debug + Send + Sync + 'static {
    /// Counts the request's source, if one is given, and inserts the row unless the source is over its limit.
    ///
    /// The audit rows are written with the reset. Over the limit nothing but the count is stored. When another row has
    /// the reset's inbound key, nothing is stored at all (R127).
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn open(&self, reset: &Reset, source: Option<&SourceCount>, audit: &[AuditRow]) -> Result<Opened, PortError>;

    /// Loads one reset.
    ///
    /// # Errors
    /// When the store cannot be read, or the row is damaged.
    async fn load(&self, id: ResetId) -> Result<Option<Reset>, PortError>;

    /// Loads the one reset that has this inbound key, and what is known of the sender whose digest is given: in one read,
    /// for every message that looks like a code costs it.
    ///
    /// # Errors
    /// When the store cannot be read, or the row is damaged.
    async fn load_inbound(
        &self,
        key: &Digest,
        sender: &Digest,
    ) -> Result<Option<(Reset, Option<KnownSender>)>, PortError>;

    /// Says what is known of a sender.
    ///
    /// # Errors
    /// When the store cannot be read, or the row is damaged.
    async fn sender(&self, name: &SenderName) -> Result<Option<KnownSender>, PortError>;

    /// Forgets what is known of a sender.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn forget_sender(&self, name: &SenderName) -> Result<(), PortError>;

    /// The open resets of an account that have not expired, oldest first; at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read, or a row is damaged.
    async fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError>;

    /// The versions of those of these resets that are stored, in any order: for the many that somebody waits for.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn versions(&self, resets: &[ResetId]) -> Result<Vec<(ResetId, i64)>, PortError>;

    /// Waits until somebody, on this node or another, says that a reset changed for which a person may be waiting: by a
    /// message that proved it.
    ///
    /// It is a hint: it may be lost, and it may be wrong. Whoever waits looks at [`versions`](Self::versions) too, so a
    /// store that has no such hints waits for ever. Dropping the call in the middle loses no more than a hint.
    ///
    /// # Errors
    /// When hints cannot be had now; the caller asks again after a while.
    async fn changed(&self) -> Result<ResetId, PortError>;

    /// Counts a try *before* anything is compared, unless `limit` tries were counted already (R29).
    ///
    /// For [`AttemptKind::Code`] it also adds one to the run of wrong codes of the reset's subject, which outlives the
    /// reset (R41). Counting does not change the reset's version.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn count_attempt(&self, id: ResetId, kind: AttemptKind, limit: u32) -> Result<Counted, PortError>;

    /// Sets the run of wrong codes of a subject back to zero.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn clear_failures(&self, subject: &Digest) -> Result<(), PortError>;

    /// Carries out a step: a compare-and-set on the version.
    ///
    /// Steps of one account exclude each other. In one transaction the row is replaced (but for its counters and its
    /// lease), what the step owes is added and what it forgives is taken away, siblings are closed and owe nothing more
    /// if the step says so, the run of wrong codes is cleared if it says so, what it learnt of a sender is kept if it
    /// learnt something, and the audit rows are written. A step
    /// that must not be expired changes nothing when the row's `expires_at` is not after the step's time.
    ///
    /// A store in the accounts' own database may write the step's [`PasswordChange`](super::PasswordChange) in the same
    /// transaction; it then stores the step's finished row and answers [`Advanced::Finished`].
    ///
    /// # Errors
    /// When the store cannot be written. The caller does not know whether it was.
    async fn advance(&self, step: &Step) -> Result<Advanced, PortError>;

    /// Leases up to `due.limit` rows that owe something now, longest waiting first, no row to two callers.
    ///
    /// A lease raises the row's lease number; a row is leased again when its lease has run out.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn due(&self, due: &Due) -> Result<Vec<Leased>, PortError>;

    /// Takes from a leased row what was paid, and gives the lease back; changes nothing when the lease is no longer the
    /// caller's.
    ///
    /// What the row came to owe since it was leased stays owed, and is due at once; the answer says whether there is such.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn acknowledge(&self, ack: &Ack) -> Result<Acknowledged, PortError>;

    /// Takes one token from a bucket, which is full when it was never used.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn take_permit(&self, quota: &Quota) -> Result<PermitTaken, PortError>;

    /// Writes an audit row by itself.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn record(&self, row: &AuditRow) -> Result<(), PortError>;

    /// Reads an account's audit rows, newest first; of one millisecond, the one that was written last comes first.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError>;

    /// Of an account's audit rows that name a contact, the last about each contact, in any order.
    ///
    /// Which is the last, [`history`](Self::history) says.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn outcomes(&self, account: &AccountId) -> Result<Vec<AuditRow>, PortError>;

    /// Deletes what is past its time, at most `purge.limit` rows of each kind; returns how many. Never a reset that
    /// still owes something.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn purge(&self, purge: &Purge) -> Result<u64, PortError>;

    /// Deletes everything about an account: its resets, live or not, the audit rows of the account and of those resets
    /// (also from before the account was known), the runs of wrong codes of their subjects, and what is known of its
    /// senders (R162, R164). What it did to others as an administrator stays on their record.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn erase(&self, account: &AccountId) -> Result<(), PortError>;
}

/// A source to count in [`ResetStore::open`], in fixed windows.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SourceCount {
    /// Keyed digest of the source.
    pub source: Digest,
    /// How many requests a window allows.
    pub limit: u32,
    /// How long a window lasts; windows start at multiples of it since 1970.
    pub window: Duration,
    /// Now.
    pub at: DateTime<Utc>,
}

impl SourceCount {
    /// Counts `source` against `limit` requests in a `window`.
    #[must_use]
    pub fn new(source: Digest, limit: u32, window: Duration, at: DateTime<Utc>) -> Self {
        Self { source, limit, window, at }
    }

    /// When the window of [`at`](Self::at) began.
    #[must_use]
    pub fn window_start(&self) -> DateTime<Utc> {
        let millis = i64::try_from(self.window.as_millis()).unwrap_or(i64::MAX).max(1);
        let into = self.at.timestamp_millis().checked_rem_euclid(millis).unwrap_or(0);
        crate::time::to_millis(crate::time::earlier(self.at, Duration::from_millis(into.unsigned_abs())))
    }

    /// When the window ends, and the count with it.
    #[must_use]
    pub fn window_end(&self) -> DateTime<Utc> {
        crate::time::later(self.window_start(), self.window)
    }
}

/// What [`ResetStore::open`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opened {
    /// The row is stored.
    Stored,
    /// The source is over its limit; nothing is stored.
    RateLimited,
    /// Another row has the reset's inbound key; nothing is stored or counted. Draw another nonce.
    DuplicateKey,
}

/// A name under which a sender is known: keyed digests both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SenderName {
    /// Of the number.
    Number(Digest),
    /// Of the name that the platform gives its user for this business.
    Id(Digest),
}

/// What an accepted message said about its sender, beside the number: what a later one that withholds the number is
/// recognised by (R125), and whether the phone behind the number is still the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownSender {
    /// Keyed digest of the number.
    pub number: Digest,
    /// Keyed digest of the platform's name for it; of two numbers with one name the later has it.
    pub id: Option<Digest>,
    /// Keyed digest of the platform's hash of its keys.
    pub identity: Option<Digest>,
    /// The account that the message was for; erased with it.
    pub account: AccountId,
    /// When the message was accepted.
    pub seen_at: DateTime<Utc>,
}

impl KnownSender {
    /// A sender of whom nothing but the number is known.
    #[must_use]
    pub fn new(number: Digest, account: AccountId, seen_at: DateTime<Utc>) -> Self {
        Self { number, id: None, identity: None, account, seen_at: crate::time::to_millis(seen_at) }
    }
}

/// What a try is counted against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptKind {
    /// A typed code.
    Code,
    /// An attempt to set the password.
    Completion,
}

/// What [`ResetStore::count_attempt`] found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Counted {
    /// Counted; go on.
    Yes {
        /// The row after counting.
        reset: Box<Reset>,
        /// Wrong codes in a row of the reset's subject, this try included; zero for completions.
        run: u32,
    },
    /// The limit was reached before; nothing was counted.
    LimitReached,
    /// There is no such reset.
    Unknown,
}

/// What became of a [`Step`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advanced {
    /// The row is in the step's state.
    Moved,
    /// The row is in the step's finished state, and the account has the new password.
    Finished,
    /// The row has another version, is gone, or has expired. Nothing was changed; load and look again.
    Conflict,
    /// The account is no longer as it was. Nothing was changed.
    StaleAccount,
}

/// Asks [`ResetStore::due`] for work.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Due {
    /// Now.
    pub at: DateTime<Utc>,
    /// Until when the leases last.
    pub lease_until: DateTime<Utc>,
    /// How many rows at the most.
    pub limit: u32,
}

impl Due {
    /// Asks for up to `limit` rows.
    #[must_use]
    pub fn new(at: DateTime<Utc>, lease_until: DateTime<Utc>, limit: u32) -> Self {
        Self { at, lease_until, limit }
    }
}

/// A row with a lease on it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Leased {
    /// The row.
    pub reset: Reset,
    /// The number of the lease; it fences.
    pub lease: i64,
}

impl Leased {
    /// A row under a lease.
    #[must_use]
    pub fn new(reset: Reset, lease: i64) -> Self {
        Self { reset, lease }
    }
}

/// Gives a lease back to [`ResetStore::acknowledge`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ack {
    /// The row.
    pub id: ResetId,
    /// The lease that is given back.
    pub lease: i64,
    /// Now.
    pub at: DateTime<Utc>,
    /// What the caller knew the row to owe.
    pub seen: Tasks,
    /// What is owed no longer.
    pub done: Tasks,
    /// Contacts that were told, by their place; added to the row's.
    pub notified: u32,
    /// Failed tries in a row; replaces the row's.
    pub delivery_attempts: u32,
    /// When to look again, if something of what was seen is still owed.
    pub retry_at: DateTime<Utc>,
    /// Audit rows to write with it.
    pub audit: Vec<AuditRow>,
}

impl Ack {
    /// Pays nothing yet.
    #[must_use]
    pub fn new(leased: &Leased, at: DateTime<Utc>) -> Self {
        Self {
            id: leased.reset.id(),
            lease: leased.lease,
            at,
            seen: leased.reset.tasks(),
            done: Tasks::NONE,
            notified: 0,
            delivery_attempts: 0,
            retry_at: at,
            audit: Vec::new(),
        }
    }
}

/// What [`ResetStore::acknowledge`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Acknowledged {
    /// All that is owed now was known to the caller.
    Done,
    /// The row owes something that the caller did not know of, and it is due.
    MoreTasks,
    /// The lease is no longer the caller's. Nothing was changed.
    LeaseLost,
}

/// A token bucket: `burst` tokens, one more every `refill` until it is full again.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Quota {
    /// Which bucket.
    pub key: Digest,
    /// How many tokens it holds.
    pub burst: u32,
    /// How long one more token takes.
    pub refill: Duration,
    /// Now.
    pub at: DateTime<Utc>,
}

impl Quota {
    /// A bucket at a time.
    #[must_use]
    pub fn new(key: Digest, burst: u32, refill: Duration, at: DateTime<Utc>) -> Self {
        Self { key, burst, refill, at }
    }

    /// Takes one token, given when the bucket will be full again; returns that time after it, and what was taken.
    ///
    /// This is all the arithmetic of a bucket (the "virtual scheduling" form of GCRA), so that a store only keeps one
    /// time a key: `full_at`, absent meaning full.
    #[must_use]
    pub fn take(&self, full_at: Option<DateTime<Utc>>) -> (Option<DateTime<Utc>>, PermitTaken) {
        let start = full_at.map_or(self.at, |full| full.max(self.at));
        let after = crate::time::later(start, self.refill);
        let capacity = self.refill.checked_mul(self.burst).unwrap_or(Duration::MAX);
        // A token is there when taking it leaves no more than `burst` refills to go.
        if crate::time::until(self.at, after) > capacity {
            let next_at = crate::time::earlier(after, capacity);
            return (full_at, PermitTaken::RateLimited { next_at });
        }
        let one_more = crate::time::later(after, self.refill);
        let next_at = crate::time::earlier(one_more, capacity);
        let last = crate::time::until(self.at, one_more) > capacity;
        (Some(after), PermitTaken::Granted { next_at: last.then_some(next_at) })
    }
}

/// What [`ResetStore::take_permit`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PermitTaken {
    /// One was there and is taken.
    Granted {
        /// It was the last; the next comes then.
        next_at: Option<DateTime<Utc>>,
    },
    /// None is there.
    RateLimited {
        /// When the next comes.
        next_at: DateTime<Utc>,
    },
}

/// What [`ResetStore::purge`] may delete.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Purge {
    /// Now; buckets that are full again and source windows that have ended go.
    pub at: DateTime<Utc>,
    /// Resets that expired before this, and owe nothing, go.
    pub resets_before: DateTime<Utc>,
    /// Audit rows from before this go, senders not seen since, and runs of wrong codes whose last reset expired before this: a run outlives the
    /// resets that raised it, or waiting for a purge would give new guesses (R41).
    pub audit_before: DateTime<Utc>,
    /// How many rows of each kind at the most.
    pub limit: u32,
}

impl Purge {
    /// Deletes up to `limit` rows of each kind.
    #[must_use]
    pub fn new(at: DateTime<Utc>, resets_before: DateTime<Utc>, audit_before: DateTime<Utc>, limit: u32) -> Self {
        Self { at, resets_before, audit_before, limit }
    }
}
