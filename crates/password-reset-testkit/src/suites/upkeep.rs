//! Buckets, the audit trail, and what is deleted.

use std::time::Duration;

use chrono::{DateTime, Utc};
use password_reset::Channel;
use password_reset::flow::{AuditEvent, AuditRow, CloseReason, Event, Step, Tasks};
use password_reset::ports::{
    Attempt, AttemptKind, Attempted, AuditFilter, Opened, PermitTaken, Purge, Quota, ResetStore,
};

use super::{StoreFixture, loaded, moved, newest, stored};
use crate::sample::{self, after, noon};

const MINUTE: i64 = 60_000;

/// A quota of the size that messages have: a burst of three, and one more every 205 minutes.
pub async fn a_quota_gives_its_burst_and_refills(fixture: &impl StoreFixture) {
    let (store, other) = (fixture.store(), fixture.another_node());
    let key = sample::digest();
    let quota = |millis| Quota::new(key, 3, Duration::from_secs(205 * 60), after(noon(), millis));
    let next = after(noon(), 205 * MINUTE);
    for expected in [
        PermitTaken::Granted { next_at: None },
        PermitTaken::Granted { next_at: None },
        PermitTaken::Granted { next_at: Some(next) },
        PermitTaken::RateLimited { next_at: next },
        PermitTaken::RateLimited { next_at: next },
    ] {
        assert_eq!(store.take_permit(&quota(0)).await.unwrap(), expected);
    }
    assert_eq!(other.take_permit(&quota(205 * MINUTE - 1)).await.unwrap(), PermitTaken::RateLimited { next_at: next });
    let after_next = after(noon(), 410 * MINUTE);
    let last = PermitTaken::Granted { next_at: Some(after_next) };
    assert_eq!(other.take_permit(&quota(205 * MINUTE)).await.unwrap(), last);
    // Whatever comes: the store's answer is that of the arithmetic, with a time that was kept to the millisecond.
    let key = sample::digest();
    let mut full_at = None;
    let mut millis = 0;
    for wait in [0, 1, 7, 0, 90 * MINUTE, 205 * MINUTE, 3, 300 * MINUTE, 0, 0, 0, 10_000 * MINUTE, 0, 0, 0, 0] {
        millis += wait;
        let quota = Quota::new(key, 3, Duration::from_secs(205 * 60), after(noon(), millis));
        let (kept, expected) = quota.take(full_at);
        full_at = kept;
        assert_eq!(store.take_permit(&quota).await.unwrap(), expected, "at {millis} ms");
    }
}

/// A quota that is full later than it can be was written before the clock was set back: it has one permit, and then refills as an
/// empty one does. Clocks that differ by a little make no permit.
pub async fn a_quota_does_not_stay_empty_when_the_clock_is_set_back(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let key = sample::digest();
    let quota = |millis| Quota::new(key, 3, Duration::from_secs(20 * 60), after(noon(), millis));
    for _ in 0..3 {
        store.take_permit(&quota(0)).await.unwrap();
    }
    let limited = |next| PermitTaken::RateLimited { next_at: after(noon(), next) };
    assert_eq!(store.take_permit(&quota(-15 * MINUTE)).await.unwrap(), limited(20 * MINUTE));
    let last = PermitTaken::Granted { next_at: Some(after(noon(), -40 * MINUTE)) };
    assert_eq!(store.take_permit(&quota(-60 * MINUTE)).await.unwrap(), last);
    assert_eq!(store.take_permit(&quota(-60 * MINUTE)).await.unwrap(), limited(-40 * MINUTE));
    let last = PermitTaken::Granted { next_at: Some(after(noon(), -20 * MINUTE)) };
    assert_eq!(store.take_permit(&quota(-40 * MINUTE)).await.unwrap(), last);
    // The same where a permit is taken with the row that it is for, and with an attempt.
    let source = |at| Quota::new(sample::subject(&sample::account_id()), 3, Duration::from_secs(20 * 60), at);
    let mut of_source = source(noon());
    let reset = sample::requested(noon());
    store.open(&reset, Some(&of_source), None, &[]).await.unwrap();
    for _ in 0..2 {
        store.open(&sample::requested(noon()), Some(&of_source), None, &[]).await.unwrap();
    }
    of_source.at = after(noon(), -60 * MINUTE);
    let opened = store.open(&sample::requested(noon()), Some(&of_source), None, &[]).await.unwrap();
    assert_eq!(opened, Opened::Stored);
    let refused = Opened::RateLimited { next_at: after(noon(), -40 * MINUTE) };
    assert_eq!(store.open(&sample::requested(noon()), Some(&of_source), None, &[]).await.unwrap(), refused);
    let mut of_attempts = source(noon());
    for (millis, expected) in [
        (0, PermitTaken::Granted { next_at: None }),
        (0, PermitTaken::Granted { next_at: None }),
        (0, PermitTaken::Granted { next_at: Some(after(noon(), 20 * MINUTE)) }),
        (-60 * MINUTE, PermitTaken::Granted { next_at: Some(after(noon(), -40 * MINUTE)) }),
        (-60 * MINUTE, limited(-40 * MINUTE)),
    ] {
        of_attempts.at = after(noon(), millis);
        let attempt = Attempt::new(reset.id(), AttemptKind::Code, 10).taking([of_attempts]);
        let Attempted::Counted { permits, .. } = store.attempt(&attempt).await.unwrap() else { panic!("counted") };
        assert_eq!(permits, [expected]);
    }
}

