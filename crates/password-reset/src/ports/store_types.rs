//! What goes into a [`ResetStore`](super::ResetStore) and comes out of it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::flow::audit::AuditRow;
use crate::flow::lease::{LeaseTaken, Leased};
use crate::flow::reset::Reset;
use crate::flow::tasks::Tasks;
use crate::identity::account::Account;
use crate::identity::id::{AccountId, ResetId};
use crate::identity::locale::Locale;
use crate::quota::{PermitTaken, Quota};
use crate::time::MAX_CLOCK_SKEW;

/// What [`ResetStore::open`](super::ResetStore::open) did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opened {
    /// The row is stored.
    Stored,
    /// The quota has no permit; nothing is stored.
    RateLimited {
        /// When the next permit comes.
        next_at: DateTime<Utc>,
    },
    /// Another row has the reset's inbound key; nothing is stored or taken. Draw another nonce.
    DuplicateKey,
}

/// A reset that was loaded, with its account where the store keeps the accounts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// The row.
    pub reset: Reset,
    /// Its account.
    pub account: LoadedAccount,
}

impl Loaded {
    /// A row whose account must be asked of the accounts.
    #[must_use]
    pub fn without_account(reset: Reset) -> Self {
        Self { reset, account: LoadedAccount::Elsewhere }
    }

    /// A row and its account; `None` when the row has none yet, or there is no such account any more.
    #[must_use]
    pub fn with_account(reset: Reset, account: Option<Account>) -> Self {
        Self { reset, account: LoadedAccount::Here(account) }
    }
}

/// The account of a reset that was loaded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum LoadedAccount {
    /// The store does not keep the accounts: ask [`Accounts::load`](super::Accounts::load).
    Elsewhere,
    /// As it was in the same read; `None` when there is no such account.
    Here(Option<Account>),
}

/// What [`ResetStore::account_state`](super::ResetStore::account_state) read.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct AccountState {
    /// Contacts of which the last outcome on record is [`NoSuchContact`](crate::flow::AuditEvent::NoSuchContact), as the audit
    /// rows name them.
    pub failing: Vec<Digest>,
    /// Resets of the account that are [`Locked`](crate::flow::State::Locked) and have not expired, oldest first.
    pub locked: Vec<Reset>,
    /// When each of the quotas that were asked about will be full again; `None` for one that is.
    pub full_at: Vec<Option<DateTime<Utc>>>,
}

impl AccountState {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(failing: Vec<Digest>, locked: Vec<Reset>, full_at: Vec<Option<DateTime<Utc>>>) -> Self {
        Self { failing, locked, full_at }
    }
}

/// What an attempt is counted against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store that leaves one out must not compile")]
pub enum AttemptKind {
    /// A typed code, as the first proof: only the browser that asked for the reset can raise it.
    Code,
    /// A step-up code or factor: only the holder of the partial grant can raise it.
    StepUp,
    /// Setting the password.
    Completion,
}

/// An attempt to count.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The reset that it is counted against.
    pub id: ResetId,
    /// Which of the reset's counters it raises.
    pub kind: AttemptKind,
    /// How many are allowed.
    pub limit: u32,
    /// Quotas to take a permit of, where there is one; each has a key of its own.
    pub quotas: Vec<Quota>,
}

impl Attempt {
    /// An attempt without quotas.
    #[must_use]
    pub fn new(id: ResetId, kind: AttemptKind, limit: u32) -> Self {
        Self { id, kind, limit, quotas: Vec::new() }
    }

    /// Takes a permit of each of these too, no two of which have the same key.
    #[must_use]
    pub fn taking(mut self, quotas: impl IntoIterator<Item = Quota>) -> Self {
        self.quotas.extend(quotas);
        self
    }
}

/// What [`ResetStore::attempt`](super::ResetStore::attempt) found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Attempted {
    /// Counted; go on.
    Counted {
        /// The row after counting, and its account.
        loaded: Box<Loaded>,
        /// What each quota gave, in their order.
        permits: Vec<PermitTaken>,
    },
    /// The limit was reached before; nothing was counted.
    LimitReached,
    /// There is no such reset.
    Unknown,
}

/// What became of a [`Step`](crate::flow::Step).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transitioned {
    /// The row is in the step's state.
    Moved {
        /// The lease, if the step asked for one and has it.
        lease: Option<LeaseTaken>,
    },
    /// The row is in the step's finished state, and the account has the new password.
    Finished {
        /// The lease, if the step asked for one and has it.
        lease: Option<LeaseTaken>,
    },
    /// The row has another version, is gone, or has expired, or the permit that the step claims is gone. Nothing was changed;
    /// load and look again.
    Conflict,
    /// The account is no longer as it was. Nothing was changed.
    StaleAccount,
}

impl Transitioned {
    /// Whether the row is in the step's state, or in its finished one.
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Moved { .. } | Self::Finished { .. })
    }

    /// The lease that the step took, if any.
    #[must_use]
    pub const fn lease(self) -> Option<LeaseTaken> {
        match self {
            Self::Moved { lease } | Self::Finished { lease } => lease,
            Self::Conflict | Self::StaleAccount => None,
        }
    }
}

