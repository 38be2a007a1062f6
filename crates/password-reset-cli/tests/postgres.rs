//! The same command on Postgres.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "test code")]

use std::path::Path;
use std::process::{Command, Output};

use password_reset_postgres_server::Server;
use sqlx::PgPool;

const FILE: &str = r#"
[site]
name = "Toko Contoh"
url = "https://toko.example/reset"

[accounts]
disabled_column = "disabled_at"
"#;

fn run(folder: &Path, url: &str, arguments: &[&str]) -> Output {
    let keys = "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,counters:QEECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let mut command = Command::new(env!("CARGO_BIN_EXE_password-reset"));
    command.args(arguments).current_dir(folder).env_clear().env("DATABASE_URL", url).env("PASSWORD_RESET_KEYS", keys);
    let output = command.output().unwrap();
    println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    output
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_work_on_postgres() {
    let database = Server::shared().unwrap().database().await.unwrap();
    let pool = PgPool::connect(&database.url()).await.unwrap();
    for statement in [
        "create table users (id bigint primary key, email text, password_hash text, disabled_at timestamptz)",
        "create index on users (lower(email))",
        "insert into users values (7, 'ani@toko.example', 'x', null), (8, 'budi@toko.example', 'x', null)",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("password-reset.toml"), FILE).unwrap();
    let code = |arguments: &[&str]| run(folder.path(), &database.url(), arguments).status.code();
    assert_eq!(code(&["history", "7"]), Some(1), "nothing is migrated");
    assert_eq!(code(&["migrate"]), Some(0));
    assert_eq!(code(&["send-link", "ani@toko.example", "--actor", "operator:dewi", "--reason", "ticket"]), Some(0));
    let rows = run(folder.path(), &database.url(), &["--json", "history", "7"]).stdout;
    assert_eq!(String::from_utf8(rows).unwrap().lines().count(), 2);
    assert_eq!(code(&["keys", "check"]), Some(0));
    assert_eq!(code(&["purge", "--yes"]), Some(0));
    assert_eq!(code(&["lock", "7", "--yes"]), Some(0));
    let disabled: Vec<i64> =
        sqlx::query_scalar("select id from users where disabled_at is not null").fetch_all(&pool).await.unwrap();
    assert_eq!(disabled, [7]);
    assert_eq!(code(&["erase", "7", "--yes"]), Some(0));
    let left: i64 = sqlx::query_scalar("select count(*) from password_reset_audit").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
}
