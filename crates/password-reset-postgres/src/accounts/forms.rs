//! The forms in which a user table may hold an address or a phone number.

/// An address with the domain in its native script, for tables that store addresses as typed.
pub(super) fn in_native_script(address: &str) -> Option<String> {
    let (local, domain) = address.split_once('@')?;
    let (native, no_errors) = idna::domain_to_unicode(domain);
    (no_errors.is_ok() && native != domain).then(|| format!("{local}@{native}"))
}

/// How many forms the statement that finds a number compares: the number and its other way of dialling, three forms each.
pub(super) const PHONE_FORMS: usize = 6;
