//! The audit trail, read in the order in which it was written.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use password_reset::flow::{AuditEvent, AuditRow, CloseReason};
use password_reset::ports::{Ack, AuditCursor, AuditEntry, Due, Feed, FeedLease, Purge, ResetStore};
use password_reset::{Channel, Realm};

use super::{StoreFixture, acknowledged, all_at_once, moved, stored};
use crate::sample::{self, after, noon};

/// Before every row.
const EVER: DateTime<Utc> = DateTime::UNIX_EPOCH;

async fn read(store: &dyn ResetStore, after: Option<&AuditCursor>, limit: u32) -> Vec<AuditEntry> {
    store.audit_after(after, EVER, limit).await.expect("the trail must be read")
}

/// Reads until so many rows can be seen: a row appears once every transaction is over that began before its own, and other tests
/// may have one on the same server.
async fn settled(store: &dyn ResetStore, after: Option<&AuditCursor>, count: usize) -> Vec<AuditEntry> {
    loop {
        let entries = read(store, after, 99).await;
        if entries.len() >= count {
            return entries;
        }
        tokio::task::yield_now().await;
    }
}

/// Reads in pages until one is empty.
async fn read_to_the_end(store: &dyn ResetStore, mut at: Option<AuditCursor>, limit: u32) -> Vec<AuditEntry> {
    let mut all = Vec::new();
    loop {
        let page = read(store, at.as_ref(), limit).await;
        assert!(page.len() <= usize::try_from(limit).unwrap(), "no more than the limit");
        let Some(last) = page.last() else { return all };
        at = Some(last.cursor.clone());
        all.extend(page);
    }
}

fn words(entries: &[AuditEntry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.row.detail.as_deref().unwrap_or_default()).collect()
}

fn row(millis: i64, word: &str) -> AuditRow {
    AuditRow::new(after(noon(), millis), AuditEvent::Sent).detail(word)
}

/// Rows of any account and of none, in pages of any size, from the start and from any row, whatever times they have; from the
/// other node too.
pub async fn the_trail_comes_in_the_order_in_which_it_was_written(fixture: &impl StoreFixture) {
    let store = fixture.store();
    assert!(read(&*store, None, 9).await.is_empty(), "nothing was written yet");
    let account = sample::account_id();
    let written = [
        row(5, "a").account(&account).contact(sample::digest()),
        row(0, "b"),
        row(9, "c").account(&sample::account_id()),
        row(-400, "d").account(&account).actor(&sample::account_id()),
        row(9, "e"),
    ];
    for row in &written {
        store.record(row).await.unwrap();
    }
    settled(&*store, None, written.len()).await;
    for reader in [fixture.another_node(), store] {
        for limit in 1..=6 {
            let all = read_to_the_end(&*reader, None, limit).await;
            assert!(all.iter().map(|entry| &entry.row).eq(&written), "in pages of {limit}: {all:?}");
            for (number, entry) in (1..).zip(&all) {
                let text = entry.cursor.as_str();
                assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{text}");
                let kept = AuditCursor::new(text);
                assert_eq!(read_to_the_end(&*reader, Some(kept), limit).await, all[number..], "after {text}");
            }
        }
        assert!(read(&*reader, None, 0).await.is_empty());
    }
}

/// What a reader that begins today need not see.
pub async fn rows_from_before_a_time_are_left_out(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for row in [row(0, "a"), row(7, "b"), row(4, "c"), row(5, "d")] {
        store.record(&row).await.unwrap();
    }
    settled(&*store, None, 4).await;
    let since = after(noon(), 5);
    let first = store.audit_after(None, since, 1).await.unwrap();
    assert_eq!(words(&first), ["b"]);
    assert_eq!(words(&store.audit_after(Some(&first[0].cursor), since, 9).await.unwrap()), ["d"]);
    assert!(store.audit_after(None, after(noon(), 8), 9).await.unwrap().is_empty());
}

