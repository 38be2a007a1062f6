//! Whose rows are whose, where several services share a database.

use std::fmt;
use std::sync::Arc;

/// The most bytes of a realm's name.
const MAX_REALM_BYTES: usize = 255;

/// The name of one service among those that share a database or keys; every row belongs to one.
///
/// A service takes its own from [`Site::realm`](crate::Site::realm), which is the base URL unless the application names another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Realm(Arc<str>);

impl Realm {
    /// Wraps a name of 1 to 255 bytes without control characters; `None` for any other.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let fits = !name.is_empty() && name.len() <= MAX_REALM_BYTES && !name.chars().any(char::is_control);
        fits.then(|| Self(name.into()))
    }

    /// The name, as stores keep it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The realm of a store that no service has taken yet.
impl Default for Realm {
    fn default() -> Self {
        Self("default".into())
    }
}

impl fmt::Display for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_has_a_name() {
        for name in ["", "a\0b", "a\nb", &"r".repeat(256)] {
            assert_eq!(Realm::new(name), None, "{name:?}");
        }
        for name in ["a", "https://toko.example/reset", &"r".repeat(255)] {
            assert_eq!(Realm::new(name).as_ref().map(Realm::as_str), Some(name));
        }
        assert_eq!(Realm::new(Realm::default().as_str()), Some(Realm::default()));
    }
}
