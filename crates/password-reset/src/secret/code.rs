//! Short secrets, typed by hand.

use std::fmt;

use zeroize::Zeroizing;

use super::token::Malformed;
use crate::identity::typed::{digit, is_divider};

/// How many decimal digits a sent code has: 26.6 bits, over the floor of 20.
const SENT: usize = 8;
/// How many the code of a reply has: six digits, the floor of NIST SP 800-63B-4 §4.2.1.2.
const REPLIED: usize = 6;

/// Longer texts, in bytes, are no code with what clipboards add.
const MAX_TYPED: usize = 256;

/// What stands around a code in a text and can be nothing of it.
const AROUND: &str = ".,;:!?()[]{}<>\"'`*#«»‹›“”„‘’‚。、…";

/// Why the owner gets a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeKind {
    /// The requester asked for a reset, and the code goes to a phone.
    Reset,
    /// Replies to an inbound message.
    Reply,
    /// The requester has proved one contact; this code, sent to another, is the step-up.
    StepUp,
}

impl CodeKind {
    /// The name, for logs and tests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reset => "code",
            Self::Reply => "reply_code",
            Self::StepUp => "step_up_code",
        }
    }
}

/// A code of decimal digits, typed beside the requester token of its own reset: eight digits if it was sent, six if it came as
/// the reply to a message.
pub struct Code(Zeroizing<String>);

impl Code {
    pub(super) fn sent(mac: &[u8; 32]) -> Self {
        Self::from_mac(mac, SENT)
    }

    pub(super) fn replied(mac: &[u8; 32]) -> Self {
        Self::from_mac(mac, REPLIED)
    }

    /// 128 bits of the MAC modulo the code space: the bias is below 2⁻¹⁰⁰.
    fn from_mac(mac: &[u8; 32], length: usize) -> Self {
        let mut number = number_of(mac);
        let mut digits = Zeroizing::new([b'0'; SENT]);
        for digit in digits.iter_mut().take(length).rev() {
            *digit = b'0'.saturating_add(u8::try_from(number % 10).unwrap_or(0));
            number /= 10;
        }
        let mut text = empty();
        text.extend(digits.iter().take(length).copied().map(char::from));
        Self(text)
    }

    /// Reads a code as people type and paste it: digits of any script; spaces, dashes and what cannot be seen are ignored,
    /// and so are the brackets, quotes and stops of the text that it was copied from.
    ///
    /// # Errors
    /// [`Malformed`] unless eight or six digits and nothing else remain.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > MAX_TYPED {
            return Err(Malformed);
        }
        let mut digits = empty();
        for letter in text.chars() {
            if let Some(value) = digit(letter) {
                if digits.len() == SENT {
                    return Err(Malformed);
                }
                digits.push(value);
            } else if !is_divider(letter) && !AROUND.contains(letter) {
                return Err(Malformed);
            }
        }
        if matches!(digits.len(), SENT | REPLIED) { Ok(Self(digits)) } else { Err(Malformed) }
    }

    /// The digits.
    ///
    /// # Security
    /// Anyone with this text and the requester token of the same reset can set the password.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Room for a whole code, so that no part of one stays behind in memory when the text grows.
fn empty() -> Zeroizing<String> {
    Zeroizing::new(String::with_capacity(SENT))
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// Crockford's base 32: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const INBOUND: usize = 6;

/// The code that a person sends: 30 bits, and worth nothing but from one number.
///
/// Shown on the page that asked, so it is no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InboundCode(String);

impl InboundCode {
    pub(super) fn from_mac(mac: &[u8; 32]) -> Self {
        let mut number = number_of(mac);
        let mut letters = String::with_capacity(INBOUND);
        for _ in 0..INBOUND {
            let at = usize::try_from(number % 32).unwrap_or(0);
            letters.extend(ALPHABET.get(at).copied().map(char::from));
            number /= 32;
        }
        Self(letters)
    }

    /// Reads six characters in any case; `O` is read as `0`, `I` and `L` as `1`.
    pub(crate) fn parse(typed: &str) -> Option<Self> {
        let mut letters = String::with_capacity(INBOUND);
        for letter in typed.chars() {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let known = u8::try_from(letter).is_ok_and(|letter| ALPHABET.contains(&letter));
            if !known || letters.len() == INBOUND {
                return None;
            }
            letters.push(letter);
        }
        (letters.len() == INBOUND).then_some(Self(letters))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// 128 bits of a MAC.
fn number_of(mac: &[u8; 32]) -> u128 {
    let (head, _) = mac.split_at(16);
    head.iter().fold(0_u128, |number, byte| (number << 8) | u128::from(*byte))
}
