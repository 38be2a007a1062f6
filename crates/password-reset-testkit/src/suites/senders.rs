//! Inbound keys, what is known of senders, and what waiting browsers need.

use password_reset::flow::{CloseReason, Event, Reset, State};
use password_reset::ports::{Digest, KnownSender, Opened, Purge, Quota, ResetStore, SenderName, Senders, Transitioned};
use password_reset::{AccountId, Channel, InboundMode, ProofKind, ResetId};

use super::{StoreFixture, loaded, moved, stored};
use crate::sample::{self, after, noon};

const INBOUND: Channel = Channel::WhatsAppInbound(InboundMode::PageAdvances);

fn senders(store: &dyn ResetStore) -> &dyn Senders {
    store.senders().expect("the suite is for stores that keep senders")
}

fn key_of(reset: &Reset) -> Digest {
    reset.stored().inbound_key.unwrap()
}

/// An inbound reset that a message can prove.
async fn issued(store: &dyn ResetStore, account: &AccountId) -> Reset {
    let asked = stored(store, sample::requested_by(INBOUND, noon())).await;
    moved(store, &sample::issue(&asked, account, noon())).await
}

fn message() -> Event {
    Event::Prove { proof: ProofKind::Message, until: after(noon(), 600_000) }
}

/// Proves a reset of its own with a message that says all this of its sender.
async fn learn(store: &dyn ResetStore, known: &KnownSender) {
    let reset = issued(store, &known.account).await;
    let step = sample::step(&reset, &message(), noon()).learning(known.clone());
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Moved { lease: None });
}

fn known(account: &AccountId) -> KnownSender {
    let mut known = KnownSender::new(sample::digest(), account.clone(), noon());
    (known.id, known.identity) = (Some(sample::digest()), Some(sample::digest()));
    known
}

async fn by_number(store: &dyn ResetStore, known: &KnownSender) -> Option<KnownSender> {
    senders(store).sender(&SenderName::Number(known.number)).await.unwrap()
}

async fn by_id(store: &dyn ResetStore, known: &KnownSender) -> Option<KnownSender> {
    senders(store).sender(&SenderName::Id(known.id.unwrap())).await.unwrap()
}

/// The key finds its reset and no other, in any state.
pub async fn a_message_finds_the_reset_of_its_key(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let account = sample::account_id();
    let reset = issued(&*store, &account).await;
    stored(&*store, sample::requested_by(INBOUND, noon())).await;
    stored(&*store, sample::requested(noon())).await;
    let found = async |key: &Digest| other.load_inbound(key).await.unwrap().map(|loaded| loaded.reset);
    assert_eq!(found(&key_of(&reset)).await, Some(reset.clone()));
    assert_eq!(found(&sample::digest()).await, None);
    let closed = moved(&*store, &sample::close(&reset, CloseReason::Cancelled, noon())).await;
    assert_eq!(found(&key_of(&reset)).await, Some(closed));
}

/// A second reset with the key is not stored, and takes no permit of its source.
pub async fn an_inbound_key_is_taken_once(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let first = stored(&*store, sample::requested_by(INBOUND, noon())).await;
    let second = sample::altered(&sample::requested_by(INBOUND, noon()), |row| row.inbound_key = Some(key_of(&first)));
    let source = Quota::new(sample::digest(), 1, std::time::Duration::from_secs(3600), noon());
    assert_eq!(store.open(&second, Some(&source), None, &[]).await.unwrap(), Opened::DuplicateKey);
    assert!(store.load(second.id()).await.unwrap().is_none());
    assert_eq!(loaded(&*store, &first).await, first);
    let third = sample::requested_by(INBOUND, noon());
    assert_eq!(store.open(&third, Some(&source), None, &[]).await.unwrap(), Opened::Stored, "no permit was taken");
    for _ in 0..3 {
        stored(&*store, sample::requested(noon())).await;
    }
}

/// Both names find the same sender, on every node.
pub async fn a_sender_is_known_by_number_and_name(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let sender = known(&sample::account_id());
    assert_eq!(by_number(&*store, &sender).await, None);
    learn(&*store, &sender).await;
    assert_eq!(by_number(&*other, &sender).await, Some(sender.clone()));
    assert_eq!(by_id(&*other, &sender).await, Some(sender.clone()));
    let mut crossed = sender.clone();
    (crossed.number, crossed.id) = (sender.id.unwrap(), Some(sender.number));
    assert_eq!(by_number(&*store, &crossed).await, None, "a name is no number");
    assert_eq!(by_id(&*store, &crossed).await, None, "a number is no name");
}

/// What a message said is kept with the step that it proved, or not at all.
pub async fn a_step_that_is_not_taken_learns_nothing(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let reset = issued(&*store, &account).await;
    let sender = known(&account);
    let step = sample::step(&reset, &message(), noon()).learning(sender.clone());
    moved(&*store, &sample::close(&reset, CloseReason::Cancelled, noon())).await;
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Conflict);
    assert_eq!(by_number(&*store, &sender).await, None);
}

