//! Nodes are killed at random moments, on both engines, with the accounts in the resets' database and elsewhere (I7).
//!
//! `PASSWORD_RESET_KILLS` says how many in each of the four; 500 is the long form.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

use std::process::Command;

fn kills(on: &str, accounts: &str) {
    let kills = std::env::var("PASSWORD_RESET_KILLS").unwrap_or("50".to_owned());
    let mut command = Command::new(env!("CARGO_BIN_EXE_crash"));
    let output = command.args(["--kills", &kills, "--on", on, "--accounts", accounts]).output().unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}");
    assert!(output.status.success(), "{said}\n{wrong}");
    assert!(said.contains(&format!("{kills} kills")), "{said}");
}

#[test]
fn on_sqlite_with_the_accounts() {
    kills("sqlite", "together");
}

#[test]
fn on_sqlite_with_the_accounts_elsewhere() {
    kills("sqlite", "apart");
}

#[test]
fn on_postgres_with_the_accounts() {
    kills("postgres", "together");
}

#[test]
fn on_postgres_with_the_accounts_elsewhere() {
    kills("postgres", "apart");
}
