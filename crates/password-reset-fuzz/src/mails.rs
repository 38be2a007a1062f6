//! Mails in the mailbox for bounces.

use password_reset_smtp::Bounce;

/// A mail without one of our message ids reports nothing.
pub(crate) fn check(bytes: &[u8]) {
    let bounce = Bounce::parse(bytes);
    let names_a_mail = bytes.contains(&b'@');
    assert!(bounce.is_none() || names_a_mail, "{bounce:?}");
}