/// A later message that leaves something open does not forget it; what it says replaces what was said.
pub async fn what_is_open_keeps_what_was_known(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let first = known(&sample::account_id());
    learn(&*store, &first).await;
    let later = KnownSender::new(first.number, sample::account_id(), after(noon(), 5));
    learn(&*store, &later).await;
    let mut expected = later;
    (expected.id, expected.identity) = (first.id, first.identity);
    assert_eq!(by_number(&*store, &first).await, Some(expected.clone()));
    let mut last = expected;
    (last.id, last.identity) = (Some(sample::digest()), Some(sample::digest()));
    learn(&*store, &last).await;
    assert_eq!(by_number(&*store, &first).await, Some(last));
    assert_eq!(by_id(&*store, &first).await, None, "the old name belongs to no number");
}

/// A name that turns up with another number is that number's.
pub async fn a_name_goes_to_the_number_that_has_it_last(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let old = known(&sample::account_id());
    learn(&*store, &old).await;
    let mut new = known(&sample::account_id());
    new.id = old.id;
    learn(&*store, &new).await;
    assert_eq!(by_id(&*store, &old).await, Some(new.clone()));
    assert_eq!(by_number(&*store, &new).await, Some(new));
    assert_eq!(by_number(&*store, &old).await.and_then(|known| known.id), None);
}

/// Either name forgets all of its sender, and nothing of another.
pub async fn a_sender_is_forgotten(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let (by_its_number, by_its_name, stays) =
        (known(&sample::account_id()), known(&sample::account_id()), known(&sample::account_id()));
    for sender in [&by_its_number, &by_its_name, &stays] {
        learn(&*store, sender).await;
    }
    senders(&*store).forget_sender(&SenderName::Number(by_its_number.number)).await.unwrap();
    senders(&*store).forget_sender(&SenderName::Id(by_its_name.id.unwrap())).await.unwrap();
    senders(&*store).forget_sender(&SenderName::Number(sample::digest())).await.unwrap();
    assert_eq!(by_id(&*store, &by_its_number).await, None);
    assert_eq!(by_number(&*store, &by_its_name).await, None);
    assert_eq!(by_number(&*store, &stays).await, Some(stays));
}

/// Erasing an account erases its senders; a purge takes those that were not seen for long.
pub async fn senders_go_with_their_account_and_with_time(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let (erased, old, mut fresh) =
        (known(&sample::account_id()), known(&sample::account_id()), known(&sample::account_id()));
    fresh.seen_at = after(noon(), 1);
    for sender in [&erased, &old, &fresh] {
        learn(&*store, sender).await;
    }
    store.erase(&erased.account, &[]).await.unwrap();
    assert_eq!(by_number(&*store, &erased).await, None);
    assert_eq!(by_number(&*store, &old).await, Some(old.clone()));
    store.purge(&Purge::new(noon(), noon(), after(noon(), 1), 100)).await.unwrap();
    assert_eq!(by_number(&*store, &old).await, None);
    assert_eq!(by_number(&*store, &fresh).await, Some(fresh));
}

/// Open, not expired, of this account; oldest first, and no more than were asked for.
pub async fn live_resets_are_those_of_the_account(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let second = stored(&*store, sample::issued(&account, after(noon(), 2))).await;
    let first = stored(&*store, sample::verified(&account, after(noon(), 1))).await;
    stored(&*store, sample::issued(&sample::account_id(), noon())).await;
    let closed = stored(&*store, sample::issued(&account, noon())).await;
    moved(&*store, &sample::close(&closed, CloseReason::AttemptsExhausted, noon())).await;
    let ends = first.expires_at().min(second.expires_at());
    let live = async |at, limit| store.live(&account, at, limit).await.unwrap();
    assert_eq!(live(after(noon(), 3), 9).await, [first.clone(), second]);
    assert_eq!(live(after(noon(), 3), 1).await.len(), 1);
    assert!(live(ends, 9).await.len() < 2, "one has expired");
    assert!(matches!(first.state(), State::Verified));
}

/// Each key once, as long as a reset that was made with it has not expired.
pub async fn keys_are_in_use_until_their_last_reset_expires(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    assert!(other.keys_in_use(noon()).await.unwrap().is_empty());
    let first = stored(&*store, sample::requested(noon())).await;
    stored(&*store, sample::requested(noon())).await;
    let key = first.stored().key_id.clone();
    for at in [noon(), after(first.stored().expires_at, -1)] {
        assert_eq!(other.keys_in_use(at).await.unwrap().as_slice(), std::slice::from_ref(&key));
    }
    assert!(other.keys_in_use(first.stored().expires_at).await.unwrap().is_empty());
}

/// What is there, whatever else is asked for; raised by every step.
pub async fn versions_are_those_of_the_rows(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let account = sample::account_id();
    let one = issued(&*store, &account).await;
    let two = stored(&*store, sample::requested(noon())).await;
    let unknown = ResetId::from_bytes([9; 16]);
    let mut versions = other.versions(&[one.id(), unknown, two.id()]).await.unwrap();
    versions.sort();
    let mut expected = vec![(one.id(), one.version()), (two.id(), two.version())];
    expected.sort();
    assert_eq!(versions, expected);
    assert!(other.versions(&[]).await.unwrap().is_empty());
    let closed = moved(&*store, &sample::close(&one, CloseReason::AttemptsExhausted, noon())).await;
    assert_eq!(other.versions(&[one.id()]).await.unwrap(), [(one.id(), closed.version())]);
}
