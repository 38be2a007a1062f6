#![doc = include_str!("../README.md")]

mod accounts;
mod acks;
mod clock;
mod error;
mod hints;
mod idle_connections;
mod migrate;
mod names;
mod row;
mod sql;
mod start;
mod store;
mod trail;
mod writes;

pub use crate::accounts::PostgresAccounts;
pub use crate::clock::PostgresClock;
pub use crate::error::SchemaError;
pub use crate::store::PostgresStore;
