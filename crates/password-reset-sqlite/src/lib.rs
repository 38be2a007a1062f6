//! Resets and accounts of password-reset on SQLite.
