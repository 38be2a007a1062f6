//! What the server refuses is a typed error, and the store goes on when the server does.

use std::error::Error;
use std::time::Duration;

use password_reset::PortError;
use password_reset::flow::State;
use password_reset::ports::{Accounts, Attempt, AttemptKind, AuditFilter, Due, ResetStore, Transitioned};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_postgres_server::Cluster;
use sqlx::PgPool;

use crate::common::{USERS, World, after, apply, issue, pool, request, store_request, verified};

/// What reaches a log: the error and its causes.
fn notified(error: &PortError) -> String {
    let mut notified = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        notified = format!("{notified}: {error}");
        source = error.source();
    }
    notified
}

#[tokio::test]
async fn a_database_that_cannot_be_written_is_a_permanent_error() {
    let world = World::new().await;
    let reset = store_request(&world.store()).await;
    let pool = world.pool_with(2, &[("default_transaction_read_only", "on")]).await;
    let store = PostgresStore::new(&pool);
    for refused in [store.check().await, store.migrate().await] {
        assert!(notified(&refused.unwrap_err()).contains("connect to the primary"));
    }
    assert!(store.load(reset.id()).await.unwrap().is_some());
    for error in [
        store.attempt(&Attempt::new(reset.id(), AttemptKind::Completion, 5)).await.unwrap_err(),
        store.open(&request(), None, None, &[]).await.unwrap_err(),
        store.transition(&issue(&reset, "1")).await.unwrap_err(),
        store.lease(&Due::new(after(1), after(2), 1)).await.unwrap_err(),
    ] {
        assert!(!error.is_transient(), "{error:?}");
    }
    assert_eq!(world.store().load(reset.id()).await.unwrap().unwrap().reset, reset);
}

#[tokio::test]
async fn waiting_too_long_is_a_passing_error() {
    let world = World::new().await;
    let reset = store_request(&world.store()).await;
    let mut writing = world.pool.begin().await.unwrap();
    sqlx::query("select * from password_reset_resets for update").fetch_all(&mut *writing).await.unwrap();
    for setting in ["statement_timeout", "lock_timeout"] {
        let store = PostgresStore::new(&world.pool_with(1, &[(setting, "50ms")]).await);
        let error = store.transition(&issue(&reset, "1")).await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
        // What others hold is left alone by those who look for work, and reading goes on.
        assert!(store.lease(&Due::new(after(1), after(2), 1)).await.unwrap().is_empty());
        assert_eq!(store.load(reset.id()).await.unwrap().map(|loaded| loaded.reset), Some(reset.clone()));
    }
    writing.rollback().await.unwrap();
    assert_eq!(world.store().transition(&issue(&reset, "1")).await.unwrap(), Transitioned::Moved { lease: None });
}

#[tokio::test]
async fn no_free_connection_is_a_passing_error() {
    let world = World::new().await;
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(50));
    let pool = options.connect_with(world.database.options()).await.unwrap();
    let held = pool.acquire().await.unwrap();
    let error = PostgresStore::new(&pool).load(request().id()).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    drop(held);
    assert!(PostgresStore::new(&pool).load(request().id()).await.unwrap().is_none());
}

/// Every connection but one's own is cut.
async fn cut(world: &World) {
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity \
               where datname = current_database() and pid <> pg_backend_pid()";
    sqlx::query(cut).execute(&world.pool).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_is_cut_is_a_passing_error_and_passes() {
    let world = World::new().await;
    let pool = world.pool_with(1, &[]).await;
    let accounts = PostgresAccounts::new(&pool, "users");
    let store = PostgresStore::new(&pool).writing(accounts.clone());
    for round in 0..5 {
        let reset = verified(&world.store()).await;
        let was = accounts.load(&"1".into()).await.unwrap().unwrap();
        let step = apply(&reset, &was, &format!("hash {round}"));
        // The step waits for a row while its connection is cut.
        let mut writing = world.pool.begin().await.unwrap();
        sqlx::query("select * from password_reset_resets for update").fetch_all(&mut *writing).await.unwrap();
        let cutting = async {
            let waiting = "select count(*) from pg_stat_activity where datname = current_database() \
                           and wait_event_type = 'Lock'";
            while world.number(waiting).await == 0 {}
            let cut = "select pg_terminate_backend(pid) from pg_stat_activity \
                       where datname = current_database() and wait_event_type = 'Lock'";
            sqlx::query(cut).execute(&world.pool).await.unwrap();
        };
        let (advanced, ()) = tokio::join!(store.transition(&step), cutting);
        assert!(advanced.as_ref().is_err_and(PortError::is_transient), "{advanced:?}");
        writing.rollback().await.unwrap();
        // Nothing of it was done, and the same call does it.
        assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, reset);
        assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Finished { lease: None });
        // Idle connections are cut too; the pool finds out, at the latest by one failed call.
        cut(&world).await;
        if let Err(error) = store.load(reset.id()).await {
            assert!(error.is_transient(), "{error:?}");
        }
        assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset.state(), State::PasswordSet);
    }
}

async fn world_on(cluster: &Cluster) -> (PgPool, PostgresStore) {
    let pool = pool(cluster.url().parse().unwrap(), 2).await;
    sqlx::raw_sql(USERS).execute(&pool).await.unwrap();
    let store = PostgresStore::new(&pool).writing(PostgresAccounts::new(&pool, "users"));
    store.migrate().await.unwrap();
    (pool, store)
}