/// Every key has a quota of its own.
pub async fn quotas_do_not_share(fixture: &impl StoreFixture) {
    let store = fixture.store();
    for _ in 0..3 {
        let quota = Quota::new(sample::digest(), 1, Duration::from_secs(60), noon());
        assert!(matches!(store.take_permit(&quota).await.unwrap(), PermitTaken::Granted { next_at: Some(_) }));
        assert!(matches!(store.take_permit(&quota).await.unwrap(), PermitTaken::RateLimited { .. }));
    }
}

/// The newest rows first, no more than asked for, and no row of anybody else; of one millisecond, the one written last
/// is the newest.
pub async fn the_newest_audit_rows_come_first_and_are_of_one_account(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let (account, another) = (sample::account_id(), sample::account_id());
    let row = |at: DateTime<Utc>, word: &str| AuditRow::new(at, AuditEvent::Sent).account(&account).detail(word);
    let written = [
        row(noon(), "a"),
        row(after(noon(), 2), "d"),
        row(after(noon(), 1), "b"),
        row(after(noon(), 1), "c"),
        row(after(noon(), -5), "z"),
    ];
    for row in &written {
        store.record(row).await.unwrap();
        store.record(&AuditRow::new(after(noon(), 9), AuditEvent::Sent).account(&another)).await.unwrap();
        store.record(&AuditRow::new(after(noon(), 9), AuditEvent::Sent)).await.unwrap();
    }
    let words = |rows: Vec<AuditRow>| rows.into_iter().filter_map(|row| row.detail).collect::<String>();
    assert_eq!(words(store.audit(&newest(&account, 10)).await.unwrap()), "dcbaz");
    assert_eq!(words(store.audit(&newest(&account, 3)).await.unwrap()), "dcb");
    assert!(store.audit(&newest(&account, 0)).await.unwrap().is_empty());
    assert!(store.audit(&newest(&sample::account_id(), 10)).await.unwrap().is_empty());
}

/// Every event, every channel, and what is absent, is read as it was written.
pub async fn every_audit_column_comes_back(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let at = noon() + Duration::from_nanos(456_789);
    let mut expected = Vec::new();
    for &event in AuditEvent::ALL {
        expected.push(AuditRow::new(at, event).account(&account));
    }
    for &channel in Channel::ALL {
        let reset = sample::requested_by(channel, at);
        expected.push(sample::audit(AuditEvent::Suppressed, &reset, at).account(&account).detail("o'neil\" -- \u{e9}"));
    }
    let by_another = AuditRow::new(at, AuditEvent::Requested).account(&account);
    expected.push(by_another.actor(&sample::account_id()).contact(sample::digest()));
    for row in &expected {
        store.record(row).await.unwrap();
    }
    expected.reverse();
    assert_eq!(store.audit(&newest(&account, 100)).await.unwrap(), expected);
}

