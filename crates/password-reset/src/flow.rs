//! The state machine, as one pure function.
//!
//! No I/O, no clock, no randomness. Whatever an adapter stores went through [`next`], and reaches it as a [`Step`].

use chrono::{DateTime, Utc};

use crate::audit::AuditRow;
use crate::channel::{Channel, ProofKind, proves};
use crate::owes::Owes;
use crate::ports::PasswordChange;
use crate::reset::{Binding, CloseReason, MOST_HASHES, Reset, State};
use crate::secret::Digest;

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
    Hold,
    /// A proof was brought; what can be done with it can be done until `until`.
    Prove {
        /// Which.
        proof: ProofKind,
        /// Until when a password can be set.
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
    /// Nothing shall come of it.
    Close(CloseReason),
}

impl Event {
    /// The name, for errors and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Issue { .. } => "issue",
            Self::Hold => "hold",
            Self::Prove { .. } => "prove",
            Self::Apply { .. } => "apply",
            Self::Finish => "finish",
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
            row.owes = row.owes.without(Owes::RESOLVE);
            if row.channel == Channel::CurrentPassword {
                row.due_at = None;
            } else {
                row.owes = row.owes.and(Owes::SEND);
                row.due_at = Some(now);
            }
            row.binding = Some(binding.clone());
        }
        (State::Requested, Event::Hold) if live => {
            row.owes = row.owes.without(Owes::RESOLVE);
        }
        (State::CodeIssued | State::Heard | State::Verified, Event::Prove { proof, until }) if live => {
            // A claim takes what a message proved; there is nothing left for a second one.
            if *proof == ProofKind::Claim && row.proved_by != Some(ProofKind::Message) {
                return Err(illegal);
            }
            let opened_again = row.state == State::Verified && *proof == ProofKind::Link;
            row.state = proves(row.channel, row.state, *proof).ok_or(illegal)?;
            // What a handle shows depends on what was brought through it, so the first proof stays on record.
            if !opened_again {
                row.proved_by = Some(*proof);
            }
            row.expires_at = row.expires_at.max(crate::time::to_millis(*until));
            row.owes = row.owes.without(Owes::SEND);
        }
        (State::Verified | State::Applying, Event::Apply { hash, check_at }) if live => {
            if row.hash_digests.len() >= MOST_HASHES {
                return Err(illegal);
            }
            row.state = State::Applying;
            row.hash_digests.push(*hash);
            // The check waits for this try, not for one before it; other debts wait for nothing.
            let check_at = crate::time::to_millis(*check_at);
            let others = !row.owes.without(Owes::FINISH).is_nothing();
            row.due_at = Some(row.due_at.filter(|_| others).map_or(check_at, |due_at| due_at.min(check_at)));
            row.owes = row.owes.and(Owes::FINISH);
        }
        // However late: once the password is in force, saying so is right.
        (State::Applying, Event::Finish) => {
            row.state = State::PasswordSet;
            row.set_at = Some(now);
            row.owes = row.owes.without(Owes::FINISH).and(Owes::SESSIONS).and(Owes::NOTICES);
            row.due_at = Some(now);
        }
        // While a password is being written, nobody can say that nothing came of it; only a look at the account can.
        (State::Applying, Event::Close(CloseReason::Cancelled | CloseReason::Locked)) => return Err(illegal),
        (state, Event::Close(reason)) if state.is_open() => {
            row.state = State::Closed(*reason);
            row.owes = row.owes.without(Owes::RESOLVE).without(Owes::SEND).without(Owes::FINISH);
        }
        _ => return Err(illegal),
    }
    Ok(Reset { row })
}

