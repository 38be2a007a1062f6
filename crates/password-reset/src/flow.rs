//! The state machine, as one pure function.
//!
//! No I/O, no clock, no randomness. Whatever an adapter stores went through [`next`], and reaches it as a [`Step`].

use chrono::{DateTime, Utc};

use crate::audit::AuditRow;
use crate::channel::{Channel, ProofKind, StepUp, proves};
use crate::ports::{KnownSender, PasswordChange};
use crate::reset::{Binding, MAX_DEVICE, MAX_HASHES, Reset, StoredReset};
use crate::secret::Digest;
use crate::state::{CloseReason, State};
use crate::tasks::Tasks;

/// What happens to a reset.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The account was found and may be reset; `subject` is whose wrong codes count from now on.
    Issue {
        /// What ties the reset to the account.
        binding: Binding,
        /// Keyed digest of the account.
        subject: Digest,
    },
    /// There is nobody to send to, or no token for another message: it stays requested and owes nothing.
    Suppress,
    /// A proof was brought; what can be done with it can be done until `until`.
    Prove {
        /// Which.
        proof: ProofKind,
        /// Until when a password can be set.
        until: DateTime<Utc>,
    },
    /// A proof was brought that would be enough, but the gate wants a second one; it can be brought until `until`.
    RequireStepUp {
        /// Which was brought.
        proof: ProofKind,
        /// Which is wanted.
        wants: StepUp,
        /// Until when the second one can be brought.
        until: DateTime<Utc>,
    },
    /// A password passed the rules and was hashed; the account is about to be written.
    Apply {
        /// Keyed digest of the new hash.
        hash: Digest,
        /// When to look whether it was written, should nobody say.
        check_at: DateTime<Utc>,
    },
    /// The account has the password.
    Finish,
    /// The owner says that they did not set it; nothing else is sent to where its proof came from before `until`.
    Lock {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Nothing shall come of it.
    Close(CloseReason),
}

impl Event {
    /// The name, for errors and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Issue { .. } => "issue",
            Self::Suppress => "suppress",
            Self::Prove { .. } => "prove",
            Self::RequireStepUp { .. } => "prove half",
            Self::Apply { .. } => "apply",
            Self::Finish => "finish",
            Self::Lock { .. } => "lock",
            Self::Close(_) => "close",
        }
    }
}

/// The event is not allowed in the reset's state, or the reset has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reset in the state {} takes no {event}", .state.code())]
#[non_exhaustive]
pub struct IllegalStep {
    /// Where the reset stands.
    pub state: State,
    /// What was tried.
    pub event: &'static str,
}

