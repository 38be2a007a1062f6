//! Searches over the whole of `password-reset`, which is all in the tests of this crate:
//!
//! * `two_worlds`: whatever a stranger does, two services that differ in one account alone answer the same.
