//! The audit trail as a feed: what transactions that overlap, and another server, do to it.

use chrono::{DateTime, Utc};
use password_reset::flow::AuditEvent;
use password_reset::ports::{AuditCursor, ResetStore};
use password_reset_postgres::PostgresStore;
use sqlx::{Connection, PgConnection};

use crate::common::{World, note};

async fn read(store: &PostgresStore, after: Option<&AuditCursor>) -> Vec<(AuditCursor, String)> {
    let entries = store.audit_after(after, DateTime::UNIX_EPOCH, 99).await.unwrap();
    entries.into_iter().map(|entry| (entry.cursor, entry.row.detail.unwrap_or_default())).collect()
}

/// Reads until so many rows can be seen: transactions of other tests on the server are waited for too.
async fn settled(store: &PostgresStore, after: Option<&AuditCursor>, count: usize) -> Vec<(AuditCursor, String)> {
    loop {
        let rows = read(store, after).await;
        if rows.len() >= count {
            return rows;
        }
        tokio::task::yield_now().await;
    }
}

fn words(read: &[(AuditCursor, String)]) -> Vec<&str> {
    read.iter().map(|(_, word)| word.as_str()).collect()
}

async fn write(connection: &mut PgConnection, word: &str, at: DateTime<Utc>) {
    let text = "insert into password_reset_audit (realm, at, event, detail) values ('default', $1, 'sent', $2)";
    sqlx::query(text).bind(at).bind(word).execute(connection).await.unwrap();
}

/// Each of two transactions may write first and commit last: a reader that looks at every moment meets all rows, each once.
#[tokio::test]
async fn the_row_of_a_slower_transaction_is_not_passed() {
    let world = World::new().await;
    let store = world.store();
    let at = note(AuditEvent::Sent).at;
    store.record(&note(AuditEvent::Sent).detail("before")).await.unwrap();
    let before = settled(&store, None, 1).await;
    assert_eq!(words(&before), ["before"]);
    let cursor = before.last().map(|(cursor, _)| cursor);
    let (mut slow, mut late) = (world.pool.acquire().await.unwrap(), world.pool.acquire().await.unwrap());
    let mut slow = slow.begin().await.unwrap();
    write(&mut slow, "slow 1", at).await;
    // Its number is given before that of the next row, but it commits after it.
    store.record(&note(AuditEvent::Sent).detail("quick")).await.unwrap();
    assert!(read(&store, cursor).await.is_empty(), "the quick row waits for the slow one");
    // Its transaction begins now; its row has a higher id than the last of the slow one, or a lower one.
    let mut late = late.begin().await.unwrap();
    write(&mut late, "late", at).await;
    write(&mut slow, "slow 2", at).await;
    assert!(read(&store, cursor).await.is_empty());
    slow.commit().await.unwrap();
    let next = settled(&store, cursor, 3).await;
    assert_eq!(words(&next), ["slow 1", "slow 2", "quick"]);
    store.record(&note(AuditEvent::Sent).detail("after")).await.unwrap();
    let cursor = next.last().map(|(cursor, _)| cursor);
    assert!(read(&store, cursor).await.is_empty(), "the late one is still on its way");
    late.commit().await.unwrap();
    assert_eq!(words(&settled(&store, cursor, 2).await), ["late", "after"]);
}

/// What is rolled back is not waited for.
#[tokio::test]
async fn a_transaction_that_is_rolled_back_leaves_nothing() {
    let world = World::new().await;
    let store = world.store();
    let mut connection = world.pool.acquire().await.unwrap();
    let mut gone = connection.begin().await.unwrap();
    write(&mut gone, "gone", note(AuditEvent::Sent).at).await;
    store.record(&note(AuditEvent::Sent).detail("stays")).await.unwrap();
    assert!(read(&store, None).await.is_empty());
    gone.rollback().await.unwrap();
    assert_eq!(words(&settled(&store, None, 1).await), ["stays"]);
}

/// A dump that is read into another server brings transaction numbers that mean nothing there: rows would stay unseen, and new
/// ones would come behind the cursor. The store says so, until what the guide says is done.
#[tokio::test]
async fn rows_and_cursors_of_another_server_are_refused() {
    let world = World::new().await;
    let store = world.store();
    let ahead = AuditCursor::new("900000000000-1");
    let error = store.audit_after(Some(&ahead), DateTime::UNIX_EPOCH, 9).await.unwrap_err();
    assert!(!error.is_transient() && error.to_string().contains("another server"), "{error}");
    for word in ["a", "b"] {
        store.record(&note(AuditEvent::Sent).detail(word)).await.unwrap();
    }
    world.run("update password_reset_audit set written_by = '900000000000' where detail = 'b'").await;
    for after in [None, Some(&ahead)] {
        let error = store.audit_after(after, DateTime::UNIX_EPOCH, 9).await.unwrap_err();
        assert!(!error.is_transient() && error.to_string().contains("After a restore"), "{error}");
    }
    let guide = include_str!("../../../../docs/guide/postgres.md");
    let cure = "update password_reset_audit set written_by = default;";
    assert!(guide.contains(cure), "the guide has the statement");
    world.run(cure).await;
    store.record(&note(AuditEvent::Sent).detail("c")).await.unwrap();
    assert_eq!(words(&settled(&store, None, 3).await), ["a", "b", "c"]);
}

/// Numbers of transactions are compared as numbers, also where one has a digit more.
#[tokio::test]
async fn a_later_transaction_comes_later_when_its_number_has_a_digit_more() {
    let world = World::new().await;
    let store = world.store();
    world
        .run(
            "insert into password_reset_audit (realm, at, event, detail, written_by)
             values ('default', now(), 'sent', 'c', '100'), ('default', now(), 'sent', 'b', '10'), ('default', now(), 'sent', 'a', '9')",
        )
        .await;
    let all = read(&store, None).await;
    assert_eq!(words(&all), ["a", "b", "c"]);
    for (number, (cursor, _)) in (1..).zip(&all) {
        assert_eq!(read(&store, Some(cursor)).await, all[number..]);
    }
}