/// The reset after an event.
///
/// # Errors
/// [`IllegalStep`] for every pair of state and event that is not in the table, and for every event but
/// [`Event::Finish`] and [`Event::Close`] once the reset has expired.
pub fn next(reset: &Reset, event: &Event, now: DateTime<Utc>) -> Result<Reset, IllegalStep> {
    let illegal = IllegalStep { state: reset.state(), event: event.name() };
    let mut row = reset.row.clone();
    row.version = row.version.checked_add(1).ok_or(illegal)?;
    let live = reset.is_live(now);
    let now = crate::time::to_millis(now);
    match (reset.state(), event) {
        (State::Requested, Event::Issue { binding, subject }) if live => {
            row.state = State::CodeIssued;
            row.expires_at = row.expires_at.max(binding.link_until).max(binding.code_until);
            row.subject = *subject;
            row.tasks = row.tasks.without(Tasks::RESOLVE);
            if row.channel.sends_when_issued() {
                row.tasks = row.tasks.and(Tasks::SEND);
                row.due_at = Some(now);
            }
            if matches!(row.channel, Channel::AdminLink | Channel::WhatsAppCode) {
                row.tasks = row.tasks.and(Tasks::LIVE_NOTICES);
            }
            row.binding = Some(binding.clone());
        }
        (State::Requested, Event::Suppress) if live => {
            row.tasks = row.tasks.without(Tasks::RESOLVE);
        }
        (_, Event::Prove { proof, until }) if live => {
            let until = crate::time::to_millis(*until);
            row.state = proved(reset, *proof, until, &mut row).ok_or(illegal)?;
            row.tasks = row.tasks.without(Tasks::STEP_UP_CODE);
            if *proof == ProofKind::Message {
                // What is made from here on, a reply or a way to cancel, lives from the message and not from the request.
                if let Some(binding) = &mut row.binding {
                    (binding.link_until, binding.code_until) = (until, until);
                }
                let pending = if row.state == State::MessageReceived { Tasks::SEND } else { Tasks::LIVE_NOTICES };
                row.tasks = row.tasks.and(pending);
                row.due_at = Some(now);
            }
        }
        (before, Event::RequireStepUp { proof, wants, until }) if live => {
            let until = crate::time::to_millis(*until);
            // A message is judged again when what it proved is claimed, and a second proof is enough with the first.
            let first = !proof.is_step_up() && *proof != ProofKind::Message;
            if !first || proved(reset, *proof, until, &mut row) != Some(State::Verified) {
                return Err(illegal);
            }
            row.state = wants.state();
            row.step_up = None;
            if before == State::AwaitingCode && row.state == before {
                // The code is on its way; a new one for every press of a link would be a way to flood.
                if row.binding.as_ref().is_none_or(|binding| now >= binding.code_until) {
                    return Err(illegal);
                }
            } else if *wants == StepUp::Code {
                if let Some(binding) = &mut row.binding {
                    binding.code_until = until;
                }
                row.tasks = row.tasks.and(Tasks::STEP_UP_CODE);
                row.due_at = Some(now);
            } else {
                row.tasks = row.tasks.without(Tasks::STEP_UP_CODE);
            }
        }
        (State::Verified | State::Applying, Event::Apply { hash, check_at }) if live => {
            if row.hash_digests.len() >= MAX_HASHES {
                return Err(illegal);
            }
            row.state = State::Applying;
            row.hash_digests.push(*hash);
            // The check waits for this try, not for one before it; other debts wait for nothing.
            let check_at = crate::time::to_millis(*check_at);
            let others = !row.tasks.without(Tasks::FINISH).is_empty();
            row.due_at = Some(row.due_at.filter(|_| others).map_or(check_at, |due_at| due_at.min(check_at)));
            row.tasks = row.tasks.and(Tasks::FINISH);
        }
        // However late: once the password is in force, saying so is right.
        (State::Applying, Event::Finish) => {
            row.state = State::PasswordSet;
            row.set_at = Some(now);
            // The notice of the password says all that the notice of the proof would.
            row.tasks = row.tasks.without(Tasks::FINISH).without(Tasks::LIVE_NOTICES);
            row.tasks = row.tasks.and(Tasks::SESSIONS).and(Tasks::NOTICES);
            row.due_at = Some(now);
        }
        (State::PasswordSet, Event::Lock { until }) if now < row.expires_at => {
            row.state = State::Locked;
            row.expires_at = row.expires_at.max(crate::time::to_millis(*until));
            row.tasks = row.tasks.and(Tasks::LOCK).and(Tasks::LOCK_NOTICES);
            row.due_at = Some(now);
        }
        // Only a password that was set by another way lifts what the owner said.
        (State::Locked, Event::Close(why)) if *why != CloseReason::OtherResetWon => return Err(illegal),
        // While a password is being written, nobody can say that nothing came of it; only a look at the account can.
        (State::Applying, Event::Close(CloseReason::Cancelled | CloseReason::AttemptsExhausted)) => {
            return Err(illegal);
        }
        (state, Event::Close(reason)) if state.is_open() => {
            row.state = State::Closed(*reason);
            let sends = Tasks::SEND.and(Tasks::STEP_UP_CODE).and(Tasks::LIVE_NOTICES);
            row.tasks = row.tasks.without(Tasks::RESOLVE.and(Tasks::FINISH).and(sends));
            match reason {
                CloseReason::OtherResetWon => row.tasks = Tasks::NONE,
                CloseReason::Cancelled | CloseReason::ContactChanged if row.binding.is_some() => {
                    row.tasks = row.tasks.and(Tasks::NOTICES);
                    row.due_at = Some(now);
                }
                _ => {}
            }
        }
        _ => return Err(illegal),
    }
    Ok(Reset { row })
}

