//! Countries, as far as their numbers are dialled differently from within.

/// A country's calling code (ITU-T E.164), for numbers written without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallingCode(u16);

/// The countries in which a zero is dialled before the number that follows their code. In all others the zero is a digit of
/// the number (Italy, Côte d'Ivoire), or no number begins with one.
const DIAL_A_ZERO: &[u16] = &[
    20, 27, 31, 32, 33, 40, 41, 43, 44, 46, 49, 51, 53, 54, 55, 58, 60, 61, 62, 63, 64, 66, 81, 82, 84, 86, 90, 91, 92,
    93, 94, 95, 98, 211, 212, 213, 218, 231, 232, 233, 234, 243, 249, 250, 251, 252, 254, 255, 256, 260, 261, 262, 263,
    264, 265, 291, 353, 355, 358, 359, 370, 373, 374, 375, 377, 380, 381, 382, 383, 385, 386, 387, 389, 421, 423, 508,
    590, 591, 593, 594, 595, 596, 598, 686, 850, 855, 856, 880, 886, 961, 962, 963, 964, 966, 967, 970, 971, 972, 976,
    977, 994, 995, 996,
];

/// The countries without a zero, with a code of three digits, in which a number may have five digits or fewer.
const SHORT: &[u16] = &[247, 290, 500, 676, 677, 678, 682, 683, 685, 688, 690];

impl CallingCode {
    /// +62.
    pub const INDONESIA: Self = Self(62);

    /// A code of one to three digits, the first not zero; `None` for other numbers.
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        if code >= 1 && code <= 999 { Some(Self(code)) } else { None }
    }

    /// The number: 62 for +62.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// A number of this country in E.164 form as it is dialled there, `0812…` or `81234567`; `None` for other numbers.
    #[must_use]
    pub fn national(self, international: &str) -> Option<String> {
        let national = international.strip_prefix('+')?.strip_prefix(&self.0.to_string())?;
        let zero = if self.dials_a_zero() { "0" } else { "" };
        Some(format!("{zero}{national}"))
    }

    pub(super) fn dials_a_zero(self) -> bool {
        DIAL_A_ZERO.contains(&self.0)
    }

    /// Whether so many digits, the first of them those of this code, can be the code and a number; otherwise they are a number that
    /// begins like the code. Where a zero is dialled no number does without it.
    pub(super) fn fits_with_code(self, digits: usize) -> bool {
        let too_few = match self.0 {
            // +1 and +7 have ten digits behind them.
            ..=9 => 10,
            // Eight digits are a whole number of Denmark, Norway, Singapore and many with a code of three digits.
            10..=99 => 8,
            code if SHORT.contains(&code) => 0,
            _ => 8,
        };
        self.dials_a_zero() || digits > too_few
    }
}
