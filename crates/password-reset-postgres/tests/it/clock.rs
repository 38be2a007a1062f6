//! Nodes go by the database's time.

use std::sync::Arc;

use chrono::TimeDelta;
use password_reset::ports::{Clock, ResetStore, SystemClock};
use password_reset_postgres::PostgresClock;

use crate::common::{World, request};

#[tokio::test]
async fn the_databases_time_is_the_nodes_time() {
    let world = World::bare().await;
    // A database whose clock is wrong by an hour, as the node sees it: the function is found before the server's own.
    world
        .run(
            "create schema odd;
             create function odd.clock_timestamp() returns timestamptz language sql
                 as $$ select pg_catalog.clock_timestamp() + interval '1 hour' $$;",
        )
        .await;
    let pool = world.pool_with(1, &[("search_path", "odd,pg_catalog,public"), ("TimeZone", "Pacific/Chatham")]).await;
    let clock = PostgresClock::start(&pool).await.unwrap();
    let ahead = clock.now() - SystemClock.now();
    assert!((ahead - TimeDelta::hours(1)).abs() < TimeDelta::minutes(1), "{ahead}");
    let clone: Arc<dyn Clock> = Arc::new(clock.clone());
    assert!((clone.now() - clock.now()).abs() < TimeDelta::minutes(1));
    // Between two questions it goes on by itself, also when the database is gone.
    pool.close().await;
    clock.sleep(std::time::Duration::from_millis(2)).await;
    assert!(clock.now() - SystemClock.now() > TimeDelta::minutes(59));
    PostgresClock::start(&pool).await.unwrap_err();
}

/// A session may show times in whatever zone it likes.
#[tokio::test]
async fn the_time_zone_of_a_session_changes_nothing() {
    let world = World::new().await;
    let reset = request();
    for zone in ["UTC", "Asia/Jakarta", "Pacific/Chatham", "America/St_Johns"] {
        let odd = [("TimeZone", zone), ("DateStyle", "German"), ("IntervalStyle", "iso_8601")];
        let store = password_reset_postgres::PostgresStore::new(&world.pool_with(1, &odd).await);
        if zone == "UTC" {
            store.open(&reset, None, None, &[]).await.unwrap();
        }
        let loaded = store.load(reset.id()).await.unwrap().unwrap().reset;
        assert_eq!(loaded, reset, "{zone}");
        let due = password_reset::ports::Due::new(loaded.created_at(), loaded.created_at(), 10);
        let leased = store.lease(&due).await.unwrap();
        assert_eq!(leased.len(), 1, "due from its own millisecond on, in {zone}");
    }
}
