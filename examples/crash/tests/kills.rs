//! Nodes are killed at random moments, on both engines, with the accounts in the database of the resets and elsewhere (I7).
//!
//! `PASSWORD_RESET_KILLS` sets the number in each of the four runs; 500 is the long form. There is no test harness, so that
//! the counts are visible.

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
    ensure!(
        said.contains(&format!("{kills} kills")),
        "on {on} with the accounts {accounts}: the number of kills is wrong"
    );
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
