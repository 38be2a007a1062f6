//! The countries that messages may go to.

use crate::error::WhatsAppConfigError;

/// The countries that messages may go to. Every message costs money, and attackers get a share of some prices.
#[derive(Clone, Debug)]
pub struct Countries(Option<Vec<String>>);

impl Countries {
    /// Only numbers that begin with one of these prefixes: `+62`, or `+1242` for a country behind a shared code.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for an empty list, and a prefix that is not a plus and one to seven digits.
    pub fn only(prefixes: &[&str]) -> Result<Self, WhatsAppConfigError> {
        let is_prefix = |prefix: &&str| {
            prefix.strip_prefix('+').is_some_and(|digits| {
                (1..=7).contains(&digits.len())
                    && digits.bytes().all(|digit| digit.is_ascii_digit())
                    && !digits.starts_with('0')
            })
        };
        if prefixes.is_empty() || !prefixes.iter().all(is_prefix) {
            return Err(WhatsAppConfigError::new("countries", "list at least one calling code, each like +62"));
        }
        Ok(Self(Some(prefixes.iter().map(|prefix| (*prefix).to_owned()).collect())))
    }

    /// All countries. Every requester can then cause messages to the most expensive numbers of the world.
    #[must_use]
    pub fn any() -> Self {
        Self(None)
    }

    pub(super) fn allow(&self, number: &str) -> bool {
        self.0.as_ref().is_none_or(|prefixes| prefixes.iter().any(|prefix| number.starts_with(prefix)))
    }
}

/// Whether a contact is a number in E.164 form.
pub(super) fn is_e164(number: &str) -> bool {
    number.bytes().skip(1).all(|digit| digit.is_ascii_digit())
        && number.starts_with('+')
        && password_reset::Identifier::phone(number, None).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Countries, is_e164};

    #[test]
    fn only_listed_countries_are_allowed() {
        let countries = Countries::only(&["+62", "+1242"]).unwrap();
        assert!(countries.allow("+6281200000001") && countries.allow("+12425550123"));
        assert!(!countries.allow("+12025550123") && !countries.allow("+8821612345678") && !countries.allow("62812"));
        assert!(Countries::any().allow("+8821612345678"));
        for wrong in [&[][..], &["62"], &["+"], &["+0"], &["+62", ""], &["+6281200000"], &["+6a"]] {
            assert!(Countries::only(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_number_is_a_plus_and_digits() {
        assert!(is_e164("+6281200000001") && is_e164("+5215512345678"));
        for other in [
            "",
            "+",
            "6281200000001",
            "081200000001",
            "+62 812",
            "+62812a0000001",
            "+0812",
            "+62812000000000001",
            "+\u{666}2812",
        ] {
            assert!(!is_e164(other), "{other}");
        }
    }
}
