//! Changes that the owner reports.

use super::super::*;
use super::{at, finish, reset};
use crate::flow::channel::Channel;

#[test]
fn a_password_is_undone_in_its_time_and_only_another_one_lifts_it() {
    let applying = reset(Channel::EmailLink, State::Applying, Some(ProofKind::Link));
    let set = Step::new(&applying, &finish(Some(5_000)), at(2), Vec::new()).expect("allowed");
    let lock = Event::Lock { until: at(9_000) };
    assert!(next(set.after(), &lock, at(5_000)).is_err(), "too late");
    let locked = next(set.after(), &lock, at(4_999)).expect("in time");
    assert_eq!((locked.state(), locked.set_at(), locked.expires_at()), (State::Locked, Some(at(2)), at(9_000)));
    assert!(locked.tasks().contains(Tasks::LOCK.and(Tasks::LOCK_NOTICES).and(Tasks::SESSIONS).and(Tasks::NOTICES)));
    assert!(next(&locked, &lock, at(4_999)).is_err(), "once");
    let closed = next(&locked, &Event::Close(CloseReason::OtherResetWon), at(5_000)).expect("lifted");
    assert_eq!((closed.tasks(), closed.set_at()), (Tasks::NONE, Some(at(2))));
    assert!(Reset::from_stored(closed.stored().clone()).is_ok());
}
