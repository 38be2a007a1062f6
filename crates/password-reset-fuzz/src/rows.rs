//! Rows as a store may hold them, and events as they may come.

use chrono::{DateTime, Duration, Utc};
use password_reset::flow::{CloseReason, Event, Reset, State, StoredReset, Tasks, next};
use password_reset::{AccountId, Channel, InboundMode, ProofKind, StepUp};
use password_reset_testkit::sample;

/// A program: a row, what is altered in it, and then events. A row that is refused does nothing. Whatever events do to one that
/// is accepted, the result is a row that is accepted too, and an ended reset stays ended.
pub(crate) fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let mut row = input.row();
    for _ in 0..input.byte() % 6 {
        input.alter(&mut row);
    }
    let Ok(mut reset) = Reset::from_stored(row) else { return };
    while !input.0.is_empty() {
        let (event, now) = (input.event(), input.time());
        let Ok(after) = next(&reset, &event, now) else { continue };
        assert_eq!(after.version(), reset.version().saturating_add(1));
        assert!(!is_ended(reset.state()) || is_ended(after.state()), "{:?} by {event:?}", reset.state());
        let again = Reset::from_stored(after.stored().clone());
        assert!(again.is_ok(), "{event:?} left {after:?}: {again:?}");
        reset = after;
    }
}

fn is_ended(state: State) -> bool {
    matches!(state, State::Closed(_))
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::from(self.byte()) % all.len()].clone()
    }

    fn time(&mut self) -> DateTime<Utc> {
        let far = [0, 1, -1, 60, 600, 1_800, 1_801, -3_600, 86_400, 4_000_000, 400_000_000, -400_000_000];
        sample::noon().checked_add_signed(Duration::seconds(self.one_of(&far))).unwrap()
    }

    fn channel(&mut self) -> Channel {
        self.one_of(&[
            Channel::EmailLink,
            Channel::AdminLink,
            Channel::WhatsAppCode,
            Channel::CurrentPassword,
            Channel::WhatsAppInbound(InboundMode::PageAdvances),
            Channel::WhatsAppInbound(InboundMode::TypeBack),
            Channel::WhatsAppInbound(InboundMode::ContinueOnPhone),
        ])
    }

    fn row(&mut self) -> StoredReset {
        let (at, account) = (sample::noon(), AccountId::new("7"));
        let reset = match self.byte() % 5 {
            0 => sample::requested(at),
            1 => sample::requested_by(self.channel(), at),
            2 => sample::issued(&account, at),
            3 => sample::verified(&account, at),
            _ => sample::applying(&account, at),
        };
        reset.stored().clone()
    }

    fn proof(&mut self) -> ProofKind {
        self.one_of(&[
            ProofKind::Link,
            ProofKind::Code,
            ProofKind::Message,
            ProofKind::Claim,
            ProofKind::ReplyCode,
            ProofKind::CurrentPassword,
            ProofKind::StepUpCode,
            ProofKind::HostFactor,
        ])
    }

    fn alter(&mut self, row: &mut StoredReset) {
        match self.byte() % 16 {
            0 => row.version = self.one_of(&[0, 1, -1, i64::MAX, i64::MIN]),
            1 => row.channel = self.channel(),
            2 => row.state = self.one_of(&[State::Requested, State::CodeIssued, State::Verified, State::Locked]),
            3 => row.identifier = self.one_of(&[String::new(), "\u{0}".to_owned(), "7".repeat(9_000)]),
            4 => row.key_id = self.one_of(&[String::new(), "k1".to_owned(), "k".repeat(9_000)]),
            5 => row.inbound_key = self.one_of(&[None, Some(sample::digest())]),
            6 => row.created_at = self.time(),
            7 => row.shown_until = self.time(),
            8 => row.expires_at = self.time(),
            9 => row.binding = None,
            10 => row.proved_by = Some(self.proof()),
            11 => row.step_up = Some(self.proof()),
            12 => row.hash_digests = vec![sample::digest(); usize::from(self.byte())],
            13 => row.set_at = Some(self.time()),
            14 => row.tasks = Tasks::from_bits(i64::from(self.byte())).unwrap_or(Tasks::NONE),
            _ => row.due_at = Some(self.time()),
        }
    }

    fn event(&mut self) -> Event {
        let (at, account) = (sample::noon(), AccountId::new("7"));
        match self.byte() % 8 {
            0 => sample::issue_event(&account, at),
            1 => Event::Suppress,
            2 => Event::Prove { proof: self.proof(), until: self.time() },
            3 => Event::RequireStepUp {
                proof: self.proof(),
                wants: self.one_of(&[StepUp::Code, StepUp::HostFactor]),
                until: self.time(),
            },
            4 => Event::Apply { hash: sample::digest(), check_at: self.time(), device: Some("x".repeat(90)) },
            5 => Event::Finish { lockable_until: self.one_of(&[None, Some(at)]) },
            6 => Event::Lock { until: self.time() },
            _ => Event::Close(self.one_of(&[CloseReason::Cancelled, CloseReason::OtherResetWon])),
        }
    }
}
