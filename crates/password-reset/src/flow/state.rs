//! Where a reset stands.

/// Where a reset stands. Expiry is computed, never a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// Asked for. A reset whose account does not exist stays here until it expires.
    Requested,
    /// The account was found and may be reset; its fingerprint is stored.
    CodeIssued,
    /// An inbound message was received, and a reply is awaited.
    MessageReceived,
    /// A proof was brought, and the risk policy requires a second one: a code that goes to another contact.
    AwaitingCode,
    /// A proof was brought, and the risk policy requires a second one: a factor that the application checks.
    AwaitingFactor,
    /// All proofs were brought; a password may be set.
    Verified,
    /// A password is being written to an account that lives elsewhere.
    Applying,
    /// The password is in force.
    PasswordSet,
    /// The owner said that they did not set it: the account is locked, or about to be.
    Locked,
    /// Nothing can come of it any more.
    Closed(CloseReason),
}

/// Why a reset was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// The owner said "this was not me".
    Cancelled,
    /// Too many attempts.
    AttemptsExhausted,
    /// The account is not as it was when the reset was issued.
    AccountChanged,
    /// Another reset of the account set a password.
    OtherResetWon,
    /// It opened nothing: it only has the task to notify a contact that the account had before.
    ContactChanged,
}

impl State {
    /// The name under which stores keep it, and audit rows show it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::CodeIssued => "code_issued",
            Self::MessageReceived => "message_received",
            Self::AwaitingCode => "awaiting_code",
            Self::AwaitingFactor => "awaiting_factor",
            Self::Verified => "verified",
            Self::Applying => "applying",
            Self::PasswordSet => "password_set",
            Self::Locked => "locked",
            Self::Closed(CloseReason::Cancelled) => "closed_cancelled",
            Self::Closed(CloseReason::AttemptsExhausted) => "closed_attempts_exhausted",
            Self::Closed(CloseReason::AccountChanged) => "closed_account_changed",
            Self::Closed(CloseReason::OtherResetWon) => "closed_other_reset_won",
            Self::Closed(CloseReason::ContactChanged) => "closed_contact_changed",
        }
    }

    /// Every state.
    pub const ALL: &'static [Self] = &[
        Self::Requested,
        Self::CodeIssued,
        Self::MessageReceived,
        Self::AwaitingCode,
        Self::AwaitingFactor,
        Self::Verified,
        Self::Applying,
        Self::PasswordSet,
        Self::Locked,
        Self::Closed(CloseReason::Cancelled),
        Self::Closed(CloseReason::AttemptsExhausted),
        Self::Closed(CloseReason::AccountChanged),
        Self::Closed(CloseReason::OtherResetWon),
        Self::Closed(CloseReason::ContactChanged),
    ];

    /// Reads a state back from a store.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// Whether something can still come of it, its expiry aside.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Requested
            | Self::CodeIssued
            | Self::MessageReceived
            | Self::AwaitingCode
            | Self::AwaitingFactor
            | Self::Verified
            | Self::Applying
            | Self::Locked => true,
            Self::PasswordSet | Self::Closed(_) => false,
        }
    }
}
