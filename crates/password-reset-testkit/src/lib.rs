//! Test support for `password-reset`: for applications that use it, and for whoever writes an adapter.
//!
//! * To test an application: [`MemoryStore`], [`MemoryAccounts`], [`FakeClock`], [`RecordingNotifier`].
mod fake_clock;
mod memory_accounts;
mod memory_store;
mod recording_notifier;

pub use crate::fake_clock::FakeClock;
pub use crate::memory_accounts::MemoryAccounts;
pub use crate::memory_store::MemoryStore;
pub use crate::recording_notifier::{RecordingNotifier, Sent, SentBody, Stall};