/// The last row about each contact, whatever was written about others: the one with the latest time, and of one
/// millisecond the one written last.
pub async fn the_newest_of_each_contact_are_found(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let (account, another) = (sample::account_id(), sample::account_id());
    let (mailbox, phone) = (sample::digest(), sample::digest());
    let row = |millis: i64, word: &str| AuditRow::new(after(noon(), millis), AuditEvent::Sent).detail(word);
    for (millis, word, contact) in
        [(0, "a", mailbox), (5, "b", phone), (2, "c", mailbox), (2, "d", mailbox), (-1, "e", phone), (1, "f", mailbox)]
    {
        store.record(&row(millis, word).account(&account).contact(contact)).await.unwrap();
        store.record(&row(millis + 10, "x").account(&another).contact(contact)).await.unwrap();
        store.record(&row(millis + 20, "y").account(&account)).await.unwrap();
        store.record(&row(millis + 30, "z").contact(contact)).await.unwrap();
    }
    let mut last = store.audit(&AuditFilter::NewestOfEachContact { account: account.clone() }).await.unwrap();
    last.sort_by(|one, other| one.detail.cmp(&other.detail));
    let expected = [row(5, "b").account(&account).contact(phone), row(2, "d").account(&account).contact(mailbox)];
    assert_eq!(last, expected);
    assert!(store.audit(&AuditFilter::NewestOfEachContact { account: sample::account_id() }).await.unwrap().is_empty());
}

/// Nothing is past its time.
fn keep_all() -> Purge {
    let long_ago = DateTime::UNIX_EPOCH;
    Purge::new(long_ago, long_ago, long_ago, 1_000)
}

/// Audit rows from before `time` are past their time, noise or not; nothing else is.
fn purge_audit(time: DateTime<Utc>) -> Purge {
    Purge::new(DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH, time, 1_000)
}

/// A reset that expired before the stated time goes, in whatever state; one that expired at it stays.
pub async fn purge_takes_resets_that_are_past_their_time(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let held = sample::altered(&sample::requested(noon()), |row| row.tasks = Tasks::NONE);
    let issued = sample::altered(&sample::issued(&account, noon()), |row| row.tasks = Tasks::NONE);
    let set = sample::finish(&sample::applying(&account, noon()), noon()).after().clone();
    let set = sample::altered(&set, |row| row.tasks = Tasks::NONE);
    let going = [held, issued, sample::verified(&account, noon()), set];
    let at = after(noon(), 7_200_000);
    for reset in &going {
        stored(&*store, sample::altered(reset, |row| row.expires_at = after(at, -1))).await;
    }
    let staying =
        stored(&*store, sample::altered(&sample::verified(&account, noon()), |row| row.expires_at = at)).await;
    let mut purge = keep_all();
    assert_eq!(store.purge(&purge).await.unwrap(), 0);
    purge.resets_before = at;
    assert_eq!(store.purge(&purge).await.unwrap(), 4);
    for reset in &going {
        assert!(store.load(reset.id()).await.unwrap().is_none(), "{:?}", reset.state());
    }
    assert_eq!(loaded(&*store, &staying).await, staying);
    assert_eq!(store.purge(&purge).await.unwrap(), 0);
}

/// A reset with pending tasks stays, however old, until they are acknowledged.
pub async fn purge_never_takes_a_row_with_tasks(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let set = sample::finish(&sample::applying(&account, noon()), noon()).after().clone();
    let with_tasks =
        [sample::requested(noon()), sample::issued(&account, noon()), sample::applying(&account, noon()), set];
    for reset in &with_tasks {
        stored(&*store, reset.clone()).await;
    }
    let mut purge = keep_all();
    purge.resets_before = after(noon(), 400 * 86_400_000);
    assert_eq!(store.purge(&purge).await.unwrap(), 0);
    for reset in &with_tasks {
        assert_eq!(loaded(&*store, reset).await, *reset);
    }
}