/// The state that a proof leads to, and what it says in the row; `None` for what proves nothing.
fn proved(reset: &Reset, proof: ProofKind, until: DateTime<Utc>, row: &mut StoredReset) -> Option<State> {
    // A claim takes what a message proved; there is nothing left for a second one.
    if proof == ProofKind::Claim && row.proved_by != Some(ProofKind::Message) {
        return None;
    }
    let state = proves(row.channel, row.state, proof)?;
    let opened_again = proof == ProofKind::Link
        && matches!(reset.state(), State::AwaitingCode | State::AwaitingFactor | State::Verified);
    if proof.is_step_up() {
        row.step_up = Some(proof);
    } else if !opened_again {
        // What a handle shows depends on what was brought through it, so the first proof stays on record.
        row.proved_by = Some(proof);
    }
    row.expires_at = row.expires_at.max(until);
    row.tasks = row.tasks.without(Tasks::SEND);
    Some(state)
}

/// One change that a store carries out: made here only, so that nothing is stored that [`next`] did not allow.
#[derive(Clone, Debug)]
pub struct Step {
    after: Reset,
    from_version: i64,
    adds: Tasks,
    removes: Tasks,
    at: DateTime<Utc>,
    refuses_expired: bool,
    closes_siblings: bool,
    clears_failures: bool,
    binds: bool,
    audit: Vec<AuditRow>,
    learns: Option<Box<KnownSender>>,
    with_account: Option<Box<WithAccount>>,
}

/// What a store writes instead, when it writes the account in the same transaction.
#[derive(Clone, Debug)]
struct WithAccount {
    change: PasswordChange,
    finished: Step,
}

impl Step {
    /// A step from `before` by `event`.
    ///
    /// # Errors
    /// As [`next`].
    pub fn new(before: &Reset, event: &Event, now: DateTime<Utc>, audit: Vec<AuditRow>) -> Result<Self, IllegalStep> {
        let after = next(before, event, now)?;
        let (refuses_expired, closes_siblings, clears_failures) = match event {
            Event::Issue { .. } | Event::Suppress | Event::Apply { .. } => (true, false, false),
            Event::Prove { .. } => (true, false, true),
            // Who holds the one proof must not get new guesses at the other by it (R41).
            Event::RequireStepUp { .. } => (true, false, false),
            Event::Finish => (false, true, true),
            Event::Lock { .. } => (true, true, false),
            Event::Close(_) => (false, false, false),
        };
        // Owed again, even if it is owed already: the debt of this try must outlive what pays the one before.
        let again = if matches!(event, Event::Apply { .. }) { Tasks::FINISH } else { Tasks::NONE };
        Ok(Self {
            adds: after.tasks().without(before.tasks()).and(again),
            removes: before.tasks().without(after.tasks()),
            from_version: before.version(),
            at: now,
            after,
            refuses_expired,
            closes_siblings,
            clears_failures,
            binds: matches!(event, Event::Issue { .. }),
            audit,
            learns: None,
            with_account: None,
        })
    }

