//! Connections that the store keeps for a moment.

use std::sync::Arc;
use std::time::Duration;

use password_reset::ResetId;
use password_reset::ports::ResetStore;
use password_reset_postgres::PostgresStore;
use tokio::task::JoinSet;

use crate::common::World;

/// The pool is the application's: whatever the store did with it, the application can take all of its connections.
#[tokio::test]
async fn unused_connections_return_to_the_pool() {
    let world = World::new().await;
    let pool = world.pool_with(6, &[]).await;
    let store = Arc::new(PostgresStore::new(&pool).not_listening());
    for _ in 0..3 {
        let mut calls = JoinSet::new();
        for byte in 0..32 {
            let store = Arc::clone(&store);
            calls.spawn(async move { store.load(ResetId::from_bytes([byte; 16])).await });
        }
        assert!(calls.join_all().await.into_iter().all(|found| found.unwrap().is_none()));
        let all = tokio::time::timeout(Duration::from_secs(10), async {
            let mut held = Vec::new();
            while held.len() < 6 {
                held.push(pool.acquire().await.unwrap());
            }
            held
        });
        assert_eq!(all.await.expect("all connections are free").len(), 6);
    }
}
