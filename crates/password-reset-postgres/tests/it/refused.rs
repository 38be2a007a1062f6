//! A server that refuses connections for a while: requests are answered in time, and nothing is needed to go on afterwards.

use std::time::Duration;

use password_reset::RequestError;
use password_reset::ports::SystemClock;
use password_reset_postgres_server::Cluster;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::common::USERS;
use crate::service::Service;

/// Answers within ten seconds, or the test fails: a verb waits for three, and the pool below for a minute.
async fn in_time<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), call).await.expect("it answers in time")
}

/// A pool that waits for a minute, on a database with two accounts.
async fn patient(options: PgConnectOptions) -> PgPool {
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_secs(60)).connect_with(options).await.unwrap();
    sqlx::raw_sql(USERS).execute(&pool).await.unwrap();
    pool
}

#[tokio::test]
async fn asking_answers_in_time_while_connections_are_refused_and_works_again_after() {
    let cluster = Cluster::start().unwrap();
    let pool = patient(cluster.url().parse().unwrap()).await;
    let node = Service::on(&pool, &SystemClock);
    password_reset_postgres::PostgresStore::new(&pool).migrate().await.unwrap();
    in_time(node.ask("ana@toko.example")).await.unwrap();
    cluster.stop().unwrap();
    for _ in 0..3 {
        let refused = in_time(node.ask("ana@toko.example")).await;
        assert!(matches!(&refused, Err(RequestError::Unavailable(error)) if error.is_transient()), "{refused:?}");
    }
    assert!(in_time(node.reset.admin().history(&"1".into(), 10)).await.unwrap_err().is_transient());
    cluster.start_again().unwrap();
    in_time(async { while node.ask("ana@toko.example").await.is_err() {} }).await;
    while node.worker.run_once().await.is_err() {}
    let mails = node.mail.delivered();
    assert_eq!(mails.len(), 2, "the request from before, and the one from after");
}

#[tokio::test]
async fn asking_goes_on_after_a_database_that_took_no_connections_takes_them_again() {
    let cluster = Cluster::start().unwrap();
    let server: PgConnectOptions = cluster.url().parse().unwrap();
    let operator = PgPoolOptions::new().connect_with(server.clone()).await.unwrap();
    let run = async |sql| sqlx::raw_sql(sql).execute(&operator).await.unwrap();
    run("create database app").await;
    let pool = patient(server.database("app")).await;
    let node = Service::on(&pool, &SystemClock);
    password_reset_postgres::PostgresStore::new(&pool).migrate().await.unwrap();
    run("alter database app allow_connections false").await;
    run("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'app'").await;
    let refused = in_time(node.ask("ana@toko.example")).await;
    assert!(matches!(&refused, Err(RequestError::Unavailable(error)) if error.is_transient()), "{refused:?}");
    run("alter database app allow_connections true").await;
    in_time(async { while node.ask("ana@toko.example").await.is_err() {} }).await;
}