/// Whatever method writes a row: it is in the trail, and those of one call are in their order.
pub async fn the_trail_has_the_rows_of_every_write(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let events = async |at: Option<&AuditCursor>, count| {
        let entries = settled(&*store, at, count).await;
        let events: Vec<_> = entries.iter().map(|entry| (entry.row.event, entry.row.reset)).collect();
        (events, entries.last().map(|entry| entry.cursor.clone()))
    };
    let sibling = stored(&*store, sample::verified(&account, noon())).await;
    let opened = sample::requested(noon());
    let both = [AuditEvent::Requested, AuditEvent::Suppressed].map(|event| sample::audit(event, &opened, noon()));
    store.open(&opened, None, None, &both).await.unwrap();
    let id = Some(opened.id());
    let (found, at) = events(None, 2).await;
    assert_eq!(found, [(AuditEvent::Requested, id), (AuditEvent::Suppressed, id)]);
    let issued = moved(&*store, &sample::issue(&opened, &account, noon())).await;
    let (found, at) = events(at.as_ref(), 1).await;
    assert_eq!(found, [(AuditEvent::Issued, id)]);
    let late = after(noon(), 60_000);
    let leased = store.lease(&Due::new(late, after(late, 60_000), 9)).await.unwrap();
    let leased = leased.iter().find(|leased| leased.reset.id() == issued.id()).expect("the row must be due");
    let mut ack = Ack::new(leased, late);
    ack.done = issued.tasks();
    ack.audit = [AuditEvent::SendDelayed, AuditEvent::Sent].map(|event| sample::audit(event, &issued, late)).to_vec();
    acknowledged(&*store, &ack).await;
    let (found, at) = events(at.as_ref(), 2).await;
    assert_eq!(found, [(AuditEvent::SendDelayed, id), (AuditEvent::Sent, id)]);
    store.transition(&sample::close(&issued, CloseReason::Cancelled, noon())).await.unwrap();
    let (found, at) = events(at.as_ref(), 1).await;
    assert_eq!(found, [(AuditEvent::Closed, id)]);
    // The winner closes its sibling in the same transaction.
    let winner = stored(&*store, sample::applying(&account, noon())).await;
    moved(&*store, &sample::finish(&winner, noon())).await;
    let (found, _) = events(at.as_ref(), 2).await;
    let found: BTreeSet<_> = found.into_iter().filter_map(|(event, reset)| Some((event.code(), reset?))).collect();
    let expected = [(AuditEvent::PasswordSet, winner.id()), (AuditEvent::Closed, sibling.id())];
    assert_eq!(found, expected.map(|(event, id)| (event.code(), id)).into());
}

/// The rows before a cursor, and the row at it, may be purged and erased; what is written then comes after it all the same.
pub async fn a_cursor_outlives_the_rows_before_it(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    for word in ["a", "b"] {
        store.record(&row(0, word)).await.unwrap();
    }
    store.record(&row(0, "c").account(&account)).await.unwrap();
    let all = settled(&*store, None, 3).await;
    let [first, newest] = [0, 2].map(|place: usize| Some(all[place].cursor.clone()));
    store.erase(&account, &[]).await.unwrap();
    store.record(&row(1, "d")).await.unwrap();
    assert_eq!(words(&settled(&*store, newest.as_ref(), 1).await), ["d"], "after the newest row, which was erased");
    assert_eq!(words(&read(&*store, first.as_ref(), 9).await), ["b", "d"], "an erased row is no more there");
    let late = after(noon(), 86_400_000);
    assert_eq!(store.purge(&Purge::new(EVER, EVER, late, 99)).await.unwrap(), 3);
    assert!(read(&*store, first.as_ref(), 9).await.is_empty());
    store.record(&row(2, "e")).await.unwrap();
    for cursor in [None, first, newest] {
        let after = settled(&*store, cursor.as_ref(), 1).await;
        assert_eq!(words(&after), ["e"], "after {cursor:?}");
        assert!(all.iter().all(|entry| entry.cursor != after[0].cursor), "no cursor is given twice");
    }
}

