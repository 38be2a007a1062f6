//! Nodes that reset passwords while they are killed at random.
//!
//! Several processes run the whole service on one database, or on two where the accounts have their own, and simulate
//! users who reset the passwords of the same few accounts. One process after another is killed with SIGKILL at a random
//! moment and started again; on Postgres connections are cut too, the server restarts and crashes, also while nodes start,
//! and is read only for a while. The clocks of the nodes are a minute apart. After each kill the lease on the audit trail's
//! feed ends, so that another node hands its rows to the observer. At the end one more node finishes the pending work, and a checker that does not use the library reads the databases, the emails and the answers to users, and counts.
//!
//! `cargo run -p crash -- --kills 500 --on postgres --accounts apart`

mod check;
mod database;
mod journal;
mod kills;
mod node;
mod observed;
mod person;
mod server;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use crate::database::Urls;

#[derive(Debug, Parser)]
struct Options {
    /// How often a node is killed.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// The database engine.
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    on: Engine,
    /// Where the accounts are: in the database and transactions of the resets, or in a database of their own.
    #[arg(long, value_enum, default_value_t = Accounts::Together)]
    accounts: Accounts,
    /// Runs one node, in this folder; for the program itself.
    #[arg(long, hide = true)]
    node: Option<u32>,
    #[arg(long, hide = true)]
    folder: Option<PathBuf>,
    #[arg(long, hide = true)]
    resets: Option<String>,
    #[arg(long, hide = true)]
    users: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Accounts {
    Together,
    Apart,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    match (options.node, options.folder, options.resets) {
        (Some(number), Some(folder), Some(resets)) => {
            node::run(number, &folder, &Urls { resets, users: options.users }).await
        }
        _ => kills::run(options.kills, options.on, options.accounts).await,
    }
}
