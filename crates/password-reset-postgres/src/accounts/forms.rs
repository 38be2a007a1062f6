//! The forms in which a user table may hold an address or a phone number.

use password_reset::{CallingCode, Identifier};

/// An address with the domain in its native script, for tables that store addresses as typed.
pub(super) fn in_native_script(address: &str) -> Option<String> {
    let (local, domain) = address.split_once('@')?;
    let (native, no_errors) = idna::domain_to_unicode(domain);
    (no_errors.is_ok() && native != domain).then(|| format!("{local}@{native}"))
}

/// How many forms the statement that finds a number compares: the number and its other way of dialling, three forms each.
pub(super) const PHONE_FORMS: usize = 6;

/// The ways in which a table may hold a number: `+62812…`, and in its home country `62812…` and `0812…`.
pub(super) fn written_forms(international: &str, home: Option<CallingCode>) -> [Option<String>; 3] {
    let code = home.map(|home| format!("+{}", home.number()));
    let national = code.and_then(|code| international.strip_prefix(&code));
    let without_plus = national.and(international.strip_prefix('+')).map(str::to_owned);
    let at_home = national.map(|national| format!("0{national}"));
    [Some(international.to_owned()), without_plus, at_home]
}

/// A stored number in E.164 form, if it is stored in one of the [`written_forms`]. Where two numbers are
/// one, the stored one stays, because messages go there.
pub(super) fn international(stored: &str, home: Option<CallingCode>) -> Option<String> {
    let number = Identifier::phone(stored, home).ok()?;
    let mut same = number.same_numbers().into_iter();
    same.find(|number| written_forms(number, home).iter().flatten().any(|form| form == stored))
}
