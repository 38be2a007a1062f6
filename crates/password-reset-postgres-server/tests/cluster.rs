//! A cluster is there for as long as the process that started it, and no longer.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;
use std::process::{Command, Stdio};

use password_reset_postgres_server::{Cluster, Server};
use sqlx::{ConnectOptions, Connection, PgConnection};

async fn setting(connection: &mut PgConnection, name: &str) -> String {
    sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn every_test_has_a_database_of_its_own() {
    let server = Server::shared().unwrap();
    let (one, two) = (server.database().await.unwrap(), server.database().await.unwrap());
    let mut connection = one.options().connect().await.unwrap();
    sqlx::raw_sql("create table only_here (id int)").execute(&mut connection).await.unwrap();
    assert_eq!(setting(&mut connection, "fsync").await, "on");
    let mut other = PgConnection::connect(&two.url()).await.unwrap();
    sqlx::query("select from only_here").execute(&mut other).await.unwrap_err();
    // There is a private one too, whatever was given.
    let private = Server::private().unwrap();
    assert!(private.cluster().is_some());
    assert_eq!(server.cluster().is_some(), private.url() == server.url());
}

#[tokio::test]
async fn a_restart_keeps_what_was_committed() {
    let cluster = Cluster::start().unwrap();
    let mut connection = PgConnection::connect(&cluster.url()).await.unwrap();
    sqlx::raw_sql("create table kept as select 7 as seven").execute(&mut connection).await.unwrap();
    for restart in [Cluster::restart, Cluster::crash] {
        restart(&cluster).unwrap();
        sqlx::query("select seven from kept").execute(&mut connection).await.unwrap_err();
        connection = PgConnection::connect(&cluster.url()).await.unwrap();
        let seven: i32 = sqlx::query_scalar("select seven from kept").fetch_one(&mut connection).await.unwrap();
        assert_eq!(seven, 7);
    }
    let url = cluster.url();
    cluster.stop().unwrap();
    let refused = PgConnection::connect(&url).await.unwrap_err();
    assert!(matches!(&refused, sqlx::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused), "{refused:?}");
    cluster.start_again().unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::query("select seven from kept").execute(&mut connection).await.unwrap();
    drop(cluster);
    PgConnection::connect(&url).await.unwrap_err();
}

/// A table that fills up keeps what it has, and takes more when there is room again.
#[tokio::test]
async fn with_little_room_a_table_fills_up() {
    let cluster = Cluster::start_with_small_log().unwrap();
    let mut connection = PgConnection::connect(&cluster.url()).await.unwrap();
    sqlx::raw_sql("create table filling (text text)").execute(&mut connection).await.unwrap();
    let add = "insert into filling select repeat('x', 1000) from generate_series(1, 200)";
    let mut added = 0;
    let mut fills = false;
    for restart in [Cluster::restart_with_little_room, Cluster::restart] {
        restart(&cluster).unwrap();
        connection = PgConnection::connect(&cluster.url()).await.unwrap();
        let mut full = None;
        for _ in 0..100 {
            match sqlx::query(add).execute(&mut connection).await {
                Ok(_) => added += 1,
                Err(error) => full = Some(error.to_string()),
            }
        }
        fills = !fills;
        assert_eq!(full.is_some_and(|told| told.contains("could not extend file")), fills, "after {added}");
        let kept: i64 =
            sqlx::query_scalar("select count(*) / 200 from filling").fetch_one(&mut connection).await.unwrap();
        assert_eq!(kept, added);
    }
}

/// The process that is killed; with the other tests it only starts a cluster and ends.
#[test]
fn a_process_with_a_cluster() {
    let cluster = Cluster::start().unwrap();
    println!("\nat {}", cluster.url());
    if std::env::var_os("WAIT_TO_BE_KILLED").is_some() {
        loop {
            std::thread::park();
        }
    }
}

#[tokio::test]
async fn a_cluster_ends_with_a_process_that_is_killed() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["a_process_with_a_cluster", "--exact", "--nocapture"]).env("WAIT_TO_BE_KILLED", "1");
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.map(Result::unwrap).find_map(|line| line.strip_prefix("at ").map(str::to_owned)).unwrap();
    PgConnection::connect(&url).await.unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    // Each try waits for an answer; a server that stays would give 10,000.
    let mut tries = 0;
    while PgConnection::connect(&url).await.is_ok() {
        tries += 1;
        assert!(tries < 10_000, "the server is still there");
    }
}

#[tokio::test]
async fn a_given_server_is_left_as_it_was() {
    let cluster = Cluster::start().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["every_test_has_a_database_of_its_own", "--exact"])
        .env(password_reset_postgres_server::URL, cluster.url());
    let output = command.output().unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    let mut connection = PgConnection::connect(&cluster.url()).await.unwrap();
    let databases: Vec<String> = sqlx::query_scalar("select datname::text from pg_database order by 1")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(databases, ["postgres", "template0", "template1"]);
}

/// Clusters are made with the programs that are asked for, and with no others where those are not there.
#[tokio::test]
async fn the_programs_that_the_environment_names_are_used() {
    let cluster = Cluster::start().unwrap();
    let mut connection = PgConnection::connect(&cluster.url()).await.unwrap();
    let programs: String = sqlx::query_scalar("select setting from pg_config where name = 'BINDIR'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let nothing = tempfile::tempdir().unwrap();
    let run = |folder: &Path| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["a_process_with_a_cluster", "--exact"]).env(password_reset_postgres_server::PROGRAMS, folder);
        command.output().unwrap()
    };
    assert!(run(Path::new(&programs)).status.success());
    let refused = run(nothing.path());
    let told = String::from_utf8_lossy(&refused.stdout);
    assert!(!refused.status.success() && told.contains("where no Postgres server is"), "{told}");
}
