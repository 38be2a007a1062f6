//! The pages, one file each.

pub(crate) mod assets;
pub(crate) mod cancel;
mod confirm;
pub(crate) mod endings;
pub(crate) mod events;
pub(crate) mod link;
pub(crate) mod lock;
pub(crate) mod new_password;
pub(crate) mod start;
pub(crate) mod step_up;
pub(crate) mod wait;

/// The secret of a link. The field holds the whole link where a user pasted it, and the secret alone from the script.
fn secret_of(link: &str) -> &str {
    let link = link.trim();
    link.rsplit_once('#').map_or(link, |(_, secret)| secret)
}
