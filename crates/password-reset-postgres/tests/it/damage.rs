//! Rows that other hands changed are errors, never resets.

use std::error::Error;
use std::time::Duration;

use password_reset::flow::{AuditEvent, Reset};
use password_reset::ports::{Attempt, AttemptKind, Attempted, AuditFilter, Due, Quota, ResetStore};
use password_reset::{AccountId, Realm};
use password_reset_postgres::PostgresStore;

use crate::common::{World, after, digest, issue, note, store_request};

/// A store whose table of resets believes everything.
async fn lax() -> (World, PostgresStore, Reset) {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    let step = issue(&reset, "1");
    store.transition(&step).await.unwrap();
    world
        .run(
            "create table lax as select * from password_reset_resets;
             drop table password_reset_resets;
             alter table lax rename to password_reset_resets;",
        )
        .await;
    let reset = store.load(reset.id()).await.unwrap().unwrap().reset;
    (world, store, reset)
}

const DAMAGE: &[&str] = &[
    "state = null",
    "state = 'verifed'",
    "state = 'verified'", // without a proof
    "state = 'requested'",
    "state = 'password_set', proved_by = 'link'",
    "state = ''",
    "expires_at = null",
    "expires_at = 'infinity'",
    "expires_at = '-infinity'",
    "expires_at = '294276-12-31 23:59:59.999999+00'",
    "expires_at = '4713-01-01 00:00:00+00 BC'",
    "expires_at = 'epoch'",
    "created_at = null",
    "created_at = '-infinity'",
    "shown_until = '1969-12-31 23:59:59+00'",
    "due_at = 'infinity'",
    "issued_at = 'infinity'",
    "set_at = '-infinity'",
    "version = null",
    "version = 0",
    "version = -3",
    "channel = 'telegram'",
    "locale = '??'",
    "identifier_kind = 'nickname'",
    "identifier = ''",
    "identifier = 'Ana@toko.example'",
    "identifier = null",
    "key_id = null",
    "nonce = null",
    "nonce = ''",
    "nonce = substr(nonce, 1, 31)",
    "nonce = nonce || '\\x00'::bytea",
    "source = '\\x01'",
    "subject = null",
    "account = null",
    "fingerprint = null",
    "fingerprint = '\\x02'",
    "issued_at = null",
    "link_until = null",
    "code_until = null",
    "contact = '\\x02'",
    "proved_by = 'trust'",
    "proved_by = 'link'",
    "hash_digests = '\\x0102'",
    "hash_digests = null",
    "set_at = 'epoch'",
    "due_at = null",
    "tasks = null",
    "tasks = 512",
    "tasks = -1",
    "code_attempts = -1",
    "code_attempts = 4294967296",
    "completion_attempts = null",
    "delivery_attempts = -1",
    "notified = -1",
];

#[tokio::test]
async fn a_damaged_row_is_an_error_wherever_it_is_met() {
    let (world, store, reset) = lax().await;
    world.run("create table whole as select * from password_reset_resets").await;
    for damage in DAMAGE {
        world.run("delete from password_reset_resets; insert into password_reset_resets select * from whole").await;
        assert_eq!(store.load(reset.id()).await.unwrap().map(|loaded| loaded.reset), Some(reset.clone()));
        let text = format!("update password_reset_resets set {damage}");
        sqlx::query(sqlx::AssertSqlSafe(text)).execute(&world.pool).await.unwrap();
        let error = store.load(reset.id()).await.expect_err(damage);
        assert!(!error.is_transient(), "{damage}");
        assert_eq!(error.to_string(), "a stored reset is damaged", "{damage}");
        // Nothing is compared, for its tries cannot be counted any more.
        match store.attempt(&Attempt::new(reset.id(), AttemptKind::Completion, 20)).await {
            Err(error) => assert_eq!(error.to_string(), "a stored reset is damaged", "{damage}"),
            Ok(Attempted::LimitReached) => assert_eq!(*damage, "completion_attempts = null"),
            Ok(counted) => panic!("{damage}: {counted:?}"),
        }
    }
}

#[tokio::test]
async fn a_damaged_row_does_not_keep_the_others_from_being_paid() {
    let (world, store, reset) = lax().await;
    world.run("update password_reset_resets set state = 'verifed'").await;
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
async fn damaged_audit_rows_and_buckets_are_errors() {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    let account = AccountId::new("1");
    store.record(&note(AuditEvent::Issued).of(&reset).account(&account)).await.unwrap();
    world.run("update password_reset_audit set event = 'party'").await;
    let error = store.audit(&AuditFilter::Newest { account: account.clone(), limit: 10 }).await.unwrap_err();
    assert_eq!(error.to_string(), "a stored audit row is damaged");
    let quota = Quota::new(digest(5), 3, Duration::from_secs(60), after(0));
    store.take_permit(&quota).await.unwrap();
    world.run("update password_reset_quotas set full_at = '294276-12-31 23:59:59+00'").await;
    let error = store.take_permit(&quota).await.unwrap_err();
    assert_eq!(error.to_string(), "a stored quota is damaged");
}

/// A service that does not say whose a row is cannot write it (I9). A row of the empty realm, which no service can have, is found by none.
#[tokio::test]
async fn a_row_without_a_realm_is_refused() {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    store.record(&note(AuditEvent::Issued).of(&reset)).await.unwrap();
    assert!(Realm::new("").is_none());
    let sender = |realm: &str| {
        format!("insert into password_reset_senders values ({realm}, sha256('n'), null, null, '1', now())")
    };
    let refused = [
        "update password_reset_resets set realm = null".to_owned(),
        "update password_reset_audit set realm = null".to_owned(),
        sender("''"),
        sender("null"),
    ];
    for text in refused {
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(text.clone())).execute(&world.pool).await;
        assert!(done.is_err(), "{text}");
    }
    sqlx::raw_sql(sqlx::AssertSqlSafe(sender("'a'"))).execute(&world.pool).await.unwrap();
    world.run("update password_reset_resets set realm = ''").await;
    assert!(store.load(reset.id()).await.unwrap().is_none());
    assert!(store.lease(&Due::new(after(1), after(61), 10)).await.unwrap().is_empty());
}