/// A text that is no cursor of this store is an error that no other try mends, and not the start.
pub async fn a_cursor_of_another_store_is_refused(fixture: &impl StoreFixture) {
    let store = fixture.store();
    store.record(&row(0, "a")).await.unwrap();
    for text in ["", "x", "9z", "a-b", "1-2-3"] {
        let error = store.audit_after(Some(&AuditCursor::new(text)), EVER, 9).await.unwrap_err();
        assert!(!error.is_transient(), "{text:?}: {error}");
    }
}

/// Two services on one database read each their own.
pub async fn the_trail_is_of_one_realm(fixture: &impl StoreFixture) {
    let realm = |name| Realm::new(name).unwrap();
    let (a, b) = (fixture.store().in_realm(&realm("a")), fixture.another_node().in_realm(&realm("b")));
    for word in ["1", "2", "3"] {
        a.record(&row(0, word)).await.unwrap();
        assert!(b.audit_after(None, EVER, 9).await.unwrap().is_empty());
    }
    let of_a = settled(&*a, None, 3).await;
    for word in ["4", "5"] {
        b.record(&row(0, word)).await.unwrap();
    }
    settled(&*b, None, 2).await;
    assert_eq!(read(&*a, None, 9).await, of_a);
    assert_eq!(words(&of_a), ["1", "2", "3"]);
    assert_eq!(words(&read_to_the_end(&*b, None, 1).await), ["4", "5"]);
}

/// While many write on two nodes, a reader that goes on from its last row meets every row, each once, and those of one writer in
/// their order.
pub async fn a_reader_beside_writers_misses_nothing(fixture: &impl StoreFixture) {
    const WRITERS: usize = 6;
    const ROWS: usize = 15;
    let nodes = [fixture.store(), fixture.another_node()];
    let ended = Arc::new(AtomicUsize::new(0));
    let mut all = all_at_once(WRITERS + 1, move |number| {
        let (store, ended) = (Arc::clone(&nodes[number % 2]), Arc::clone(&ended));
        async move {
            if number == WRITERS {
                return follow(&*store, &ended, WRITERS, WRITERS * ROWS).await;
            }
            for count in 0..ROWS {
                let mut row = row(0, &format!("{number} {count:02}"));
                row.channel = Some(Channel::EmailLink);
                // Single rows, and rows written with others.
                match count % 2 {
                    0 => store.record(&row).await.unwrap(),
                    _ => drop(store.open(&sample::requested(noon()), None, None, &[row]).await.unwrap()),
                }
            }
            ended.fetch_add(1, Ordering::SeqCst);
            Vec::new()
        }
    })
    .await;
    let read = all.pop().unwrap();
    for writer in 0..WRITERS {
        let of_writer = |word: &&String| word.split(' ').next() == Some(writer.to_string().as_str());
        let found: Vec<_> = read.iter().filter(of_writer).cloned().collect();
        let written: Vec<_> = (0..ROWS).map(|count| format!("{writer} {count:02}")).collect();
        assert_eq!(found, written, "the rows of writer {writer}");
    }
}

/// Reads on until all writers have ended, all rows can be seen, and nothing more comes.
async fn follow(store: &dyn ResetStore, ended: &AtomicUsize, writers: usize, rows: usize) -> Vec<String> {
    let (mut read_words, mut at) = (Vec::new(), None);
    loop {
        let has_ended = ended.load(Ordering::SeqCst) == writers;
        let is_over = has_ended && store.audit_after(None, EVER, u32::MAX).await.unwrap().len() == rows;
        let page = read(store, at.as_ref(), 7).await;
        read_words.extend(words(&page).into_iter().map(str::to_owned));
        match page.last() {
            Some(last) => at = Some(last.cursor.clone()),
            None if is_over => return read_words,
            None => tokio::task::yield_now().await,
        }
    }
}

