//! A server that refuses connections for a while: requests are answered in time, and nothing is needed to go on afterwards.

use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use password_reset::RequestError;
use password_reset::ports::SystemClock;
use password_reset_postgres_server::Cluster;
use sqlx::postgres::PgPoolOptions;

use crate::service::Service;

/// Answers within ten seconds, or the test fails: a verb waits for three, and the pool below for a minute.
async fn in_time<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), call).await.expect("it answers in time")
}

/// Where the server listens.
fn socket(cluster: &Cluster) -> PathBuf {
    let url = cluster.url();
    let (_, host) = url.split_once('@').unwrap();
    let (folder, _) = host.split_once(':').unwrap();
    Path::new(&folder.replace("%2F", "/")).join(".s.PGSQL.5432")
}

#[tokio::test]
async fn asking_answers_in_time_while_connections_are_refused_and_works_again_after() {
    let cluster = Cluster::start().unwrap();
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_secs(60));
    let pool = pool.connect(&cluster.url()).await.unwrap();
    sqlx::raw_sql(
        "create table users (id bigint primary key, email text, password_hash text);
         insert into users values (1, 'ana@toko.example', null)",
    )
    .execute(&pool)
    .await
    .unwrap();
    let node = Service::on(&pool, &SystemClock);
    password_reset_postgres::PostgresStore::new(&pool).migrate().await.unwrap();
    in_time(node.ask("ana@toko.example")).await.unwrap();
    cluster.stop().unwrap();
    // As a port behind which there is no server: a socket without a listener.
    drop(UnixListener::bind(socket(&cluster)).unwrap());
    for _ in 0..3 {
        let refused = in_time(node.ask("ana@toko.example")).await;
        assert!(matches!(&refused, Err(RequestError::Unavailable(error)) if error.is_transient()), "{refused:?}");
    }
    assert!(in_time(node.reset.history(&"1".into(), 10)).await.unwrap_err().is_transient());
    cluster.start_again().unwrap();
    in_time(async { while node.ask("ana@toko.example").await.is_err() {} }).await;
    while node.worker.run_once().await.is_err() {}
    let mails = node.mail.delivered();
    assert_eq!(mails.len(), 2, "the request from before, and the one from after");
}