/// What was answered is there after the server lost its power, and nothing else is needed to go on.
#[tokio::test]
async fn a_server_that_restarts_is_gone_for_a_while() {
    let cluster = Cluster::start().unwrap();
    let (pool, store) = world_on(&cluster).await;
    let accounts = PostgresAccounts::new(&pool, "users");
    for (round, restart) in [Cluster::restart, Cluster::crash].into_iter().enumerate() {
        let reset = verified(&store).await;
        let was = accounts.load(&"1".into()).await.unwrap().unwrap();
        restart(&cluster).unwrap();
        for _ in 0..4 {
            if let Err(error) = store.load(reset.id()).await {
                assert!(error.is_transient(), "{error:?}");
            }
        }
        assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, reset);
        let new = format!("hash {round}");
        assert_eq!(store.transition(&apply(&reset, &was, &new)).await.unwrap(), Transitioned::Finished { lease: None });
        cluster.crash().unwrap();
        while store.load(reset.id()).await.is_err() {}
        assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset.state(), State::PasswordSet);
        let now = accounts.load(&"1".into()).await.unwrap().unwrap();
        assert_eq!(now.hash().unwrap().as_str(), new);
    }
    drop(cluster);
    let mut errors = 0;
    for _ in 0..3 {
        let error = store.load(request().id()).await.unwrap_err();
        errors += u32::from(error.is_transient());
    }
    assert_eq!(errors, 3, "a server that is not there may come back");
}

#[tokio::test]
async fn an_account_that_cannot_be_written_takes_the_step_back() {
    let world = World::new().await;
    world
        .run(
            "create function guard() returns trigger language plpgsql as $$
                 begin raise exception 'no such password here'; end $$;
             create trigger guard before update on users for each row when (new.password_hash = 'refused')
                 execute function guard();",
        )
        .await;
    let store = world.writing();
    let reset = verified(&store).await;
    let was = world.accounts().load(&"1".into()).await.unwrap().unwrap();
    let error = store.transition(&apply(&reset, &was, "refused")).await.unwrap_err();
    assert!(!error.is_transient());
    assert_eq!(store.load(reset.id()).await.unwrap().unwrap().reset, reset);
    assert_eq!(store.transition(&apply(&reset, &was, "taken")).await.unwrap(), Transitioned::Finished { lease: None });
}

#[tokio::test]
async fn no_error_shows_sql_or_values() {
    let world = World::new().await;
    let store = world.store();
    let reset = store_request(&store).await;
    let twice = store.open(&reset, None, None, &[]).await.unwrap_err();
    world.run("drop table password_reset_audit; alter table users rename to people").await;
    let gone = store.audit(&AuditFilter::Newest { account: "1".into(), limit: 1 }).await.unwrap_err();
    let missing = world.accounts().load(&"1".into()).await.unwrap_err();
    world.pool.close().await;
    let closed = store.load(reset.id()).await.unwrap_err();
    for error in [twice, gone, missing, closed] {
        let notified = notified(&error).to_lowercase();
        for word in ["select ", "insert ", "update ", "ana@toko.example", "example.com", "where "] {
            assert!(!notified.contains(word), "{notified}");
        }
    }
}

/// A full disk, a lost race, a server that stops: what the server says in the middle of a statement decides whether the same
/// call may succeed, and nothing of it is done. Here it is made to say so; tables that cannot grow are in [`full`](crate::full).
#[tokio::test]
async fn what_the_server_says_decides_whether_to_try_again_and_nothing_is_half_done() {
    let world = World::new().await;
    world
        .run(
            "create function fail() returns trigger language plpgsql as $$ begin
                 if current_setting('fail.by', true) <> '' then
                     raise exception 'made up' using errcode = current_setting('fail.by');
                 end if;
                 return new;
             end $$;
             create trigger fail after insert on password_reset_audit for each row execute function fail();",
        )
        .await;
    for (code, passes) in [
        ("53100", true),  // disk full
        ("53200", true),  // out of memory
        ("53300", true),  // too many connections
        ("55000", true),  // no connections for now
        ("55P03", true),  // lock not available
        ("57014", true),  // canceled
        ("57P03", true),  // starting up
        ("57P05", true),  // idle for too long
        ("58030", false), // the disk fails
        ("25006", false), // read only
        ("42501", false), // no right
        ("XX001", false), // damaged
    ] {
        let store = PostgresStore::new(&world.pool_with(1, &[("fail.by", code)]).await);
        let reset = store_request(&world.store()).await;
        let asked = request();
        let note = [crate::common::note(password_reset::flow::AuditEvent::Requested).of(&asked)];
        for error in [
            store.open(&asked, None, None, &note).await.unwrap_err(),
            store.transition(&issue(&reset, "1")).await.unwrap_err(),
        ] {
            assert_eq!(error.is_transient(), passes, "{code}: {error:?}");
        }
        assert!(world.store().load(asked.id()).await.unwrap().is_none(), "{code}");
        assert_eq!(world.store().load(reset.id()).await.unwrap().map(|loaded| loaded.reset), Some(reset), "{code}");
    }
    assert_eq!(world.number("select count(*) from password_reset_audit").await, 0);
    // A race that is lost is run again by the store itself, as often as another transaction wins it.
    let store = PostgresStore::new(&world.pool_with(1, &[("fail.by", "40P01")]).await);
    let reset = store_request(&world.store()).await;
    assert!(store.transition(&issue(&reset, "1")).await.unwrap_err().is_transient());
}
