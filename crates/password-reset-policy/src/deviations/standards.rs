//! What standards ask of password rules, clause by clause.

use password_reset::hashing::Normalization;

use super::Weight;

/// A standard with rules for passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standard {
    /// NIST SP 800-63B-4 (July 2025), §3.1.1.2, for a password that is the only factor.
    Nist80063B4,
    /// OWASP Application Security Verification Standard 5.0, V6.2, all levels.
    Asvs5,
    /// Peraturan BSSN 4/2021, Pasal 27 ayat (1), for web applications of Indonesian public bodies (SPBE). It says what the
    /// operator regulates, and no numbers.
    Bssn42021,
    /// PCI DSS 4.0.1, requirement 8.3, for a password that is the only factor.
    PciDss4,
}

impl Standard {
    /// Every standard.
    pub const ALL: &'static [Self] = &[Self::Nist80063B4, Self::Asvs5, Self::Bssn42021, Self::PciDss4];

    /// The name by which it is cited.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Nist80063B4 => "NIST SP 800-63B-4",
            Self::Asvs5 => "OWASP ASVS 5.0",
            Self::Bssn42021 => "Peraturan BSSN 4/2021",
            Self::PciDss4 => "PCI DSS 4.0.1",
        }
    }

    pub(super) const fn clauses(self) -> &'static [Clause] {
        match self {
            Self::Nist80063B4 => NIST,
            Self::Asvs5 => ASVS,
            Self::Bssn42021 => BSSN,
            Self::PciDss4 => PCI,
        }
    }
}

/// One thing that a standard asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) section: &'static str,
    pub(super) weight: Weight,
    pub(super) wish: Wish,
}

/// What can be asked of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    MinLength(u16),
    SomeMinLength,
    MaxLength(u16),
    NoClasses,
    LetterAndDigit,
    SomeMix,
    NotCommon,
    NotBreached,
    NotContext,
    /// Neither the present password nor one of this many before it.
    NotEarlier(u16),
    NoMaxAge,
    MaxAge(u16),
    SomeMaxAge,
    Normalization(Normalization),
}

impl Wish {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::MinLength(_) | Self::SomeMinLength => "min_length",
            Self::MaxLength(_) => "max_length",
            Self::NoClasses => "composition",
            Self::LetterAndDigit => "letter_and_digit",
            Self::SomeMix => "mix",
            Self::NotCommon => "not_common",
            Self::NotBreached => "not_breached",
            Self::NotContext => "not_context",
            Self::NotEarlier(_) => "history",
            Self::NoMaxAge | Self::MaxAge(_) | Self::SomeMaxAge => "max_age",
            Self::Normalization(_) => "normalization",
        }
    }
}

const fn required(section: &'static str, wish: Wish) -> Clause {
    Clause { section, weight: Weight::Required, wish }
}

const fn recommended(section: &'static str, wish: Wish) -> Clause {
    Clause { section, weight: Weight::Recommended, wish }
}

const NIST: &[Clause] = &[
    required("3.1.1.2", Wish::MinLength(15)),
    recommended("3.1.1.2", Wish::MaxLength(64)),
    required("3.1.1.2", Wish::NoClasses),
    required("3.1.1.2", Wish::NoMaxAge),
    required("3.1.1.2", Wish::NotCommon),
    recommended("3.1.1.2", Wish::Normalization(Normalization::Nfc)),
];

const ASVS: &[Clause] = &[
    required("6.2.1", Wish::MinLength(8)),
    recommended("6.2.1", Wish::MinLength(15)),
    required("6.2.4", Wish::NotCommon),
    required("6.2.5", Wish::NoClasses),
    required("6.2.8", Wish::Normalization(Normalization::AsTyped)),
    required("6.2.9", Wish::MaxLength(64)),
    required("6.2.10", Wish::NoMaxAge),
    required("6.2.11", Wish::NotContext),
    required("6.2.12", Wish::NotBreached),
];

const BSSN: &[Clause] = &[
    required("27 (1) c", Wish::SomeMinLength),
    required("27 (1) c", Wish::SomeMix),
    required("27 (1) c", Wish::SomeMaxAge),
];

const PCI: &[Clause] = &[
    required("8.3.6", Wish::MinLength(12)),
    required("8.3.6", Wish::LetterAndDigit),
    required("8.3.7", Wish::NotEarlier(4)),
    required("8.3.9", Wish::MaxAge(90)),
];
