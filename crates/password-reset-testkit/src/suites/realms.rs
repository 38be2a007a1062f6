//! Services that share a database and see nothing of each other.

use std::sync::Arc;

use password_reset::flow::{AuditEvent, AuditRow, Reset};
use password_reset::ports::{
    Ack, Acknowledged, Attempt, AttemptKind, Attempted, AuditFilter, Due, KnownSender, Opened, Purge, ResetStore,
    SenderName, Transitioned,
};
use password_reset::{AccountId, Channel, InboundMode, Realm};

use super::{StoreFixture, acknowledged, loaded, moved, newest, stored};
use crate::sample::{self, after, noon};

const INBOUND: Channel = Channel::WhatsAppInbound(InboundMode::PageAdvances);

/// The fixture's store for two realms, the second as another node sees it.
fn two_realms(fixture: &impl StoreFixture) -> (Arc<dyn ResetStore>, Arc<dyn ResetStore>) {
    let realm = |name| Realm::new(name).unwrap();
    (fixture.store().in_realm(&realm("a")), fixture.another_node().in_realm(&realm("b")))
}

/// What one realm has of an account: an open reset by mail, a locked one, one by an inbound message with its sender, and
/// audit rows, of which one is about a contact that fails.
struct Rows {
    open: Reset,
    locked: Reset,
    inbound: Reset,
    sender: KnownSender,
}

impl Rows {
    async fn of(account: &AccountId, store: &dyn ResetStore) -> Self {
        let set = sample::finish(&sample::applying(account, noon()), noon()).after().clone();
        let locked = stored(store, sample::lock(&set, noon()).after().clone()).await;
        let open = stored(store, sample::issued(account, noon())).await;
        let inbound = stored(store, sample::requested_by(INBOUND, noon())).await;
        let inbound = moved(store, &sample::issue(&inbound, account, noon())).await;
        let mut sender = KnownSender::new(sample::digest(), account.clone(), noon());
        sender.id = Some(sample::digest());
        let step = sample::prove(&inbound, noon()).learning(sender.clone());
        assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Moved { lease: None });
        let failed = AuditRow::new(noon(), AuditEvent::NoSuchContact).account(account).contact(sample::digest());
        store.record(&failed).await.unwrap();
        Self { inbound: loaded(store, &inbound).await, open, locked, sender }
    }

    fn resets(&self) -> [&Reset; 3] {
        [&self.open, &self.locked, &self.inbound]
    }

    /// All of it is there, as it was.
    async fn are_whole(&self, account: &AccountId, store: &dyn ResetStore) {
        for reset in self.resets() {
            assert_eq!(loaded(store, reset).await, *reset, "the reset is {:?}", reset.state());
        }
        let senders = store.senders().unwrap();
        let known = senders.sender(&SenderName::Number(self.sender.number)).await.unwrap();
        assert_eq!(known.as_ref(), Some(&self.sender));
        let events: Vec<_> = store.audit(&newest(account, 9)).await.unwrap().iter().map(|row| row.event).collect();
        assert!(events.contains(&AuditEvent::NoSuchContact) && events.contains(&AuditEvent::Issued), "{events:?}");
    }
}

/// Not by id, by inbound key, by account, by sender, or in the audit trail; and pages that wait see no change.
pub async fn rows_of_another_realm_are_not_found(fixture: &impl StoreFixture) {
    let (a, b) = two_realms(fixture);
    let account = sample::account_id();
    let rows = Rows::of(&account, &*a).await;
    for reset in rows.resets() {
        assert!(b.load(reset.id()).await.unwrap().is_none(), "{:?}", reset.state());
        assert_eq!(b.versions(&[reset.id()]).await.unwrap(), []);
        assert_eq!(a.versions(&[reset.id()]).await.unwrap(), [(reset.id(), reset.version())]);
    }
    assert!(b.load_inbound(&rows.inbound.stored().inbound_key.unwrap()).await.unwrap().is_none());
    assert_eq!(b.live(&account, noon(), 9).await.unwrap(), []);
    let state = b.account_state(&account, &[], noon()).await.unwrap();
    assert!(state.failing.is_empty() && state.locked.is_empty(), "{state:?}");
    let [of_a, of_b] = [a.health(noon()).await.unwrap().overdue, b.health(noon()).await.unwrap().overdue];
    assert!(of_a > 0 && of_b == 0, "{of_a} {of_b}");
    assert_eq!(b.audit(&newest(&account, 9)).await.unwrap(), []);
    assert_eq!(b.audit(&AuditFilter::NewestOfEachContact { account: account.clone() }).await.unwrap(), []);
    let senders = b.senders().unwrap();
    for name in [SenderName::Number(rows.sender.number), SenderName::Id(rows.sender.id.unwrap())] {
        assert_eq!(senders.sender(&name).await.unwrap(), None);
        senders.forget_sender(&name).await.unwrap();
    }
    rows.are_whole(&account, &*a).await;
}

