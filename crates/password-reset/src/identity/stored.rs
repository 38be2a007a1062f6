//! The forms in which user tables hold phone numbers.

use super::identifier::{CallingCode, Identifier};

/// The ways in which a table may hold a number in E.164 form: `+62812…`, and in its home country `62812…` and as it is
/// dialled there, `0812…`.
#[must_use]
pub fn stored_forms(number: &str, home: Option<CallingCode>) -> [Option<String>; 3] {
    let at_home = home.and_then(|home| home.national(number));
    let without_plus = at_home.as_ref().and(number.strip_prefix('+')).map(str::to_owned);
    [Some(number.to_owned()), without_plus, at_home]
}

/// A stored number in E.164 form; `None` unless it is stored in one of the [`stored_forms`]. Where WhatsApp writes a number
/// in two ways, the stored one stays, because messages go there.
#[must_use]
pub fn stored_number(stored: &str, home: Option<CallingCode>) -> Option<String> {
    let number = Identifier::phone(stored, home).ok()?;
    let mut same = number.same_numbers().into_iter();
    same.find(|number| stored_forms(number, home).iter().flatten().any(|form| form == stored))
}
