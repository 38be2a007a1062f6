//! What an application, or an adapter crate, provides.
//!
//! Ports are for those who implement them: object-safe, small, no default bodies. What callers use is
//! [`PasswordReset`](crate::PasswordReset). The testkit has a conformance suite for each; an adapter that passes it
//! keeps the promises that the traits state.

mod accounts;
mod breached;
mod clock;
mod freezer;
mod gate;
mod hasher;
mod notifier;
mod phone_reader;
mod shared;
mod store;

pub use self::accounts::{Accounts, Changed, PasswordChange};
pub use self::breached::BreachedPasswords;
pub use self::clock::{Clock, SystemClock};
pub use self::freezer::{Freeze, Freezer};
pub use self::gate::{Admission, Asking, Evidence, Gate, Judgement};
pub use self::hasher::{HashError, HashWorker, PasswordHasher, Verdict};
pub use self::notifier::{Delivery, Notifier};
pub use self::phone_reader::PhoneReader;
pub use self::store::{
    Advanced, Bucket, Counted, Due, KnownSender, Leased, Opened, Purge, ResetStore, SenderName, Settled, Settlement,
    SourceCount, TokenTaken, TryKind,
};
pub use crate::random::{RandomSource, SystemRandom};
