//! Links, tokens, codes and keys, as they arrive in addresses, cookies, fields and settings.

use password_reset::secret::{CancelToken, Code, GrantToken, LinkToken, LockToken, PartialGrantToken, RequesterToken};
use password_reset::{Key, KeyRing};

/// A secret has one text: what is read is written the same.
pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    macro_rules! one_text {
        ($($secret:ty),*) => {$(
            if let Ok(secret) = <$secret>::parse(text) {
                assert_eq!(secret.expose(), text, stringify!($secret));
            }
        )*};
    }
    one_text!(LinkToken, RequesterToken, CancelToken, LockToken, GrantToken, PartialGrantToken);
    if let Ok(code) = Code::parse(text) {
        let digits = code.expose();
        assert!(digits.bytes().all(|digit| digit.is_ascii_digit()), "{text:?}");
        assert!(Code::parse(digits).is_ok_and(|again| again.expose() == digits), "{text:?}");
    }
    if let Ok(key) = Key::parse(text) {
        assert!(!format!("{key:?}").contains(text), "a key shows itself");
    }
    drop(KeyRing::parse(text));
}