/// One change that a store carries out: made here only, so that nothing is stored that [`next`] did not allow.
#[derive(Clone, Debug)]
pub struct Step {
    after: Reset,
    from_version: i64,
    adds: Owes,
    forgives: Owes,
    at: DateTime<Utc>,
    refuses_expired: bool,
    closes_siblings: bool,
    clears_run: bool,
    audit: Vec<AuditRow>,
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
        let (refuses_expired, closes_siblings, clears_run) = match event {
            Event::Issue { .. } | Event::Hold | Event::Apply { .. } => (true, false, false),
            Event::Prove { .. } => (true, false, true),
            Event::Finish => (false, true, true),
            Event::Close(_) => (false, false, false),
        };
        // Owed again, even if it is owed already: the debt of this try must outlive what pays the one before.
        let again = if matches!(event, Event::Apply { .. }) { Owes::FINISH } else { Owes::NOTHING };
        Ok(Self {
            adds: after.owes().without(before.owes()).and(again),
            forgives: before.owes().without(after.owes()),
            from_version: before.version(),
            at: now,
            after,
            refuses_expired,
            closes_siblings,
            clears_run,
            audit,
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
        finished.adds = finished.after.owes().without(before.owes());
        finished.forgives = before.owes().without(finished.after.owes());
        step.with_account = Some(Box::new(WithAccount { change, finished }));
        Ok(step)
    }

    /// The row to store. Its counters, `attempts` and `told` are to be left as they are in the store; its `owes` is
    /// [`adds`](Self::adds) and [`forgives`](Self::forgives).
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
    pub fn adds(&self) -> Owes {
        self.adds
    }

    /// What the row no longer owes.
    #[must_use]
    pub fn forgives(&self) -> Owes {
        self.forgives
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
    pub fn clears_run(&self) -> bool {
        self.clears_run
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
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::channel::InboundMode;
    use crate::id::{AccountId, ResetId};
    use crate::identifier::Identifier;
    use crate::locale::Locale;
    use crate::reset::NewReset;

    fn at(seconds: u64) -> DateTime<Utc> {
        let start = DateTime::from_timestamp_millis(1_800_000_000_000).expect("in range");
        crate::time::later(start, Duration::from_secs(seconds))
    }

    fn digest(byte: u8) -> Digest {
        Digest::from_bytes([byte; 32])
    }

    /// A reset in any state, by hand: the table must hold for rows that no sequence of events leads to, too.
    fn reset(channel: Channel, state: State, proved_by: Option<ProofKind>) -> Reset {
        let mut reset = Reset::open(NewReset::new(
            ResetId::from_bytes([1; 16]),
            channel,
            Identifier::username("toko").expect("a name"),
            Locale::English,
            "k1",
            [2; 32],
            digest(3),
            digest(4),
            at(0),
            at(1_800),
        ));
        reset.row.state = state;
        reset.row.proved_by = proved_by;
        reset.row.set_at = (state == State::PasswordSet).then(|| at(1));
        if state != State::Requested {
            reset.row.binding = Some(binding());
            reset.row.owes = Owes::NOTHING;
        }
        reset
    }

    fn binding() -> Binding {
        Binding::new(AccountId::new("7"), digest(5), at(1), at(1_801), at(601))
    }

    fn events() -> Vec<Event> {
        let mut events = vec![
            Event::Issue { binding: binding(), subject: digest(6) },
            Event::Hold,
            Event::Apply { hash: digest(7), check_at: at(30) },
            Event::Finish,
        ];
        let reasons = State::ALL.into_iter().filter_map(|state| match state {
            State::Closed(reason) => Some(reason),
            _ => None,
        });
        events.extend(reasons.map(Event::Close));
        events.extend(ProofKind::ALL.map(|proof| Event::Prove { proof, until: at(900) }));
        events
    }

    /// What the design's table says, written down a second time and by hand.
    fn expected(channel: Channel, state: State, event: &Event) -> Option<State> {
        let inbound = Channel::WhatsAppInbound;
        match event {
            Event::Issue { .. } => (state == State::Requested).then_some(State::CodeIssued),
            Event::Hold => (state == State::Requested).then_some(State::Requested),
            Event::Apply { .. } => matches!(state, State::Verified | State::Applying).then_some(State::Applying),
            Event::Finish => (state == State::Applying).then_some(State::PasswordSet),
            Event::Close(why) => {
                let by_hand = matches!(why, CloseReason::Cancelled | CloseReason::Locked);
                let too_late = matches!(state, State::PasswordSet | State::Closed(_));
                (!(too_late || state == State::Applying && by_hand)).then_some(State::Closed(*why))
            }
            Event::Prove { proof, .. } => {
                let rows: &[(Channel, State, ProofKind, State)] = &[
                    (Channel::EmailLink, State::CodeIssued, ProofKind::Link, State::Verified),
                    (Channel::EmailLink, State::CodeIssued, ProofKind::Code, State::Verified),
                    (Channel::EmailLink, State::Verified, ProofKind::Link, State::Verified),
                    (Channel::WhatsAppCode, State::CodeIssued, ProofKind::Code, State::Verified),
                    (inbound(InboundMode::PageAdvances), State::CodeIssued, ProofKind::Message, State::Verified),
                    (inbound(InboundMode::PageAdvances), State::Verified, ProofKind::Claim, State::Verified),
                    (inbound(InboundMode::TypeBack), State::CodeIssued, ProofKind::Message, State::Heard),
                    (inbound(InboundMode::TypeBack), State::Heard, ProofKind::ReplyCode, State::Verified),
                    (inbound(InboundMode::ContinueOnPhone), State::CodeIssued, ProofKind::Message, State::Heard),
                    (inbound(InboundMode::ContinueOnPhone), State::Heard, ProofKind::Link, State::Verified),
                    (inbound(InboundMode::ContinueOnPhone), State::Verified, ProofKind::Link, State::Verified),
                    (Channel::CurrentPassword, State::CodeIssued, ProofKind::CurrentPassword, State::Verified),
                ];
                let row = rows.iter().find(|row| (row.0, row.1, row.2) == (channel, state, *proof));
                row.map(|row| row.3)
            }
        }
    }

    #[test]
    fn every_pair_of_state_and_event_is_as_the_table_says() {
        let mut pairs = 0;
        for channel in Channel::ALL {
            for state in State::ALL {
                for event in events() {
                    let before = reset(channel, state, Some(ProofKind::Message));
                    let after = next(&before, &event, at(2));
                    assert_eq!(
                        after.as_ref().map(Reset::state).ok(),
                        expected(channel, state, &event),
                        "{channel:?} {state:?} {event:?}"
                    );
                    if let Ok(after) = after {
                        assert_eq!(after.version(), before.version() + 1);
                    }
                    pairs += 1;
                }
            }
        }
        assert_eq!(pairs, 6 * 10 * 14);
    }

    #[test]
    fn expired_resets_take_nothing_but_finish_and_close() {
        for channel in Channel::ALL {
            for state in State::ALL {
                for event in events() {
                    let before = reset(channel, state, Some(ProofKind::Message));
                    let allowed = next(&before, &event, before.expires_at()).is_ok();
                    let late = matches!(event, Event::Finish | Event::Close(_));
                    assert_eq!(allowed, late && expected(channel, state, &event).is_some(), "{state:?} {event:?}");
                    let last_moment = before.expires_at() - Duration::from_millis(1);
                    let in_time = next(&before, &event, last_moment).is_ok();
                    assert_eq!(in_time, expected(channel, state, &event).is_some(), "{state:?} {event:?}");
                }
            }
        }
    }

    #[test]
    fn a_claim_is_taken_once() {
        let page = Channel::WhatsAppInbound(InboundMode::PageAdvances);
        let claim = Event::Prove { proof: ProofKind::Claim, until: at(900) };
        let heard = reset(page, State::Verified, Some(ProofKind::Message));
        let claimed = next(&heard, &claim, at(2)).expect("the message is not claimed yet");
        assert!(next(&claimed, &claim, at(2)).is_err());
    }

    #[test]
    fn opening_a_link_again_leaves_the_first_proof_on_record() {
        let typed = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Code));
        let opened = next(&typed, &Event::Prove { proof: ProofKind::Link, until: at(900) }, at(2)).expect("allowed");
        assert_eq!(opened.proved_by(), Some(ProofKind::Code));
    }

    #[test]
    fn a_step_adds_and_forgives_debts() {
        let asked = reset(Channel::EmailLink, State::Requested, None);
        let issue = Event::Issue { binding: binding(), subject: digest(6) };
        let step = Step::new(&asked, &issue, at(2), Vec::new()).expect("allowed");
        assert_eq!((step.adds(), step.forgives()), (Owes::SEND, Owes::RESOLVE));
        let proof = Event::Prove { proof: ProofKind::Link, until: at(900) };
        let proved = Step::new(step.after(), &proof, at(3), Vec::new()).expect("allowed");
        assert_eq!((proved.adds(), proved.forgives()), (Owes::NOTHING, Owes::SEND));
        assert!(proved.refuses_expired() && proved.clears_run() && !proved.closes_siblings());
    }

    #[test]
    fn a_second_try_is_owed_its_own_check() {
        let apply = |check| Event::Apply { hash: digest(7), check_at: at(check) };
        let verified = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Link));
        let first = Step::new(&verified, &apply(30), at(2), Vec::new()).expect("allowed");
        let second = Step::new(first.after(), &apply(40), at(12), Vec::new()).expect("allowed");
        assert_eq!((second.adds(), second.after().stored().due_at), (Owes::FINISH, Some(at(40))));
        assert_eq!(second.after().stored().hash_digests.len(), 2);
    }

    #[test]
    fn setting_at_once_owes_what_setting_in_two_steps_owes() {
        let before = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Link));
        let apply = Event::Apply { hash: digest(7), check_at: at(30) };
        let was = crate::account::Account::new("7", crate::account::Standing::Active);
        let change = PasswordChange::new(was, crate::account::PasswordHash::new("h"), at(2));
        let step = Step::apply(&before, &apply, change, at(2), Vec::new()).expect("allowed");
        let (_, at_once) = step.with_account().expect("both forms");
        assert_eq!(at_once.from_version(), before.version());
        assert!(at_once.refuses_expired() && at_once.closes_siblings());
        let in_two = next(step.after(), &Event::Finish, at(2)).expect("allowed");
        assert_eq!(at_once.after(), &in_two);
        assert_eq!(step.adds(), Owes::FINISH);
        assert_eq!(at_once.adds(), Owes::SESSIONS.and(Owes::NOTICES));
    }
}
