//! Behind a pooler of transactions: every statement is on another connection to the server than the one before.

use std::collections::BTreeSet;
use std::time::Duration;

use password_reset_postgres_server::Server;
use password_reset_testkit::FakeClock;
use sqlx::{Connection, PgConnection, PgPool};

use crate::common::{World, noon, pool};
use crate::pooling;
use crate::service::Service;

const CONNECTIONS: usize = 4;

async fn text(from: impl sqlx::PgExecutor<'_>, text: &'static str) -> String {
    sqlx::query_scalar(text).fetch_one(from).await.unwrap()
}

async fn pid(from: impl sqlx::PgExecutor<'_>) -> i32 {
    sqlx::query_scalar("select pg_backend_pid()").fetch_one(from).await.unwrap()
}

/// What the pooler is for: what relied on a session would fail here.
#[tokio::test]
async fn a_session_has_nothing_that_lasts_but_its_prepared_statements() {
    let world = World::of(Server::private().unwrap()).await;
    let options = pooling::start(&world.database.options(), CONNECTIONS).await;
    let mut client = PgConnection::connect_with(&options).await.unwrap();
    let mut servers = Vec::new();
    for _ in 0..3 * CONNECTIONS {
        servers.push(pid(&mut client).await);
    }
    assert!(servers.windows(CONNECTIONS).all(|four| BTreeSet::from_iter(four).len() == CONNECTIONS), "{servers:?}");
    let named = "select count(*) from pg_prepared_statements where statement = 'select pg_backend_pid()'";
    for _ in 0..CONNECTIONS {
        let prepared: i64 = sqlx::query_scalar(named).fetch_one(&mut client).await.unwrap();
        assert_eq!(prepared, 1, "once on each");
    }
    sqlx::raw_sql("set application_name = 'kept'").execute(&mut client).await.unwrap();
    assert_ne!(text(&mut client, "show application_name").await, "kept");
    let mut transaction = client.begin().await.unwrap();
    let server = pid(&mut *transaction).await;
    sqlx::raw_sql("set local application_name = 'here'").execute(&mut *transaction).await.unwrap();
    assert_eq!(text(&mut *transaction, "show application_name").await, "here");
    assert_eq!(pid(&mut *transaction).await, server);
    transaction.commit().await.unwrap();
    assert_ne!(pid(&mut client).await, server);
    // What fails is told, and nothing is mixed up by it.
    sqlx::query("select 1 / $1").bind(0).execute(&mut client).await.unwrap_err();
    sqlx::query("select from nowhere").execute(&mut client).await.unwrap_err();
    assert!(servers.contains(&pid(&mut client).await));
}

/// A transaction ends with its client, and all connections stay in use.
#[tokio::test]
async fn who_goes_away_in_a_transaction_leaves_nothing_behind() {
    let world = World::of(Server::private().unwrap()).await;
    let options = pooling::start(&world.database.options(), CONNECTIONS).await;
    let pool = pool(options.clone(), 4).await;
    for _ in 0..2 * CONNECTIONS {
        let mut client = PgConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql("begin; update users set password_hash = 'half'").execute(&mut client).await.unwrap();
        client.close_hard().await.unwrap();
    }
    let at_once = async {
        let transactions = tokio::try_join!(pool.begin(), pool.begin(), pool.begin(), pool.begin()).unwrap();
        drop(transactions);
        sqlx::query("update users set password_hash = 'whole'").execute(&pool).await.unwrap();
    };
    tokio::time::timeout(Duration::from_secs(60), Box::pin(at_once)).await.expect("every connection comes back");
}

async fn hash_of(pool: &PgPool, id: i64) -> Option<String> {
    sqlx::query_scalar("select password_hash from users where id = $1").bind(id).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_whole_reset_goes_through_it() {
    let world = World::of(Server::private().unwrap()).await;
    let options = pooling::start(&world.database.options(), CONNECTIONS).await;
    let pool = pool(options, 4).await;
    let node = Service::on(&pool, &FakeClock::at(noon()));
    for (email, id) in [("ana@toko.example", 1), ("budi@toko.example", 2)] {
        let before = hash_of(&world.pool, id).await;
        node.ask(email).await.unwrap();
        node.worker.run_once().await.unwrap();
        node.set(node.prove(email).await).await.unwrap();
        node.worker.run_once().await.unwrap();
        assert_ne!(hash_of(&world.pool, id).await, before);
    }
    let done = "select count(*) from password_reset_resets where state = 'password_set' and tasks = 0";
    assert_eq!(world.number(done).await, 2);
}
