#![doc = include_str!("../README.md")]

mod accounts;
mod error;
mod migrate;
mod row;
mod sql;
mod store;
mod together;
mod writer;
mod writes;

pub use crate::accounts::SqliteAccounts;
pub use crate::error::SchemaError;
pub use crate::store::SqliteStore;
