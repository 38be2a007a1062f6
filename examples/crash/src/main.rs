//! Nodes that reset passwords, and somebody who kills them.
//!
//! Several processes run the whole service on one database, or on two where the accounts have their own, and each lets
//! people forget passwords at the same few accounts. One after another is killed with SIGKILL at a random moment and
//! started again; on Postgres connections are cut too, the server is restarted and crashes, also while nodes start, and for
//! a while nothing can be written. The clocks of the nodes are a minute apart. At the end one more node does what is
//! left to be done, and a checker that knows nothing of the library reads the databases, the mails and what the people were
//! told, and counts.
//!
//! `cargo run -p crash -- --kills 500 --on postgres --accounts apart`

mod check;
mod database;
mod journal;
mod kills;
mod node;
mod person;
mod server;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use crate::database::Urls;

#[derive(Debug, Parser)]
struct Options {
    /// How many nodes are killed.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Which database.
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    on: Engine,
    /// Where the accounts are: in the resets' database and transactions, or in a database of their own.
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
