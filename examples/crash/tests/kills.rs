//! Nodes are killed at random moments, on both engines, with the accounts in the resets' database and elsewhere (I7).
//!
//! `PASSWORD_RESET_KILLS` says how many in each of the four; 500 is the long form. It has no test harness, because what it
//! counts is to be seen.

use std::process::Command;
use std::thread;

use anyhow::{Context, Result, ensure};

fn kills(on: &str, accounts: &str) -> Result<()> {
    let kills = std::env::var("PASSWORD_RESET_KILLS").unwrap_or("50".to_owned());
    let mut command = Command::new(env!("CARGO_BIN_EXE_crash"));
    let output = command.args(["--kills", &kills, "--on", on, "--accounts", accounts]).output()?;
    let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    print!("{said}");
    ensure!(output.status.success(), "on {on} with the accounts {accounts}: {wrong}");
    ensure!(said.contains(&format!("{kills} kills")), "on {on} with the accounts {accounts}: nobody was killed");
    println!("test kills_on_{on}_with_the_accounts_{accounts} ... ok");
    Ok(())
}

fn main() -> Result<()> {
    let both = |on: &'static str| thread::spawn(move || kills(on, "together").and_then(|()| kills(on, "apart")));
    for engine in [both("sqlite"), both("postgres")] {
        engine.join().ok().context("a panic")??;
    }
    Ok(())
}
