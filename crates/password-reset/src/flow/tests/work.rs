//! Which steps leave a task that is due at once.

use super::super::*;
use super::{apply, at, issue, reset};
use crate::flow::channel::{Channel, InboundMode, ProofKind};

#[test]
fn a_step_has_work_if_it_adds_a_task_and_that_is_due() {
    let proof = |proof| Event::Prove { proof, until: at(900) };
    let inbound = Channel::WhatsAppInbound(InboundMode::TypeBack);
    for (channel, state, event, has_work) in [
        (Channel::EmailLink, State::Requested, issue(1_801, 601), true),
        (Channel::EmailLink, State::Requested, Event::Suppress, false),
        (inbound, State::Requested, issue(1_801, 601), false),
        (inbound, State::CodeIssued, proof(ProofKind::Message), true),
        (Channel::EmailLink, State::CodeIssued, proof(ProofKind::Link), false),
        (Channel::EmailLink, State::Verified, apply(30), false),
    ] {
        let before = reset(channel, state, (state == State::Verified).then_some(ProofKind::Link));
        let step = Step::new(&before, &event, at(2), Vec::new()).expect("allowed");
        assert_eq!(step.has_work(at(2)), has_work, "{channel:?} {event:?}");
    }
    let verified = reset(Channel::EmailLink, State::Verified, Some(ProofKind::Link));
    let step = Step::new(&verified, &apply(30), at(2), Vec::new()).expect("allowed");
    assert_eq!((step.has_work(at(29)), step.has_work(at(30))), (false, true));
}
