//! One rule, as data.

/// One rule of a [`PasswordPolicy`](super::PasswordPolicy).
///
/// Page hints, the API, the `passwordrules` attribute and the check read the same rules, so they cannot differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// At least this many Unicode code points after normalisation; 8 or more.
    MinLength(u16),
    /// At most this many code points; 64 or more. Longer passwords are refused, never cut.
    MaxLength(u16),
    /// At most this many bytes of UTF-8 after normalisation. Checked before anything else.
    MaxBytes(u16),
    /// A letter with the Unicode property `Uppercase`.
    Upper,
    /// A letter with the Unicode property `Lowercase`.
    Lower,
    /// A letter of any script, with or without case, for standards that ask for letters and digits.
    Letter,
    /// A digit or other numeric character of any script that is no letter: `7`, `٧`, `²`.
    Digit,
    /// A visible character that is no letter and no digit: `!`, `_`, `€`, `✓`. Spaces and invisible characters do not
    /// count, and a combining mark is part of its letter.
    Symbol,
    /// Not the current password. Needs a hash, so the service checks it after the proof.
    NotCurrent,
    /// None of this many passwords before the current one; 1 to 5, because each costs a hash.
    NotEarlier(u8),
    /// The whole value is none that attackers try first: no common password, dictionary word, name, date, key row,
    /// sequence or short repetition, also with up to five digits or symbols around it; nor a value of the application's
    /// [`Blocklist`](super::Blocklist).
    NotCommon,
    /// Not known from a data breach (OWASP ASVS 5.0 6.2.12). Needs a list, so the service asks
    /// [`BreachedPasswords`](crate::ports::BreachedPasswords) after the proof.
    NotBreached,
    /// Not one of the words of the account and the service, nor a simple derivative: other case, reversed, repeated,
    /// with look-alike digits, with up to eight digits or symbols around it.
    NotContext,
    /// At least this strength, 1 to 4, as zxcvbn estimates it from the first 32 code points.
    Strength(u8),
    /// A second entry exists and is the same.
    Confirmed,
    /// Valid for this many days, 1 to 3650. Of the presets only [`pci_dss_4`](super::PasswordPolicy::pci_dss_4) has it.
    /// No new password breaks it: the application's login calls
    /// [`valid_until`](super::PasswordPolicy::valid_until).
    MaxAge(u16),
}

/// A rule without its parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RuleKind {
    /// [`Rule::MinLength`]
    MinLength,
    /// [`Rule::MaxLength`]
    MaxLength,
    /// [`Rule::MaxBytes`]
    MaxBytes,
    /// [`Rule::Upper`]
    Upper,
    /// [`Rule::Lower`]
    Lower,
    /// [`Rule::Letter`]
    Letter,
    /// [`Rule::Digit`]
    Digit,
    /// [`Rule::Symbol`]
    Symbol,
    /// [`Rule::NotCurrent`]
    NotCurrent,
    /// [`Rule::NotEarlier`]
    NotEarlier,
    /// [`Rule::NotCommon`]
    NotCommon,
    /// [`Rule::NotBreached`]
    NotBreached,
    /// [`Rule::NotContext`]
    NotContext,
    /// [`Rule::Strength`]
    Strength,
    /// [`Rule::Confirmed`]
    Confirmed,
    /// [`Rule::MaxAge`]
    MaxAge,
}