/// Quotas that are full again and old audit rows go; the others stay.
pub async fn purge_takes_full_quotas_and_old_audit_rows(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let quota = Quota::new(sample::digest(), 2, Duration::from_secs(60), noon());
    store.take_permit(&quota).await.unwrap();
    for (millis, word) in [(-1, "old"), (0, "new")] {
        let row = AuditRow::new(after(noon(), millis), AuditEvent::Sent).account(&account).detail(word);
        store.record(&row).await.unwrap();
    }
    assert_eq!(store.purge(&purge_audit(noon())).await.unwrap(), 1, "one audit row is old");
    let left = store.audit(&newest(&account, 10)).await.unwrap();
    assert_eq!(left.iter().filter_map(|row| row.detail.as_deref()).collect::<Vec<_>>(), ["new"]);
    let mut purge = keep_all();
    purge.at = after(noon(), MINUTE - 1);
    assert_eq!(store.purge(&purge).await.unwrap(), 0, "the quota is not full yet");
    purge.at = after(noon(), MINUTE);
    assert_eq!(store.purge(&purge).await.unwrap(), 1, "the quota is full again");
}

/// Audit rows that strangers cause at will have a time of their own.
pub async fn purge_takes_noise_by_its_own_time(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let (mut noise, mut others) = (0, 0);
    for &event in AuditEvent::ALL {
        for row in [AuditRow::new(noon(), event), AuditRow::new(noon(), event).account(&account)] {
            let count = if row.is_noise() { &mut noise } else { &mut others };
            for millis in [-1, 0] {
                *count += 1;
                let mut row = row.clone();
                row.at = after(noon(), millis);
                store.record(&row).await.unwrap();
            }
        }
    }
    let mut purge = keep_all();
    purge.noise_before = noon();
    assert_eq!(store.purge(&purge).await.unwrap(), noise / 2, "the noise that is old");
    assert_eq!(store.purge(&purge).await.unwrap(), 0);
    let mut purge = keep_all();
    purge.audit_before = after(noon(), 1);
    assert_eq!(store.purge(&purge).await.unwrap(), others, "all but the noise");
    assert!(store.audit(&newest(&account, 100)).await.unwrap().iter().all(AuditRow::is_noise));
    assert_eq!(store.purge(&purge_audit(after(noon(), 1))).await.unwrap(), noise / 2, "the noise that was young");
}

/// Each kind of row is limited by itself, so that a purge never holds a store for long; the rest goes next time.
pub async fn purge_is_limited_for_each_kind(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    for _ in 0..5 {
        stored(&*store, sample::verified(&account, noon())).await;
        store.record(&AuditRow::new(noon(), AuditEvent::Sent)).await.unwrap();
        store.record(&AuditRow::new(noon(), AuditEvent::Sent).account(&account)).await.unwrap();
        store.take_permit(&Quota::new(sample::digest(), 2, Duration::from_secs(60), noon())).await.unwrap();
    }
    let late = after(noon(), 86_400_000);
    let purge = Purge::new(late, late, late, 3);
    assert_eq!(store.purge(&purge).await.unwrap(), 12);
    assert_eq!(store.purge(&purge).await.unwrap(), 8);
    assert_eq!(store.purge(&purge).await.unwrap(), 0);
}

