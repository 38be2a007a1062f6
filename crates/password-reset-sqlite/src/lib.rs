#![doc = include_str!("../README.md")]

mod accounts;
mod database;
mod error;
mod migrate;
mod reads;
mod rights;
mod row;
mod sql;
mod statement;
mod store;
mod trail;
mod writer;
mod writes;

pub use crate::accounts::SqliteAccounts;
pub use crate::error::SchemaError;
pub use crate::store::SqliteStore;