impl RuleKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::MinLength,
        Self::MaxLength,
        Self::MaxBytes,
        Self::Upper,
        Self::Lower,
        Self::Letter,
        Self::Digit,
        Self::Symbol,
        Self::NotCurrent,
        Self::NotEarlier,
        Self::NotCommon,
        Self::NotBreached,
        Self::NotContext,
        Self::Strength,
        Self::Confirmed,
        Self::MaxAge,
    ];

    /// A stable name, for settings and APIs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MinLength => "min_length",
            Self::MaxLength => "max_length",
            Self::MaxBytes => "max_bytes",
            Self::Upper => "upper",
            Self::Lower => "lower",
            Self::Letter => "letter",
            Self::Digit => "digit",
            Self::Symbol => "symbol",
            Self::NotCurrent => "not_current",
            Self::NotEarlier => "not_earlier",
            Self::NotCommon => "not_common",
            Self::NotBreached => "not_breached",
            Self::NotContext => "not_context",
            Self::Strength => "strength",
            Self::Confirmed => "confirmed",
            Self::MaxAge => "max_age",
        }
    }

    /// The [`code`](super::Violation::code) of the violation of such a rule; `None` where no new password breaks it.
    #[must_use]
    pub const fn violation_code(self) -> Option<&'static str> {
        match self {
            Self::MinLength => Some("too_short"),
            Self::MaxLength => Some("too_long"),
            Self::MaxBytes => Some("too_many_bytes"),
            Self::Upper => Some("needs_upper"),
            Self::Lower => Some("needs_lower"),
            Self::Letter => Some("needs_letter"),
            Self::Digit => Some("needs_digit"),
            Self::Symbol => Some("needs_symbol"),
            Self::NotCurrent => Some("same_as_current"),
            Self::NotEarlier => Some("used_before"),
            Self::NotCommon => Some("too_common"),
            Self::NotBreached => Some("breached"),
            Self::NotContext => Some("too_personal"),
            Self::Strength => Some("too_weak"),
            Self::Confirmed => Some("not_confirmed"),
            Self::MaxAge => None,
        }
    }
}

impl Rule {
    /// The rule of a kind, for policies read from a file; `None` when the number is missing, too high, or given for a rule
    /// without one.
    #[must_use]
    pub fn new(kind: RuleKind, value: Option<u16>) -> Option<Self> {
        let rule = match (kind, value) {
            (RuleKind::MinLength, Some(number)) => Self::MinLength(number),
            (RuleKind::MaxLength, Some(number)) => Self::MaxLength(number),
            (RuleKind::MaxBytes, Some(number)) => Self::MaxBytes(number),
            (RuleKind::NotEarlier, Some(number)) => Self::NotEarlier(u8::try_from(number).ok()?),
            (RuleKind::Strength, Some(number)) => Self::Strength(u8::try_from(number).ok()?),
            (RuleKind::MaxAge, Some(number)) => Self::MaxAge(number),
            (RuleKind::Upper, None) => Self::Upper,
            (RuleKind::Lower, None) => Self::Lower,
            (RuleKind::Letter, None) => Self::Letter,
            (RuleKind::Digit, None) => Self::Digit,
            (RuleKind::Symbol, None) => Self::Symbol,
            (RuleKind::NotCurrent, None) => Self::NotCurrent,
            (RuleKind::NotCommon, None) => Self::NotCommon,
            (RuleKind::NotBreached, None) => Self::NotBreached,
            (RuleKind::NotContext, None) => Self::NotContext,
            (RuleKind::Confirmed, None) => Self::Confirmed,
            (_, Some(_)) | (_, None) => return None,
        };
        Some(rule)
    }

    /// The kind of the rule.
    #[must_use]
    pub const fn kind(self) -> RuleKind {
        match self {
            Self::MinLength(_) => RuleKind::MinLength,
            Self::MaxLength(_) => RuleKind::MaxLength,
            Self::MaxBytes(_) => RuleKind::MaxBytes,
            Self::Upper => RuleKind::Upper,
            Self::Lower => RuleKind::Lower,
            Self::Letter => RuleKind::Letter,
            Self::Digit => RuleKind::Digit,
            Self::Symbol => RuleKind::Symbol,
            Self::NotCurrent => RuleKind::NotCurrent,
            Self::NotEarlier(_) => RuleKind::NotEarlier,
            Self::NotCommon => RuleKind::NotCommon,
            Self::NotBreached => RuleKind::NotBreached,
            Self::NotContext => RuleKind::NotContext,
            Self::Strength(_) => RuleKind::Strength,
            Self::Confirmed => RuleKind::Confirmed,
            Self::MaxAge(_) => RuleKind::MaxAge,
        }
    }

    /// Its number, where it has one.
    #[must_use]
    pub const fn value(self) -> Option<u16> {
        match self {
            Self::MinLength(number) | Self::MaxLength(number) | Self::MaxBytes(number) | Self::MaxAge(number) => {
                Some(number)
            }
            Self::NotEarlier(number) | Self::Strength(number) => Some(number as u16),
            _ => None,
        }
    }
}