/// Resets in every state, audit rows also from before the account was known, and the run: all of it goes,
/// and nothing of anybody else.
pub async fn erasing_takes_everything_of_the_account_and_nothing_else(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let (account, another) = (sample::account_id(), sample::account_id());
    let rows = |account| {
        let set = sample::finish(&sample::applying(account, noon()), noon()).after().clone();
        [sample::issued(account, noon()), sample::verified(account, noon()), sample::applying(account, noon()), set]
    };
    let (gone, kept) = (rows(&account), rows(&another));
    for reset in gone.iter().chain(&kept) {
        stored(&*store, reset.clone()).await;
        store.record(&sample::audit(AuditEvent::Sent, reset, noon())).await.unwrap();
    }
    for account in [&account, &another] {
        let opened = sample::requested(noon());
        store.open(&opened, None, None, &[sample::audit(AuditEvent::Requested, &opened, noon())]).await.unwrap();
        let issued = moved(&*store, &sample::issue(&opened, account, noon())).await;
        let subject = Quota::new(*issued.subject(), 1, Duration::from_secs(60), noon());
        store.take_permit(&subject).await.unwrap();
    }
    let (own, foreign) = (quota(), quota());
    store.take_permit(&own).await.unwrap();
    store.take_permit(&foreign).await.unwrap();
    store.erase(&account, &[own.key]).await.unwrap();
    for reset in &gone {
        assert!(store.load(reset.id()).await.unwrap().is_none(), "{:?}", reset.state());
    }
    for reset in &kept {
        assert_eq!(loaded(&*store, reset).await, *reset);
    }
    assert!(store.audit(&newest(&account, 10)).await.unwrap().is_empty());
    assert_eq!(store.audit(&newest(&another, 10)).await.unwrap().len(), 5);
    let is_full = async |key| {
        let quota = Quota::new(key, 1, Duration::from_secs(60), noon());
        matches!(store.take_permit(&quota).await.unwrap(), PermitTaken::Granted { .. })
    };
    assert!(is_full(own.key).await && !is_full(foreign.key).await, "the quotas that were named are forgotten");
    assert!(is_full(sample::subject(&account)).await, "the quota of its resets' subject is forgotten");
    assert!(!is_full(sample::subject(&another)).await, "the other's is not");
    store.erase(&account, &[]).await.unwrap();
    // What is left of the audit trail is of the other account: five rows, and the one that named only its reset.
    assert_eq!(store.purge(&purge_audit(after(noon(), 1))).await.unwrap(), 6);
}

fn quota() -> Quota {
    Quota::new(sample::digest(), 1, Duration::from_secs(60), noon())
}

/// Audit rows from before the account was known go with it also when the reset that they name was purged before.
pub async fn erasing_takes_what_is_left_after_a_purge(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let opened = sample::requested(noon());
    store.open(&opened, None, None, &[sample::audit(AuditEvent::Requested, &opened, noon())]).await.unwrap();
    let issued = moved(&*store, &sample::issue(&opened, &account, noon())).await;
    let closed = moved(&*store, &sample::close(&issued, CloseReason::AttemptsExhausted, noon())).await;
    // A request that was suppressed names the account in the audit trail alone.
    let suppressed = stored(&*store, sample::requested(noon())).await;
    let row = sample::audit(AuditEvent::Suppressed, &suppressed, noon()).account(&account);
    let step = Step::new(&suppressed, &Event::Suppress, noon(), vec![row]).unwrap();
    moved(&*store, &step).await;
    let mut purge = keep_all();
    purge.resets_before = after(closed.expires_at(), 1);
    assert_eq!(store.purge(&purge).await.unwrap(), 2);
    store.erase(&account, &[]).await.unwrap();
    assert_eq!(store.purge(&purge_audit(after(noon(), 86_400_000))).await.unwrap(), 0, "no audit row is left");
}

/// Requests that no worker has looked up yet, and suppressed ones, go with the account that they name: no address stays in clear.
/// A quota that outlived its resets goes too, so that an account that gets the id later does not inherit it.
pub async fn erasing_takes_requests_that_name_the_account(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let account = sample::account_id();
    let (named, other) = (sample::requested(noon()), sample::requested(noon()));
    let suppressed = sample::requested(noon());
    for reset in [&named, &other, &suppressed] {
        store.open(reset, None, None, &[sample::audit(AuditEvent::Requested, reset, noon())]).await.unwrap();
    }
    moved(&*store, &Step::new(&suppressed, &Event::Suppress, noon(), Vec::new()).unwrap()).await;
    let failures = quota();
    store.take_permit(&failures).await.unwrap();
    let mut purge = keep_all();
    purge.resets_before = after(noon(), -1);
    assert_eq!(store.purge(&purge).await.unwrap(), 0);
    store.erase(&account, &[*named.subject(), *suppressed.subject(), failures.key]).await.unwrap();
    assert!(store.load(named.id()).await.unwrap().is_none());
    assert!(store.load(suppressed.id()).await.unwrap().is_none());
    assert_eq!(loaded(&*store, &other).await, other);
    assert!(matches!(store.take_permit(&failures).await.unwrap(), PermitTaken::Granted { .. }));
    let purged = store.purge(&purge_audit(after(noon(), 1))).await.unwrap();
    assert_eq!(purged, 1, "the audit row of the other request is left");
}
