//! Strict parsing of addresses: exactly one mailbox.
//!
//! Policy for other scripts: a domain becomes A-labels (RFC 5891). A local part must be ASCII, because many servers
//! do not support the extension for others (SMTPUTF8, RFC 6531) and would return the mail. Quoted local parts and address
//! literals are refused.

use std::fmt;

/// Maximum lengths in bytes (RFC 5321 §4.5.3.1).
const MAX_LOCAL_BYTES: usize = 64;
const MAX_ADDRESS_BYTES: usize = 254;

/// The reasons of refusals. They do not contain any part of the address.
pub(crate) const NOT_ONE_ADDRESS: &str = "not a plain email address: write name@domain without commas, \
                 quotes, spaces or control characters";
pub(crate) const LOCAL_NOT_ASCII: &str = "the part before the @ contains non-ASCII characters, which are not supported";
const BAD_DOMAIN: &str = "the part after the @ is not a domain name";
const BAD_NAME: &str = "the display name has a control, invisible or special character: write Name <name@domain>, \
     with double quotes around a name that has punctuation";

/// Begins an encoded word (RFC 2047 §2). Writers of mails leave it unchanged, and mail programs would decode it.
pub(crate) const ENCODED_WORD: &str = "=?";

/// One plain address, `name@domain`, with the domain as A-labels.
///
/// `Debug` does not show it: it may be a recipient's.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    at: usize,
}

impl Address {
    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// What stands after the `@`, as A-labels.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.text.get(self.at..).and_then(|rest| rest.strip_prefix('@')).unwrap_or_default()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

/// An address of the configuration, with or without a name.
///
/// As text it is `"Toko Contoh" <no-reply@toko.example>`, the name in its own script: what HTTP APIs take, and a header not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mailbox {
    /// The display name, without control and invisible characters.
    pub name: Option<String>,
    /// The address.
    pub address: Address,
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "\"{}\" <{}>", name.replace('\\', "\\\\").replace('"', "\\\""), self.address),
            None => write!(f, "{}", self.address),
        }
    }
}

/// Reads `local@domain` only.
pub(crate) fn parse(text: &str) -> Result<Address, &'static str> {
    if text.chars().any(is_unsafe) {
        return Err(NOT_ONE_ADDRESS);
    }
    let (local, domain) = text.rsplit_once('@').ok_or(NOT_ONE_ADDRESS)?;
    if !local.is_ascii() {
        return Err(LOCAL_NOT_ASCII);
    }
    let dotted_atoms =
        local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(|byte| is_atom_text(char::from(byte))));
    if !dotted_atoms || local.len() > MAX_LOCAL_BYTES {
        return Err(NOT_ONE_ADDRESS);
    }
    let domain = host_name(domain).ok_or(BAD_DOMAIN)?;
    if domain.len().saturating_add(local.len()) >= MAX_ADDRESS_BYTES {
        return Err(NOT_ONE_ADDRESS);
    }
    Ok(Address { text: format!("{local}@{domain}"), at: local.len() })
}

/// Reads `local@domain` or `Display name <local@domain>`; only for the configuration.
pub(crate) fn parse_mailbox(text: &str) -> Result<Mailbox, &'static str> {
    let Some((name, address)) = text.strip_suffix('>').and_then(|text| text.split_once('<')) else {
        return parse(text).map(|address| Mailbox { name: None, address });
    };
    let address = parse(address)?;
    let name = name.trim_matches(' ');
    let quoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    let special = if quoted.is_some() { "\"\\" } else { "()<>[]:;@\\,\"" };
    let name = quoted.unwrap_or(name);
    if name.is_empty()
        || name.contains(ENCODED_WORD)
        || name.contains(|letter| is_unsafe(letter) || special.contains(letter))
    {
        return Err(BAD_NAME);
    }
    Ok(Mailbox { name: Some(name.to_owned()), address })
}

/// Converts a domain to A-labels; `None` if it is not a host name.
#[must_use]
pub fn host_name(domain: &str) -> Option<String> {
    let domain = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL).ok()?;
    let labels_ok = domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    let all_digits = domain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (labels_ok && !all_digits).then(|| domain.into_owned())
}

/// RFC 5322 §3.2.3.
fn is_atom_text(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(letter)
}

/// Characters that do not belong in a header: controls, line and paragraph separators, invisible characters, and those that
/// change the direction of text.
pub(crate) fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::{host_name, parse, parse_mailbox};

    #[test]
    fn one_plain_address_is_read_and_its_domain_becomes_a_labels() {
        for (text, read) in [
            ("budi@example.com", "budi@example.com"),
            ("Budi.Santoso+reset@Example.COM", "Budi.Santoso+reset@example.com"),
            ("o'neil@example.com", "o'neil@example.com"),
            ("a@bücher.example", "a@xn--bcher-kva.example"),
            ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
            ("root@localhost", "root@localhost"),
        ] {
            assert_eq!(parse(text).map(|address| address.to_string()), Ok(read.to_owned()), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_domain = format!("a@{}com", "abcdefgh.".repeat(30));
        for text in [
            "",
            "@",
            "a",
            "a@",
            "@example.com",
            "a@b@example.com",
            "a,b@example.com",
            "a@example.com,b@example.com",
            "a@example.com;b@example.com",
            "a@example.com b@example.com",
            "a@example.com\r\nRCPT TO:<b@example.com>",
            "a@example.com\n",
            "\ra@example.com",
            "a@example.com\0",
            "a\0b@example.com",
            "a\u{7f}@example.com",
            "a@exam\u{202e}ple.com",
            "Budi <a@example.com>",
            "<a@example.com>",
            "\"a b\"@example.com",
            "\"a@example.com\r\n\"@example.com",
            "a(comment)@example.com",
            ".a@example.com",
            "a.@example.com",
            "a..b@example.com",
            "a@-example.com",
            "a@example..com",
            "a@example.com.",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@exa_mple.com",
            "a@example.com>",
            "a> SIZE=1@example.com",
            "böb@example.com",
            "а@example.com",
            &long_local,
            &long_domain,
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_display_name_is_read_when_it_is_harmless() {
        for (text, name) in [
            ("no-reply@toko.example", None),
            ("Toko Contoh <no-reply@toko.example>", Some("Toko Contoh")),
            ("\"Toko, Contoh\" <no-reply@toko.example>", Some("Toko, Contoh")),
            ("Tökö <no-reply@toko.example>", Some("Tökö")),
        ] {
            assert_eq!(parse_mailbox(text).unwrap().name.as_deref(), name, "{text}");
        }
        for text in [
            "Toko\r\nBcc: x@example.com <no-reply@toko.example>",
            "Toko\0 <no-reply@toko.example>",
            "Toko \u{202e}x <no-reply@toko.example>",
            "Toko, Contoh <no-reply@toko.example>",
            "a@b.example <no-reply@toko.example>",
            "<no-reply@toko.example>",
            "Toko <no-reply@toko.example>, Other <x@example.com>",
            "Toko <no-reply@toko.example> ",
            "\"To\"ko\" <no-reply@toko.example>",
            "=?utf-8?q?Toko?= <no-reply@toko.example>",
        ] {
            assert!(parse_mailbox(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn host_names() {
        assert_eq!(host_name("SMTP.example.com").as_deref(), Some("smtp.example.com"));
        assert_eq!(host_name("a b"), None);
        assert_eq!(host_name(""), None);
    }
}