/// No step, attempt, lease, ack or purge of one realm changes a row of another.
pub async fn rows_of_another_realm_are_not_changed(fixture: &impl StoreFixture) {
    let (a, b) = two_realms(fixture);
    let account = sample::account_id();
    let rows = Rows::of(&account, &*a).await;
    let late = after(noon(), 60_000);
    assert_eq!(b.transition(&sample::prove(&rows.open, noon())).await.unwrap(), Transitioned::Conflict);
    for kind in [AttemptKind::Code, AttemptKind::StepUp, AttemptKind::Completion] {
        let attempted = b.attempt(&Attempt::new(rows.open.id(), kind, 9)).await.unwrap();
        assert!(matches!(attempted, Attempted::Unknown), "{kind:?}: {attempted:?}");
    }
    assert!(b.lease(&Due::new(late, after(late, 60_000), 9)).await.unwrap().is_empty());
    rows.are_whole(&account, &*a).await;
    let leased = a.lease(&Due::new(late, after(late, 60_000), 9)).await.unwrap();
    assert!(!leased.is_empty());
    for leased in &leased {
        assert_eq!(acknowledged(&*b, &Ack::new(leased, late)).await, Acknowledged::LeaseLost);
        let mut ack = Ack::new(leased, late);
        ack.done = leased.reset.tasks();
        assert_eq!(acknowledged(&*a, &ack).await, Acknowledged::Done);
    }
    let long_after = after(noon(), 400 * 86_400_000);
    let purge = Purge::new(long_after, long_after, long_after, 99);
    assert_eq!(b.purge(&purge).await.unwrap(), 0);
    for reset in rows.resets() {
        loaded(&*a, reset).await;
    }
    assert!(a.purge(&purge).await.unwrap() >= 3);
}

/// Two services may use the same ids for their accounts: a password that is set in one closes and erases nothing in the other.
pub async fn accounts_of_two_realms_with_one_id_are_two(fixture: &impl StoreFixture) {
    let (a, b) = two_realms(fixture);
    let account = sample::account_id();
    let (of_a, of_b) = (Rows::of(&account, &*a).await, Rows::of(&account, &*b).await);
    let winner = stored(&*a, sample::applying(&account, noon())).await;
    moved(&*a, &sample::finish(&winner, noon())).await;
    assert!(!loaded(&*a, &of_a.open).await.state().is_open(), "the winner's own siblings are closed");
    of_b.are_whole(&account, &*b).await;
    a.erase(&account, &[]).await.unwrap();
    for reset in of_a.resets() {
        assert!(a.load(reset.id()).await.unwrap().is_none());
    }
    of_b.are_whole(&account, &*b).await;
}

/// Each realm has an inbound key, a sender and its name of its own.
pub async fn two_realms_may_have_equal_keys(fixture: &impl StoreFixture) {
    let (a, b) = two_realms(fixture);
    let account = sample::account_id();
    let rows = Rows::of(&account, &*a).await;
    let key = rows.inbound.stored().inbound_key;
    let same = sample::altered(&sample::requested_by(INBOUND, noon()), |row| row.inbound_key = key);
    assert_eq!(b.open(&same, None, None, &[]).await.unwrap(), Opened::Stored);
    let found = b.load_inbound(&key.unwrap()).await.unwrap().unwrap();
    assert_eq!(found.reset.id(), same.id());
    let issued = moved(&*b, &sample::issue(&same, &account, noon())).await;
    let mut sender = rows.sender.clone();
    sender.seen_at = after(noon(), 1_000);
    let step = sample::prove(&issued, noon()).learning(sender.clone());
    assert_eq!(b.transition(&step).await.unwrap(), Transitioned::Moved { lease: None });
    let known = b.senders().unwrap().sender(&SenderName::Id(sender.id.unwrap())).await.unwrap();
    assert_eq!(known, Some(sender));
    rows.are_whole(&account, &*a).await;
}
