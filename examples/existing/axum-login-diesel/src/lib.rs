//! The application's user table, for the program and its tests.

mod accounts;

pub use crate::accounts::Users;
