//! What an application, or an adapter crate, provides.
//!
//! Ports are for those who implement them: object-safe, small, no default bodies. What callers use is
//! [`PasswordReset`](crate::PasswordReset). The testkit has a conformance suite for each; an adapter that passes it
//! keeps the promises that the traits state.

mod account_locker;
mod accounts;
mod breached;
mod changes;
mod clock;
mod fallback;
mod feed;
mod hasher;
mod notifier;
mod observer;
mod phone_reader;
mod risk_policy;
mod senders;
mod shared;
mod store;
mod store_types;
mod user_table;

pub use self::account_locker::{AccountLock, AccountLocker};
pub use self::accounts::{Accounts, Changed};
pub use self::breached::BreachedPasswords;
pub use self::changes::Changes;
pub use self::clock::{Clock, SystemClock};
pub use self::fallback::{Fallback, FallbackError};
pub use self::feed::{AccountRows, AuditCursor, AuditEntry, Feed, FeedLease};
pub use self::hasher::{HashError, HashWorker, PasswordHasher, Verdict};
pub use self::notifier::{Delivery, Notifier};
pub use self::observer::Observer;
pub use self::phone_reader::PhoneReader;
pub use self::risk_policy::{AdminAction, AdminContext, AdminDecision, Decision, ProofContext, RiskPolicy};
pub use self::senders::Senders;
pub use self::store::ResetStore;
pub use self::store_types::{
    AccountState, Ack, Acknowledged, Attempt, AttemptKind, Attempted, AuditFilter, Due, Loaded, LoadedAccount, Opened,
    Purge, StoreHealth, Transitioned,
};
pub use self::user_table::{SessionTable, UserRow, UserTable};
pub use crate::digest::Digest;
pub use crate::flow::lease::{LeaseRequest, LeaseTaken, Leased};
pub use crate::identity::password_change::PasswordChange;
pub use crate::identity::sender::{KnownSender, SenderName};
pub use crate::quota::{PermitClaim, PermitTaken, Quota};
pub use crate::random::{RandomSource, SystemRandom};
pub use crate::time::to_millis;
