//! The JSON API, for front ends of the application's own. Errors are problem documents (RFC 9457).

pub(crate) mod cancel;
pub(crate) mod json;
pub(crate) mod lock;
pub(crate) mod openapi;
pub(crate) mod password;
pub(crate) mod password_check;
pub(crate) mod policy;
pub(crate) mod requests;
pub(crate) mod status;
pub(crate) mod verify;
