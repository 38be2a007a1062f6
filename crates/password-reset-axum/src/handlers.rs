//! The pages: one file each.

pub(crate) mod ask;
pub(crate) mod assets;
pub(crate) mod cancel;
pub(crate) mod endings;
pub(crate) mod events;
pub(crate) mod link;
pub(crate) mod lock;
pub(crate) mod new_password;
pub(crate) mod second;
mod sure;
pub(crate) mod wait;

/// What was pasted or put in by the script: a whole link, or its secret alone.
fn secret_of(link: &str) -> &str {
    let link = link.trim();
    link.rsplit_once('#').map_or(link, |(_, secret)| secret)
}
