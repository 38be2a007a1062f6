#![doc = include_str!("../README.md")]

mod accounts;
mod clock;
mod error;
mod hints;
mod kinds;
mod migrate;
mod row;
mod spares;
mod sql;
mod store;
mod together;

pub use crate::accounts::PostgresAccounts;
pub use crate::clock::PostgresClock;
pub use crate::error::SchemaError;
pub use crate::store::PostgresStore;
