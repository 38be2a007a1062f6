//! Rows that other hands changed are errors, never resets.

use std::error::Error;
use std::time::Duration;

use password_reset::AccountId;
use password_reset::flow::{AuditEvent, Reset};
use password_reset::ports::{Attempt, AttemptKind, Attempted, AuditFilter, Due, Quota, ResetStore};
use password_reset_sqlite::SqliteStore;

use crate::common::{World, after, digest, issue, note, store_request};

/// A store whose table of resets believes everything.
async fn lax() -> (World, SqliteStore, Reset) {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    let step = issue(&reset, "1");
    store.transition(&step).await.unwrap();
    world.run(
        "create table lax as select * from password_reset_resets;
             drop table password_reset_resets;
             alter table lax rename to password_reset_resets;",
    );
    let reset = store.load(reset.id()).await.unwrap().unwrap().reset;
    (world, store, reset)
}

const DAMAGE: &[&str] = &[
    "state = null",
    "state = 'verifed'",
    "state = 'verified'", // without a proof
    "state = 'requested'",
    "state = 'password_set', proved_by = 'link'",
    "state = 7",
    "expires_at = null",
    "expires_at = ''",
    "expires_at = '9999-12-31'",
    "expires_at = 9223372036854775807",
    "expires_at = 1.5e300",
    "expires_at = 0",
    "created_at = null",
    "shown_until = -1",
    "version = null",
    "version = 0",
    "version = -3",
    "version = 'one'",
    "channel = 'telegram'",
    "locale = '??'",
    "identifier_kind = 'nickname'",
    "identifier = ''",
    "identifier = 'Ana@toko.example'",
    "identifier = null",
    "key_id = null",
    "nonce = null",
    "nonce = x''",
    "nonce = substr(nonce, 1, 31)",
    "nonce = nonce || x'00'",
    "nonce = 'thirty-two bytes, but as a text..'",
    "source = x'01'",
    "subject = null",
    "account = null",
    "fingerprint = null",
    "fingerprint = x'02'",
    "issued_at = null",
    "link_until = null",
    "code_until = null",
    "contact = x'02'",
    "proved_by = 'trust'",
    "proved_by = 'link'",
    "hash_digests = x'0102'",
    "hash_digests = null",
    "set_at = 1",
    "due_at = null",
    "tasks = null",
    "tasks = 512",
    "tasks = -1",
    "code_attempts = -1",
    "code_attempts = 4294967296",
    "step_up_attempts = null",
    "step_up_attempts = -1",
    "completion_attempts = null",
    "delivery_attempts = 'many'",
    "notified = -1",
];

#[tokio::test]
async fn a_damaged_row_is_an_error_wherever_it_is_met() {
    for damage in DAMAGE {
        let (world, store, reset) = lax().await;
        let text = format!("update password_reset_resets set {damage}");
        world.run(&text);
        let error = store.load(reset.id()).await.expect_err(damage);
        assert!(!error.is_transient(), "{damage}");
        assert_eq!(error.to_string(), "a stored reset is damaged", "{damage}");
        // Nothing is compared, for its attempts cannot be counted any more.
        match store.attempt(&Attempt::new(reset.id(), AttemptKind::Completion, 20)).await {
            Err(error) => assert_eq!(error.to_string(), "a stored reset is damaged", "{damage}"),
            Ok(Attempted::LimitReached) => assert_eq!(*damage, "completion_attempts = null"),
            Ok(counted) => panic!("{damage}: {counted:?}"),
        }
    }
}

#[tokio::test]
async fn the_tables_own_rules_refuse_most_damage() {
    let world = World::new().await;
    let store = world.store();
    store.transition(&issue(&store_request(&store).await, "1")).await.unwrap();
    let mut let_through = Vec::new();
    let connection = world.connect();
    for damage in DAMAGE {
        let text = format!("begin; update password_reset_resets set {damage}; rollback");
        if connection.execute_batch(&text).is_ok() {
            let_through.push(*damage);
        } else {
            connection.execute_batch("rollback").unwrap();
        }
    }
    // Left to the reader are names that a later version may know, and what only the state machine knows.
    let left = [
        "state = 'verified'",
        "expires_at = 9223372036854775807",
        "channel = 'telegram'",
        "locale = '??'",
        "identifier_kind = 'nickname'",
        "identifier = 'Ana@toko.example'",
        "proved_by = 'trust'",
        "proved_by = 'link'",
    ];
    assert_eq!(let_through, left);
}

#[tokio::test]
async fn a_damaged_row_does_not_keep_the_others_from_being_leased() {
    let (world, store, reset) = lax().await;
    world.run("update password_reset_resets set state = 'verifed'");
    let error = store.lease(&Due::new(after(2), after(62), 10)).await.unwrap_err();
    assert!(!error.is_transient() && error.source().is_none());
    assert!(store.lease(&Due::new(after(2), after(62), 10)).await.unwrap().is_empty(), "it is leased");
    let whole = store_request(&store).await;
    let leased = store.lease(&Due::new(after(63), after(123), 10)).await.unwrap();
    assert_eq!(leased.iter().map(|leased| leased.reset.id()).collect::<Vec<_>>(), [whole.id()]);
    // It can be erased with its account.
    store.erase(&AccountId::new("1"), &[]).await.unwrap();
    assert!(store.load(reset.id()).await.unwrap().is_none());
}

#[tokio::test]
async fn damaged_audit_rows_and_quotas_are_errors() {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    let account = AccountId::new("1");
    store.record(&note(AuditEvent::Issued).of(&reset).account(&account)).await.unwrap();
    world.run("update password_reset_audit set event = 'party'");
    let error = store.audit(&AuditFilter::Newest { account: account.clone(), limit: 10 }).await.unwrap_err();
    assert_eq!(error.to_string(), "a stored audit row is damaged");
    let quota = Quota::new(digest(5), 3, Duration::from_secs(60), after(0));
    store.take_permit(&quota).await.unwrap();
    world.run("update password_reset_quotas set full_at = 9223372036854775807");
    let error = store.take_permit(&quota).await.unwrap_err();
    assert_eq!(error.to_string(), "a stored quota is damaged");
}

/// A service that does not say whose a row is cannot write it (I9).
#[tokio::test]
async fn a_row_without_a_realm_is_refused() {
    let world = World::new().await;
    let store = world.store();
    store.record(&note(AuditEvent::Issued).of(&store_request(&store).await)).await.unwrap();
    for table in ["password_reset_resets", "password_reset_audit"] {
        for realm in ["''", "null"] {
            let text = format!("update {table} set realm = {realm}");
            assert!(world.connect().execute_batch(&text).is_err(), "{text}");
        }
    }
    for realm in ["''", "null"] {
        let text = format!("insert into password_reset_senders values ({realm}, randomblob(32), null, null, '1', 0)");
        assert!(world.connect().execute_batch(&text).is_err(), "{text}");
    }
    world.run("insert into password_reset_senders values ('a', randomblob(32), null, null, '1', 0)");
}
