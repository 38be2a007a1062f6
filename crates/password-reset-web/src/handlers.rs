//! The pages, one file each.

pub(crate) mod assets;
pub(crate) mod cancel;
mod confirm;
pub(crate) mod endings;
pub(crate) mod events;
pub(crate) mod link;
pub(crate) mod lock;
pub(crate) mod lost;
pub(crate) mod new_password;
pub(crate) mod start;
pub(crate) mod step_up;
pub(crate) mod wait;
