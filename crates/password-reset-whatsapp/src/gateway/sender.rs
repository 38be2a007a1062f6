//! The sender of a message, as gateways write it.

use password_reset::Identifier;

use crate::provider::SenderInfo;

pub(super) fn is_same_number(one: &str, other: &str) -> bool {
    // The core folds the two forms that WhatsApp has for some countries' numbers.
    let read = |phone: &str| {
        let digits = phone.strip_prefix('+').unwrap_or(phone);
        Identifier::phone(&format!("+{digits}"), None).ok()
    };
    read(one).is_some_and(|one| read(other) == Some(one))
}

/// Reads a user's address; `None` for groups, channels and broadcasts.
pub(super) fn sender_info(written: &str) -> Option<SenderInfo> {
    let written = written.strip_prefix("whatsapp:").unwrap_or(written);
    let (user, server) = match written.split_once('@') {
        Some((user, server)) => (user, Some(server)),
        None => (written, None),
    };
    // The address of a single device of the user: `62812…:3@s.whatsapp.net`.
    let user = user.split_once(':').map_or(user, |(user, _device)| user);
    let digits = user.strip_prefix('+').unwrap_or(user);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match server {
        None | Some("c.us" | "s.whatsapp.net") => Some(SenderInfo::new(Some(user), None)),
        Some("lid") => Some(SenderInfo::new(None, Some(&format!("{user}@lid")))),
        Some(_) => None,
    }
}
