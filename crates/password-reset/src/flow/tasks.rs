//! What a reset still owes: the row is its own outbox.

use std::fmt;

/// A set of debts that the [`Worker`](crate::Worker) pays.
///
/// A set of bits, so that a store can add and take away in one statement while others do the same.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Tasks(u16);

impl Tasks {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// The account is to be looked up.
    pub const RESOLVE: Self = Self(1);
    /// A link or code is to be sent.
    pub const SEND: Self = Self(2);
    /// A password that may have been written is to be looked for.
    pub const FINISH: Self = Self(4);
    /// Sessions are to be ended.
    pub const SESSIONS: Self = Self(8);
    /// The account's contacts are to be told how it ended.
    pub const NOTICES: Self = Self(16);
    /// The account's other contacts are to be told of a live reset: a message proved it, an
    /// administrator asked for it, or its code went out in a message that cannot say what it is for.
    pub const LIVE_NOTICES: Self = Self(32);
    /// The code of a second proof is to be sent.
    pub const STEP_UP_CODE: Self = Self(64);
    /// The account is to be locked.
    pub const LOCK: Self = Self(128);
    /// The account's contacts are to be notified of the lock, once it holds.
    pub const LOCK_NOTICES: Self = Self(256);

    /// Every bit that means something.
    const ALL_BITS: u16 = 0x1ff;

    /// Reads a set back from a store; `None` when it has bits that mean nothing.
    #[must_use]
    pub fn from_bits(bits: i64) -> Option<Self> {
        u16::try_from(bits).ok().filter(|bits| bits & !Self::ALL_BITS == 0).map(Self)
    }

    /// The bits to store.
    #[must_use]
    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }

    /// Whether nothing is owed.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` is owed.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This without `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::RESOLVE, "RESOLVE"),
            (Self::SEND, "SEND"),
            (Self::FINISH, "FINISH"),
            (Self::SESSIONS, "SESSIONS"),
            (Self::NOTICES, "NOTICES"),
            (Self::LIVE_NOTICES, "LIVE_NOTICES"),
            (Self::STEP_UP_CODE, "STEP_UP_CODE"),
            (Self::LOCK, "LOCK"),
            (Self::LOCK_NOTICES, "LOCK_NOTICES"),
        ];
        f.debug_set()
            .entries(names.into_iter().filter(|(tasks, _)| self.contains(*tasks)).map(|(_, name)| name))
            .finish()
    }
}
