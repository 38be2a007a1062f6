#![doc = include_str!("../README.md")]

// The modules after it use its macros.
#[macro_use]
mod sql;

mod accounts;
mod acks;
mod clock;
mod error;
mod hints;
mod idle_connections;
mod migrate;
mod names;
mod row;
mod start;
mod store;
mod trail;
mod writes;

pub use crate::accounts::PostgresAccounts;
pub use crate::clock::PostgresClock;
pub use crate::error::SchemaError;
pub use crate::store::PostgresStore;
