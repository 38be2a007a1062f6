#![doc = include_str!("../README.md")]

mod fake_clock;
mod faults;
mod keys;
mod log;
mod memory_accounts;
mod memory_store;
pub mod messages;
pub mod mocks;
mod plain_hasher;
mod recording_notifier;
pub mod sample;
mod sent;
pub mod suites;
pub mod voice;

pub use crate::fake_clock::FakeClock;
pub use crate::faults::{Fault, Faults, FaultyAccounts, FaultyNotifier, FaultyRandom, FaultyStore, Hook};
pub use crate::log::Log;
pub use crate::memory_accounts::MemoryAccounts;
pub use crate::memory_store::MemoryStore;
pub use crate::plain_hasher::PlainHasher;
pub use crate::recording_notifier::{RecordingNotifier, Stall};
pub use crate::sent::Sent;
