//! Test support for `password-reset`: for applications that use it, and for whoever writes an adapter.
//!
//! * To test an application: [`MemoryStore`], [`MemoryAccounts`], [`FakeClock`] and [`RecordingNotifier`] behave like
//!   the real ones, wait for no real time, and show what was sent, so that a test can play the person who reads it.
//! * To write an adapter: the [`suites`], one test of every promise of a port, races included, and [`sample`] rows.
//!   The macros [`store_conformance!`], [`writing_store_conformance!`], [`accounts_conformance!`] and
//!   [`notifier_conformance!`] make the tests.
//! * To see what happens when a port fails, or the process dies: [`Faults`], and the wrappers that it is shared by.
//! * To say which calls come and what they answer: the [`mocks`].
//! * To keep texts of your own in the words of the library: [`voice::avoided`].
//!
//! What a test sends and reads here is made up, but secrets are secrets: [`Sent`] shows them through its methods and
//! never in `Debug`.
//!
//! ```
//! use std::sync::Arc;
//! use password_reset::{Account, AccountStatus, Contact, PasswordHash};
//! use password_reset_testkit::{FakeClock, MemoryAccounts, MemoryStore, RecordingNotifier};
//!
//! let accounts = MemoryAccounts::new();
//! accounts.add_named(
//!     "ana",
//!     Account::new("1", AccountStatus::Active)
//!         .with_contact(Contact::email("ana@example.com"))
//!         .with_hash(PasswordHash::new("$argon2id$…")),
//! );
//! let store = Arc::new(MemoryStore::writing(accounts.clone()));
//! let notifier = RecordingNotifier::new();
//! let clock = FakeClock::default();
//! // Give them to the builder of the service; then ask, run the worker once, and read the message:
//! assert!(notifier.last().is_none());
//! # drop((store, clock));
//! ```

mod fake_clock;
mod faults;
mod memory_accounts;
mod memory_store;
pub mod mocks;
mod recording_notifier;
pub mod sample;
mod sent;
pub mod suites;
pub mod voice;

pub use crate::fake_clock::FakeClock;
pub use crate::faults::{Fault, Faults, FaultyAccounts, FaultyNotifier, FaultyRandom, FaultyStore, Hook};
pub use crate::memory_accounts::MemoryAccounts;
pub use crate::memory_store::MemoryStore;
pub use crate::recording_notifier::{RecordingNotifier, Stall};
pub use crate::sent::Sent;