/// Asks [`ResetStore::lease`](super::ResetStore::lease) for work.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Due {
    /// Now.
    pub at: DateTime<Utc>,
    /// Until when the leases last.
    pub lease_until: DateTime<Utc>,
    /// How many rows at the most.
    pub limit: u32,
    /// No task is due, and no lease ends, after this, unless the clock has been set back since: then the task is due now, and
    /// the lease has ended.
    pub furthest: DateTime<Utc>,
}

impl Due {
    /// No task is put off for longer.
    pub(crate) const MAX_PUT_OFF: Duration = Duration::from_secs(20 * 60);

    /// Asks for up to `limit` rows. [`furthest`](Self::furthest) is 35 minutes ahead: 20 for which a task may be put off, or as
    /// long as the lease lasts, and 15 by which the clocks of nodes may differ.
    #[must_use]
    pub fn new(at: DateTime<Utc>, lease_until: DateTime<Utc>, limit: u32) -> Self {
        let put_off = crate::time::later(at, Self::MAX_PUT_OFF);
        Self { at, lease_until, limit, furthest: crate::time::later(put_off.max(lease_until), MAX_CLOCK_SKEW) }
    }
}

/// Completed tasks of one leased row, for [`ResetStore::acknowledge`](super::ResetStore::acknowledge).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ack {
    /// The row.
    pub id: ResetId,
    /// The lease that is given back.
    pub lease: i64,
    /// Now.
    pub at: DateTime<Utc>,
    /// The tasks that the caller knew the row to have.
    pub seen: Tasks,
    /// The tasks that are completed.
    pub done: Tasks,
    /// Contacts that were notified, by their place; added to the row's.
    pub notified: u32,
    /// Failed deliveries in a row; replaces the row's.
    pub delivery_attempts: u32,
    /// When to look again, if a task that was seen is still pending.
    pub retry_at: DateTime<Utc>,
    /// Until when the caller keeps the lease, if the row has a task that it did not know of: it goes on with that one.
    /// `None` gives the lease back whatever there is to do.
    pub keep_until: Option<DateTime<Utc>>,
    /// Audit rows to write with it.
    pub audit: Vec<AuditRow>,
    /// The language of the row, for metrics.
    pub(crate) locale: Locale,
}

impl Ack {
    /// Completes nothing yet.
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
            keep_until: None,
            audit: Vec::new(),
            locale: leased.reset.locale(),
        }
    }
}

/// What [`ResetStore::acknowledge`](super::ResetStore::acknowledge) did with one [`Ack`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Acknowledged {
    /// The caller knew all tasks that are pending now.
    Done,
    /// The row has a task that the caller did not know of, and it is due.
    MoreTasks {
        /// The row as it is now, if the caller [keeps its lease](Ack::keep_until). `None` also where it is damaged: then the
        /// lease has to run out.
        kept: Option<Box<Leased>>,
    },
    /// The lease is no longer the caller's. Nothing was changed.
    LeaseLost,
}

impl Acknowledged {
    /// The row whose lease the caller keeps, if it does.
    pub(crate) fn kept(self) -> Option<Leased> {
        match self {
            Self::MoreTasks { kept } => kept.map(|kept| *kept),
            Self::Done | Self::LeaseLost => None,
        }
    }
}

/// Which audit rows [`ResetStore::audit`](super::ResetStore::audit) reads.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a store that leaves one out must not compile")]
pub enum AuditFilter {
    /// The newest of an account.
    Newest {
        /// The account.
        account: AccountId,
        /// How many at the most.
        limit: u32,
    },
    /// Of an account's rows that name a contact, the newest about each contact.
    NewestOfEachContact {
        /// The account.
        account: AccountId,
    },
}

/// What [`ResetStore::purge`](super::ResetStore::purge) may delete.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Purge {
    /// Now: quotas that are full again go.
    pub at: DateTime<Utc>,
    /// Resets that expired before this, and have no pending tasks, go.
    pub resets_before: DateTime<Utc>,
    /// Audit rows from before this go, but for [noise](AuditRow::is_noise), and senders not seen since.
    pub audit_before: DateTime<Utc>,
    /// Audit rows that are [noise](AuditRow::is_noise) and from before this go.
    pub noise_before: DateTime<Utc>,
    /// How many rows of each kind at the most.
    pub limit: u32,
}

impl Purge {
    /// Deletes up to `limit` rows of each kind. The two kinds of audit rows have one time, until
    /// [`noise_before`](Self::noise_before) is set.
    #[must_use]
    pub fn new(at: DateTime<Utc>, resets_before: DateTime<Utc>, audit_before: DateTime<Utc>, limit: u32) -> Self {
        Self { at, resets_before, audit_before, noise_before: audit_before, limit }
    }
}

/// What [`ResetStore::health`](super::ResetStore::health) saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreHealth {
    /// The time of the database; `None` where it has no clock of its own.
    pub clock: Option<DateTime<Utc>>,
    /// How many rows have tasks that are due, and no worker has leased; 1,000 stands for any number beyond.
    pub overdue: u64,
    /// Since when the oldest of them has been due.
    pub oldest_due_at: Option<DateTime<Utc>>,
}

impl StoreHealth {
    /// The most rows that are counted.
    pub const MAX_OVERDUE: u32 = 1_000;

    /// What was seen.
    #[must_use]
    pub fn new(clock: Option<DateTime<Utc>>, overdue: u64, oldest_due_at: Option<DateTime<Utc>>) -> Self {
        Self { clock, overdue, oldest_due_at }
    }
}
