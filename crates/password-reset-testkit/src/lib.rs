//! Test support for `password-reset`: for applications that use it, and for whoever writes an adapter.
//!
//! * To test an application: [`MemoryStore`], [`MemoryAccounts`], [`FakeClock`], [`RecordingNotifier`].
//! * To write an adapter: the [`suites`], one test of every promise of a port, races included, and [`sample`] rows.
//! * To see what happens when a port fails, or the process dies: [`Faults`] and its wrappers.
//! * To say which calls come and what they answer: the [`mocks`].
mod fake_clock;
mod faults;
mod memory_accounts;
mod memory_store;
pub mod mocks;
mod recording_notifier;
pub mod sample;
pub mod suites;

pub use crate::fake_clock::FakeClock;
pub use crate::faults::{Fault, Faults, FaultyAccounts, FaultyNotifier, FaultyRandom, FaultyStore, Hook};
pub use crate::memory_accounts::MemoryAccounts;
pub use crate::memory_store::MemoryStore;
pub use crate::recording_notifier::{RecordingNotifier, Sent, SentBody, Stall};