    /// The step that sets a password: `Applying` with the digest of the new hash; or, in a store that writes the
    /// account itself, the change and `PasswordSet` at once.
    ///
    /// # Errors
    /// As [`next`].
    pub fn apply(
        before: &Reset,
        event: &Event,
        change: PasswordChange,
        now: DateTime<Utc>,
        audit_finished: Vec<AuditRow>,
    ) -> Result<Self, IllegalStep> {
        let mut step = Self::new(before, event, now, Vec::new())?;
        let mut finished = Self::new(&step.after, &Event::Finish, now, audit_finished)?;
        // One statement does both, so it starts where the first does and refuses what the first refuses.
        finished.from_version = before.version();
        finished.refuses_expired = true;
        finished.adds = finished.after.tasks().without(before.tasks());
        finished.removes = before.tasks().without(finished.after.tasks());
        step.with_account = Some(Box::new(WithAccount { change, finished }));
        Ok(step)
    }

    /// The row to store. Its counters, `delivery_attempts` and `notified` are to be left as they are in the store; its `tasks` is
    /// [`adds`](Self::adds) and [`removes`](Self::removes). What was asked for, by whom, when and until when it is shown, the
    /// key and the nonce are the same after every step.
    #[must_use]
    pub fn after(&self) -> &Reset {
        &self.after
    }

    /// The version that the row must have.
    #[must_use]
    pub fn from_version(&self) -> i64 {
        self.from_version
    }

    /// What the row owes from now on, beside what it owes already.
    #[must_use]
    pub fn adds(&self) -> Tasks {
        self.adds
    }

    /// What the row no longer owes.
    #[must_use]
    pub fn removes(&self) -> Tasks {
        self.removes
    }

    /// The time of the step.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Whether the row's `expires_at` must be after [`at`](Self::at) (R26).
    #[must_use]
    pub fn refuses_expired(&self) -> bool {
        self.refuses_expired
    }

    /// Whether every other open reset of the same account is closed as
    /// [`OtherResetWon`](CloseReason::OtherResetWon), owing nothing more.
    #[must_use]
    pub fn closes_siblings(&self) -> bool {
        self.closes_siblings
    }

    /// Whether the run of wrong codes of the row's subject goes back to zero.
    #[must_use]
    pub fn clears_failures(&self) -> bool {
        self.clears_failures
    }

    /// Whether the row gets its account by it, with the account's stamp and the time. No other step changes these three.
    #[must_use]
    pub fn binds(&self) -> bool {
        self.binds
    }

    /// Says from where a password is set: a few words, at most 80 characters.
    #[must_use]
    pub fn from_device(mut self, device: Option<&str>) -> Self {
        let device = device.map(|words| words.chars().take(MAX_DEVICE).collect::<String>());
        if let Some(with) = &mut self.with_account {
            with.finished.after.row.device.clone_from(&device);
        }
        self.after.row.device = device;
        self
    }

    /// Says until when the owner can undo a password that is set: the row is kept so long.
    #[must_use]
    pub fn lockable_until(mut self, until: DateTime<Utc>) -> Self {
        let finished = self.with_account.as_deref_mut().map(|with| &mut with.finished.after);
        for after in finished.into_iter().chain([&mut self.after]) {
            if after.state() == State::PasswordSet {
                after.row.expires_at = after.row.expires_at.max(crate::time::to_millis(until));
            }
        }
        self
    }

    /// Adds what an inbound message said about its sender.
    #[must_use]
    pub fn learning(mut self, sender: KnownSender) -> Self {
        self.learns = Some(Box::new(sender));
        self
    }

    /// What is to be known of a sender from now on: replaces what was known of the number, but for what this leaves
    /// open, and is taken from any other number that has the same name.
    #[must_use]
    pub fn learns(&self) -> Option<&KnownSender> {
        self.learns.as_deref()
    }

    /// Audit rows to write with it.
    #[must_use]
    pub fn audit(&self) -> &[AuditRow] {
        &self.audit
    }

    /// The change of the account, and the step to carry out *instead* of this one if the store writes the account in
    /// the same transaction.
    #[must_use]
    pub fn with_account(&self) -> Option<(&PasswordChange, &Self)> {
        self.with_account.as_ref().map(|with| (&with.change, &with.finished))
    }
}

#[cfg(test)]
mod tests;
