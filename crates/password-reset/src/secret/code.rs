//! Short secrets, typed by hand.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use super::token::Malformed;

/// How many decimal digits a mailed code has: 26.6 bits, over the floor of 20 (R22, R23).
const DIGITS: usize = 8;
const SPACE: u128 = 100_000_000;

/// A code of eight digits, typed beside the handle of its own reset.
pub struct Code([u8; DIGITS]);

impl Code {
    /// 128 bits of the MAC modulo the code space: the bias is below 2⁻¹⁰⁰.
    pub(super) fn from_mac(mac: &[u8; 32]) -> Self {
        let (head, _) = mac.split_at(16);
        let mut number = head.iter().fold(0_u128, |number, byte| (number << 8) | u128::from(*byte)) % SPACE;
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit = b'0'.saturating_add(u8::try_from(number % 10).unwrap_or(0));
            number /= 10;
        }
        Self(digits)
    }

    /// Reads a code as people type it: spaces and dashes between the digits are ignored (R89).
    ///
    /// # Errors
    /// [`Malformed`] unless eight ASCII digits remain; digits of other scripts are refused.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > 64 {
            return Err(Malformed);
        }
        let mut typed = Zeroizing::new(Vec::with_capacity(DIGITS));
        for letter in text.chars() {
            match letter {
                '0'..='9' => typed.push(u8::try_from(letter).map_err(|_not_ascii| Malformed)?),
                ' ' | '-' | '\u{a0}' | '\t' | '\r' | '\n' => {}
                _ => return Err(Malformed),
            }
        }
        typed.as_slice().try_into().map(Self).map_err(|_wrong_length| Malformed)
    }

    /// The eight digits.
    ///
    /// # Security
    /// Whoever has this text and the handle of the same reset can set the password.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.iter().copied().map(char::from).collect())
    }

    pub(super) fn digits(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}
