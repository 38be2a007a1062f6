//! Long secrets: what they look like on their way.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::NamesReset;
use crate::identity::id::ResetId;

/// The text is no secret of this kind: wrong length, alphabet or form.
///
/// Says nothing about resets; it is decided before anything is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed secret: copy the complete value without spaces")]
#[non_exhaustive]
pub struct Malformed;

fn decode<const N: usize>(text: &str) -> Result<Zeroizing<[u8; N]>, Malformed> {
    let mut bytes = Zeroizing::new([0; N]);
    let expected = N.saturating_mul(4).div_ceil(3);
    if text.len() != expected {
        return Err(Malformed);
    }
    // This engine refuses padding and left-over bits, so exactly one text decodes to these bytes.
    match URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut_slice()) {
        Ok(length) if length == N => Ok(bytes),
        Ok(_) | Err(_) => Err(Malformed),
    }
}

fn encode(bytes: Vec<u8>) -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(Zeroizing::new(bytes)))
}

/// Whether a text of whole groups of bytes would end in `-` or `_`: mail programs, phones and chats take them for the end of
/// the sentence and leave them out of a link. The last character stands for the last six bits.
fn ends_in_punctuation(bytes: &[u8]) -> bool {
    bytes.last().is_some_and(|last| last & 0b11_1110 == 0b11_1110)
}

/// Replaces a last `-` by `e` and a last `_` by `f`: less than a tenth of a bit of the mac is lost.
pub(super) fn without_punctuation(mut mac: [u8; 32]) -> [u8; 32] {
    let ends_in_punctuation = ends_in_punctuation(&mac);
    if let Some(last) = mac.last_mut().filter(|_| ends_in_punctuation) {
        *last &= !0b10_0000;
    }
    mac
}

macro_rules! token {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name {
            id: ResetId,
            text: Zeroizing<String>,
        }

        impl $name {
            pub(super) fn new(id: ResetId, mac: [u8; 32]) -> Self {
                Self { id, text: encode([id.as_bytes().as_slice(), &without_punctuation(mac)].concat()) }
            }

            /// The number of characters of the text it travels as.
            pub const LENGTH: usize = 64;

            /// Reads the secret from the text it travels as: [`LENGTH`](Self::LENGTH) characters of base64url, the last one a
            /// letter or digit.
            ///
            /// # Errors
            /// [`Malformed`] for anything else: shorter, longer, padded, in another alphabet, with another end.
            pub fn parse(text: &str) -> Result<Self, Malformed> {
                let bytes = decode::<48>(text)?;
                if ends_in_punctuation(bytes.as_slice()) {
                    return Err(Malformed);
                }
                let id = *bytes.first_chunk().ok_or(Malformed)?;
                Ok(Self { id: ResetId::from_bytes(id), text: Zeroizing::new(text.to_owned()) })
            }

            /// The text it travels as.
            ///
            /// # Security
            /// Anyone with this text has the secret. Give it to the person it is for, and to nothing else: no log, no
            /// page for others, no address bar.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.text
            }
        }

        impl NamesReset for $name {
            fn reset_id(&self) -> ResetId {
                self.id
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

token! {
    /// Secret of the browser that asked: to watch its reset and to type a code. Keep it in an `HttpOnly` cookie.
    RequesterToken
}
token! {
    /// The secret in a link: opens the reset for anyone who has it.
    LinkToken
}
token! {
    /// The secret in "this was not me": closes its own reset, and can do nothing else.
    CancelToken
}
token! {
    /// The secret in the notice of a changed password: locks the account whose password that was, and can do nothing
    /// else.
    LockToken
}

macro_rules! dated_token {
    ($(#[$doc:meta])* $name:ident, $security:literal) => {
        $(#[$doc])*
        pub struct $name {
            id: ResetId,
            until: DateTime<Utc>,
            text: Zeroizing<String>,
        }

        impl $name {
            pub(super) fn new(id: ResetId, until: DateTime<Utc>, mac: [u8; 32]) -> Self {
                let millis = until.timestamp_millis().to_be_bytes();
                Self { id, until, text: encode([id.as_bytes().as_slice(), &millis, &mac].concat()) }
            }

            /// Reads it from the text it travels as: 75 characters of base64url.
            ///
            /// # Errors
            /// [`Malformed`] for anything else.
            pub fn parse(text: &str) -> Result<Self, Malformed> {
                let bytes = decode::<56>(text)?;
                let (id, rest) = bytes.split_first_chunk().ok_or(Malformed)?;
                let millis = *rest.first_chunk().ok_or(Malformed)?;
                let until = DateTime::from_timestamp_millis(i64::from_be_bytes(millis)).ok_or(Malformed)?;
                Ok(Self { id: ResetId::from_bytes(*id), until, text: Zeroizing::new(text.to_owned()) })
            }

            /// The text it travels as.
            ///
            /// # Security
            #[doc = $security]
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.text
            }

            /// When it expires.
            #[must_use]
            pub fn until(&self) -> DateTime<Utc> {
                self.until
            }
        }

        impl NamesReset for $name {
            fn reset_id(&self) -> ResetId {
                self.id
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

dated_token! {
    /// A grant on its way between two requests: proves what was proved before, until it expires.
    ///
    /// Keep it in an `HttpOnly` cookie or a form field of the page that it was made for.
    GrantToken,
    "This text alone can set the password: give it to the browser that brought the proof, and to nothing else."
}
dated_token! {
    /// What the first of two proofs yields: the right to bring the second, until it expires. It sets no password.
    ///
    /// Keep it where a [`GrantToken`] is kept.
    PartialGrantToken,
    "This text and the second proof can set the password: give it to the browser that brought the first, and to nothing else."
}
