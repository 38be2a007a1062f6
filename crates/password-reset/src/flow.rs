//! The state machine, as one pure function.
//!
//! No I/O, no clock, no randomness. Every row that an adapter stores went through [`next`], and reaches it as a [`Step`].

pub(crate) mod audit;
pub(crate) mod channel;
pub(crate) mod lease;
pub(crate) mod reset;
pub(crate) mod state;
mod step;
pub(crate) mod tasks;

use chrono::{DateTime, Utc};

pub use self::audit::{AuditEvent, AuditRow};
pub use self::channel::proves;
pub use self::reset::{Binding, DamagedRow, NewReset, Reset, StoredReset};
pub use self::state::{CloseReason, State};
pub use self::step::Step;
pub use self::tasks::Tasks;
use crate::digest::Digest;
use crate::flow::channel::{Channel, ProofKind, StepUp};
use crate::flow::reset::MAX_HASHES;
use crate::identity::shown::MAX_DEVICE;

/// What happens to a reset.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The account was found and may be reset; wrong codes count against `subject` from now on.
    Issue {
        /// What ties the reset to the account.
        binding: Binding,
        /// Keyed digest of the account.
        subject: Digest,
    },
    /// There is no account to send to, or no permit for another message: it stays requested and has no task.
    Suppress,
    /// A proof was brought; what can be done with it can be done until `until`.
    Prove {
        /// Which.
        proof: ProofKind,
        /// Until when a password can be set.
        until: DateTime<Utc>,
    },
    /// A proof was brought that would be enough, but the risk policy requires a step-up; it can be brought until `until`.
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
        /// When to look whether it was written, should its writer crash.
        check_at: DateTime<Utc>,
        /// From where the password is set, in a few words; cut to 80 characters.
        device: Option<String>,
    },
    /// The account has the password.
    Finish {
        /// Until when its owner can lock the account; the row is kept so long.
        lockable_until: Option<DateTime<Utc>>,
    },
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
            Self::RequireStepUp { .. } => "require step-up",
            Self::Apply { .. } => "apply",
            Self::Finish { .. } => "finish",
            Self::Lock { .. } => "lock",
            Self::Close(_) => "close",
        }
    }
}

/// The event is not allowed in the reset's state, or the reset has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid transition: {event} in state {}", .state.code())]
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
                // The reply and the link that cancels live from the message on, not from the request.
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
            // A message is assessed again when its proof is claimed, and a step-up completes the proof before it.
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
        (State::Verified | State::Applying, Event::Apply { hash, check_at, device }) if live => {
            if row.hash_digests.len() >= MAX_HASHES {
                return Err(illegal);
            }
            row.state = State::Applying;
            row.hash_digests.push(*hash);
            row.device = device.as_deref().map(|words| words.chars().take(MAX_DEVICE).collect());
            // The check waits for this attempt, not for one before it; other tasks wait for nothing.
            let check_at = crate::time::to_millis(*check_at);
            let others = !row.tasks.without(Tasks::FINISH).is_empty();
            row.due_at = Some(row.due_at.filter(|_| others).map_or(check_at, |due_at| due_at.min(check_at)));
            row.tasks = row.tasks.and(Tasks::FINISH);
        }
        // However late it is: the password is in force.
        (State::Applying, Event::Finish { lockable_until }) => {
            row.state = State::PasswordSet;
            row.set_at = Some(now);
            if let Some(until) = lockable_until {
                row.expires_at = row.expires_at.max(crate::time::to_millis(*until));
            }
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
        // Only a password that was set by another channel unlocks the account.
        (State::Locked, Event::Close(why)) if *why != CloseReason::OtherResetWon => return Err(illegal),
        // While a password is being written, only a look at the account can say that it was not.
        (State::Applying, Event::Close(CloseReason::Cancelled | CloseReason::AttemptsExhausted)) => {
            return Err(illegal);
        }
        (state, Event::Close(reason)) if state.is_open() => {
            row.state = State::Closed(*reason);
            let sends = Tasks::SEND.and(Tasks::STEP_UP_CODE).and(Tasks::LIVE_NOTICES);
            row.tasks = row.tasks.without(Tasks::RESOLVE.and(Tasks::FINISH).and(sends));
            match reason {
                CloseReason::OtherResetWon => row.tasks = Tasks::NONE,
                // Strangers open as many as they like of those that send nothing, and the owner knows of none that was not proved.
                CloseReason::Cancelled if !row.channel.sends_when_issued() && row.proved_by.is_none() => {}
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
    // A claim takes what a message proved; nothing is left for a second claim.
    if proof == ProofKind::Claim && row.proved_by != Some(ProofKind::Message) {
        return None;
    }
    let state = proves(row.channel, row.state, proof)?;
    let opened_again = proof == ProofKind::Link
        && matches!(reset.state(), State::AwaitingCode | State::AwaitingFactor | State::Verified);
    if proof.is_step_up() {
        row.step_up = Some(proof);
    } else if !opened_again {
        // What a requester token shows depends on the proofs brought through it, so the first proof stays on record.
        row.proved_by = Some(proof);
    }
    row.expires_at = row.expires_at.max(until);
    row.tasks = row.tasks.without(Tasks::SEND);
    Some(state)
}

#[cfg(test)]
mod tests;
