//! The pending tasks of a reset: the row is its own outbox.

use std::fmt;

/// A set of tasks that the [`Worker`](crate::Worker) runs.
///
/// A set of bits, so that a store can add and take away in one statement while others do the same.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Tasks(u16);

impl Tasks {
    /// No task.
    pub const NONE: Self = Self(0);
    /// The account is to be looked up.
    pub const RESOLVE: Self = Self(1);
    /// A link or code is to be sent.
    pub const SEND: Self = Self(2);
    /// A password that may have been written is to be looked for.
    pub const FINISH: Self = Self(4);
    /// Sessions are to be ended.
    pub const SESSIONS: Self = Self(8);
    /// The account's contacts are to be notified of how it ended.
    pub const NOTICES: Self = Self(16);
    /// The account's other contacts are to be notified of a live reset: a message proved it, an
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

    /// The name of a single task, for the log.
    pub(crate) fn name(self) -> &'static str {
        NAMES.into_iter().find(|(task, _)| *task == self).map_or("tasks", |(_, name)| name)
    }

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

    /// Whether there is no task.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` are in it.
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

/// The names of the tasks.
const NAMES: [(Tasks, &str); 9] = [
    (Tasks::RESOLVE, "resolve"),
    (Tasks::SEND, "send"),
    (Tasks::FINISH, "finish"),
    (Tasks::SESSIONS, "end_sessions"),
    (Tasks::NOTICES, "notify"),
    (Tasks::LIVE_NOTICES, "notify_of_live"),
    (Tasks::STEP_UP_CODE, "send_step_up_code"),
    (Tasks::LOCK, "lock"),
    (Tasks::LOCK_NOTICES, "notify_of_lock"),
];

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(NAMES.into_iter().filter(|(tasks, _)| self.contains(*tasks)).map(|(_, name)| name))
            .finish()
    }
}
