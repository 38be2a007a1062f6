//! Owners reset their passwords at a fixed rate, by mail and by WhatsApp, both ways, while strangers flood the service and its mail
//! server or its database fails: over HTTP, with a mail server and a provider of the program's own, against one node on
//! SQLite and two on Postgres. Each scenario has new nodes, each a process of its own, and a new database.
//!
//! Prints a line a scenario, and fails when one breaks a bound: what the library promises in `docs/threat-model.md`.
//! Passwords are hashed at next to no cost, because this measures the ways through the library and not Argon2.
//!
//! `cargo run --release -p load -- --minutes 60`
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

mod client;
mod database;
mod mail_server;
mod mailboxes;
mod node;
mod node_process;
mod owner;
mod provider;
mod run;
mod scenario;
mod sockets;
mod strangers;
mod table;
mod tally;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::{Parser, ValueEnum};

use crate::scenario::SCENARIOS;

#[derive(Debug, Parser)]
struct Options {
    /// How long all scenarios take together; a soak takes an hour.
    #[arg(long, default_value_t = 2.0)]
    minutes: f64,
    /// One engine alone.
    #[arg(long, value_enum)]
    on: Option<Engine>,
    /// The scenarios whose names contain this.
    #[arg(long)]
    only: Option<String>,
    /// Resets a second.
    #[arg(long, default_value_t = 10)]
    rate: u32,
    /// Runs one node on this database, for the program itself.
    #[arg(long, hide = true, requires_all = ["mail", "provider"])]
    node: Option<String>,
    /// The mail server of that node.
    #[arg(long, hide = true)]
    mail: Option<SocketAddr>,
    /// The provider's API for that node.
    #[arg(long, hide = true)]
    provider: Option<SocketAddr>,
    /// How many requests a minute that node takes.
    #[arg(long, hide = true, default_value_t = 6_000)]
    limit: u32,
}

/// The database, and with it the number of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    fn nodes(self) -> usize {
        match self {
            Self::Sqlite => 1,
            Self::Postgres => 2,
        }
    }
}

/// What a scenario takes beside its load: nodes start, and the last owners finish.
const AROUND: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let options = Options::parse();
    if let (Some(database), Some(mail), Some(provider)) = (&options.node, options.mail, options.provider) {
        node::run(database, mail, provider, options.limit).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let began = Instant::now();
    let runs: Vec<_> = SCENARIOS
        .iter()
        .flat_map(|scenario| scenario.on.iter().map(move |engine| (scenario, *engine)))
        .filter(|(_, engine)| options.on.is_none_or(|on| on == *engine))
        .filter(|(scenario, _)| options.only.as_ref().is_none_or(|only| scenario.name.contains(only)))
        .collect();
    ensure!(!runs.is_empty(), "no scenario is left");
    let each = Duration::from_secs_f64(options.minutes * 60.0 / runs.len() as f64);
    let load = each.saturating_sub(AROUND).max(Duration::from_secs(5));
    println!("{} resets a second for {:.1} s each\n\n{}", options.rate, load.as_secs_f64(), table::HEAD);
    let (mut notes, mut broken) = (Vec::new(), Vec::new());
    for (scenario, engine) in runs {
        let outcome = run::scenario(scenario, engine, load, scenario.owners(options.rate)).await?;
        println!("{}", table::line(scenario, engine, &outcome));
        if scenario.reaches_limit() && outcome.refused == 0 {
            notes.push(format!(
                "{engine:?}, {}: none is refused, so this machine is too busy to show anything",
                scenario.name
            ));
        }
        for bound in outcome.broken(scenario) {
            broken.push(format!("{engine:?}, {}: {bound}", scenario.name));
        }
    }
    println!("\n{:.0} s", began.elapsed().as_secs_f64());
    for note in &notes {
        println!("note: {note}");
    }
    for bound in &broken {
        eprintln!("error: {bound}");
    }
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