const MINUTE: i64 = 60_000;

fn take(millis: i64) -> FeedLease {
    FeedLease::take("webhooks", after(noon(), millis), after(noon(), millis + MINUTE))
}

async fn leased(store: &dyn ResetStore, lease: &FeedLease) -> Option<Feed> {
    store.lease_feed(lease).await.expect("lease_feed must succeed")
}

/// Of many readers on two nodes one has the feed, until its lease runs out or is given back; of those that come then again one.
pub async fn a_feed_is_leased_to_one_reader(fixture: &impl StoreFixture) {
    for millis in [0, MINUTE] {
        let nodes = [fixture.store(), fixture.another_node()];
        let all = all_at_once(16, move |number| {
            let store = Arc::clone(&nodes[number % 2]);
            async move { leased(&*store, &take(millis)).await }
        })
        .await;
        assert_eq!(all.iter().flatten().count(), 1, "{all:?}");
    }
    let store = fixture.store();
    assert_eq!(leased(&*store, &take(2 * MINUTE - 1)).await, None, "the second lease still lasts");
    let mut back = take(2 * MINUTE - 1).holding(2);
    back.until = back.at;
    assert_eq!(leased(&*store, &back).await, Some(Feed::new(2, None)));
    assert_eq!(leased(&*fixture.another_node(), &take(2 * MINUTE - 1)).await, Some(Feed::new(3, None)));
}

/// The place is moved by the holder of the last lease and by no other, and stays when the lease goes to the next.
pub async fn a_place_moves_under_its_lease_alone(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let cursor = |text: &str| Some(AuditCursor::new(text));
    assert_eq!(leased(&*store, &take(0)).await, Some(Feed::new(1, None)));
    let to = |lease: FeedLease, text: &str| lease.moving_to(AuditCursor::new(text));
    assert_eq!(leased(&*store, &to(take(1).holding(1), "7-1")).await, Some(Feed::new(1, cursor("7-1"))));
    assert_eq!(leased(&*store, &take(2).holding(1)).await, Some(Feed::new(1, cursor("7-1"))), "extended, not moved");
    // It ran out, but no other has it.
    let late = 5 * MINUTE;
    assert_eq!(leased(&*store, &to(take(late).holding(1), "8-2")).await, Some(Feed::new(1, cursor("8-2"))));
    assert_eq!(
        leased(&*other, &to(take(2 * late), "9-9")).await,
        Some(Feed::new(2, cursor("8-2"))),
        "taken, not moved"
    );
    for held in [1, 3] {
        assert_eq!(leased(&*store, &to(take(3 * late).holding(held), "9-9")).await, None);
    }
    assert_eq!(leased(&*other, &take(3 * late).holding(2)).await, Some(Feed::new(2, cursor("8-2"))));
    // Leased before the clock was set back.
    let long_before = -600 * MINUTE;
    assert_eq!(leased(&*store, &take(long_before)).await, Some(Feed::new(3, cursor("8-2"))));
}

/// Each observer of each realm has a place of its own.
pub async fn feeds_are_of_one_name_and_realm(fixture: &impl StoreFixture) {
    let realm = |name| Realm::new(name).unwrap();
    let (a, b) = (fixture.store().in_realm(&realm("a")), fixture.another_node().in_realm(&realm("b")));
    assert_eq!(leased(&*a, &take(0)).await, Some(Feed::new(1, None)));
    assert!(leased(&*a, &take(0).holding(1).moving_to(AuditCursor::new("5"))).await.is_some());
    let mut another = take(0);
    another.name = "siem".to_owned();
    for (store, lease) in [(&a, &another), (&b, &take(0)), (&b, &another)] {
        assert_eq!(leased(&**store, lease).await, Some(Feed::new(1, None)));
    }
    assert_eq!(leased(&*a, &take(1).holding(1)).await, Some(Feed::new(1, Some(AuditCursor::new("5")))));
}
