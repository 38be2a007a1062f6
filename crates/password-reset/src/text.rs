//! What is written as a text and read back from it: ids, and the names under which stores keep things.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::digest::Digest;
use crate::error::ParseError;
use crate::flow::audit::AuditEvent;
use crate::flow::channel::{Channel, ProofKind};
use crate::flow::state::State;
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::{CallingCode, Identifier, IdentifierKind};
use crate::identity::realm::Realm;
use crate::ports::AuditCursor;

macro_rules! written_by_code {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.code())
            }
        }

        impl FromStr for $name {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, ParseError> {
                Self::from_code(text).ok_or(ParseError)
            }
        }
    )*};
}
written_by_code!(AuditEvent, Channel, IdentifierKind, ProofKind, State);

macro_rules! as_str {
    ($($name:ident),*) => {$(
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }
    )*};
}
as_str!(AccountId, AuditCursor, Identifier, Realm);

macro_rules! account_id_from {
    ($($id:ty),*) => {$(
        impl From<$id> for AccountId {
            fn from(id: $id) -> Self {
                Self::new(id)
            }
        }
    )*};
}
account_id_from!(&str, String, i32, i64, u32, u64);

impl FromStr for AccountId {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::new(text))
    }
}

impl FromStr for AuditCursor {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::new(text))
    }
}

/// Of the text that `Display` writes and of no other: lowercase, with dashes.
impl FromStr for ResetId {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let id = Self::from_bytes(number(&text.replace('-', ""))?.to_be_bytes());
        if id.to_string() == text { Ok(id) } else { Err(ParseError) }
    }
}

/// Of the text that `Display` writes and of no other: lowercase.
impl FromStr for Digest {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (head, tail) = text.split_at_checked(32).ok_or(ParseError)?;
        let halves = [number(head)?, number(tail)?];
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().zip(halves.iter().flat_map(|half| half.to_be_bytes())) {
            *place = byte;
        }
        let digest = Self::from_bytes(bytes);
        if digest.to_string() == text { Ok(digest) } else { Err(ParseError) }
    }
}

/// Reads more than `Display` writes; the callers compare.
fn number(hexadecimal: &str) -> Result<u128, ParseError> {
    u128::from_str_radix(hexadecimal, 16).map_err(|_says_no_more| ParseError)
}

impl FromStr for Realm {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, ParseError> {
        Self::new(name).ok_or(ParseError)
    }
}

/// With the plus: `+62`.
impl fmt::Display for CallingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("+{}", self.number()))
    }
}

/// Of the text that `Display` writes and of no other: with the plus.
impl FromStr for CallingCode {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let number = text.strip_prefix('+').and_then(|digits| digits.parse().ok()).and_then(Self::new);
        number.filter(|code| code.to_string() == text).ok_or(ParseError)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    fn reads_only<T: FromStr<Err = ParseError> + fmt::Display + Debug + PartialEq>(
        value: T,
        written: &str,
        not: &[&str],
    ) {
        assert_eq!(value.to_string(), written);
        assert_eq!(written.parse(), Ok(value));
        for text in not {
            assert!(text.parse::<T>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_id_of_a_reset_is_read_from_the_text_that_it_writes_and_from_no_other() {
        let id = ResetId::from_bytes(*b"\x01\x93\xa5\x00\x00\x0a\x70\x00\x80\x00\0\0\0\0\0\xff");
        let text = "0193a500-000a-7000-8000-0000000000ff";
        let upper = text.to_uppercase();
        let moved = text.replacen("-0", "0-", 1);
        let plus = text.replacen('0', "+", 1);
        let plain = text.replace('-', "");
        let others =
            ["", "-", upper.as_str(), &moved, &plus, &plain, &text[1..], &format!("{text}0"), &format!(" {text}")];
        reads_only(id, text, &others);
    }

    #[test]
    fn a_digest_is_read_from_the_text_that_it_writes_and_from_no_other() {
        let digest = Digest::from_bytes(std::array::from_fn(|at| u8::try_from(at * 8).unwrap_or(0xff)));
        let text = "0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8";
        let upper = text.to_uppercase();
        let plus = text.replacen('0', "+", 1);
        let others =
            ["", upper.as_str(), &plus, &text[2..], &format!("{text}00"), &format!("{text} "), &"é".repeat(32)];
        reads_only(digest, text, &others);
    }

    #[test]
    fn names_are_read_from_what_they_write() {
        reads_only(Channel::AdminLink, "admin_link", &["", "Admin_Link", " admin_link", "adminlink"]);
        reads_only(AuditEvent::WrongCode, "wrong_code", &["", "wrong"]);
        reads_only(ProofKind::StepUpCode, "step_up_code", &["", "code "]);
        reads_only(State::CodeIssued, "code_issued", &["", "closed"]);
        reads_only(IdentifierKind::Phone, "phone", &["", "Phone"]);
        reads_only(CallingCode::INDONESIA, "+62", &["", "62", "+062", "++62", "+0", "+1000", "+62 "]);
        let realm = "https://toko.example/reset";
        reads_only(Realm::new(realm).unwrap_or_default(), realm, &["", "a\0b", &"r".repeat(256)]);
    }

    #[test]
    fn an_account_is_named_by_a_text_a_number_or_a_uuid() {
        let uuid = ResetId::from_bytes([7; 16]); // written as a UUID is
        for (id, text) in [
            (AccountId::from(7), "7"),
            (AccountId::from(u64::MAX), "18446744073709551615"),
            (AccountId::from(-1_i64), "-1"),
            (AccountId::from("7"), "7"),
            (AccountId::new(uuid), "07070707-0707-0707-0707-070707070707"),
            (AccountId::new(format!("{}/{}", "toko", 7)), "toko/7"),
        ] {
            assert_eq!((id.as_ref(), id.as_str(), id.to_string().as_str()), (text, text, text));
            assert_eq!(text.parse(), Ok(id));
        }
    }
}
