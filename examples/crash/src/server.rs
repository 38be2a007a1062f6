//! The Postgres server of a run, and its disturbances.

use std::fmt;

use anyhow::Result;
use password_reset_postgres_server::{Cluster, Database as Made, Server as Found};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::database::Database;

/// Kills in a round, and the kill of each round at which connections are cut, the server becomes read only, becomes writable
/// again, and restarts, or crashes in every other round.
const ROUND: u32 = 10;
const CUT: u32 = 0;
const READ_ONLY: u32 = 3;
const WRITABLE: u32 = 4;
const RESTART: u32 = 6;

/// A server and the databases of the run on it. On a server that was started elsewhere only connections are cut.
#[derive(Debug)]
pub struct Server {
    found: &'static Found,
    databases: Vec<Made>,
    restarting: Option<JoinHandle<Result<()>>>,
    disturbances: Disturbances,
}

/// Counts of disturbances.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disturbances {
    cut: usize,
    read_only: u32,
    restarts: u32,
    crashes: u32,
}

impl fmt::Display for Disturbances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cut, read_only, restarts, crashes } = self;
        write!(f, "{cut} connections cut, {restarts} restarts and {crashes} crashes of the server, ")?;
        write!(f, "{read_only} times read only")
    }
}

impl Server {
    pub async fn start() -> Result<Self> {
        let found = spawn_blocking(Found::shared).await??;
        Ok(Self { found, databases: Vec::new(), restarting: None, disturbances: Disturbances::default() })
    }

    /// Creates a database, and returns its address.
    pub async fn database(&mut self) -> Result<String> {
        let database = self.found.database().await?;
        let url = database.url();
        self.databases.push(database);
        Ok(url)
    }

    /// Disturbs the server after this many kills. A restart continues while nodes are killed and started.
    pub async fn disturb(&mut self, kills: u32) -> Result<()> {
        match (kills % ROUND, self.found.cluster()) {
            (CUT, _) => {
                self.is_back().await?;
                self.disturbances.cut += self.cut_connections().await?;
            }
            (READ_ONLY, Some(_)) => {
                self.set_read_only("on").await?;
                self.disturbances.read_only += 1;
            }
            (WRITABLE, Some(_)) => self.set_read_only("off").await?,
            (RESTART, Some(cluster)) => {
                let (restart, count) = match kills / ROUND % 2 {
                    0 => (Cluster::restart as fn(&Cluster) -> _, &mut self.disturbances.restarts),
                    _ => (Cluster::crash as fn(&Cluster) -> _, &mut self.disturbances.crashes),
                };
                *count += 1;
                self.restarting = Some(spawn_blocking(move || Ok(restart(cluster)?)));
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends all disturbances, and returns their counts.
    pub async fn recover(&mut self) -> Result<Disturbances> {
        self.is_back().await?;
        if self.found.cluster().is_some() {
            self.set_read_only("off").await?;
        }
        Ok(self.disturbances)
    }

    async fn is_back(&mut self) -> Result<()> {
        match self.restarting.take() {
            Some(restarting) => restarting.await?,
            None => Ok(()),
        }
    }

    async fn cut_connections(&self) -> Result<usize> {
        let names: Vec<String> = self.databases.iter().map(|database| format!("'{}'", database.name())).collect();
        let cut = format!(
            "select pg_terminate_backend(pid)::text from pg_stat_activity where pid <> pg_backend_pid() and datname in ({})",
            names.join(", ")
        );
        Ok(Database::open(self.found.url()).await?.texts(&cut).await?.len())
    }

    /// Sessions adopt the setting before their next transaction.
    async fn set_read_only(&self, to: &str) -> Result<()> {
        let server = Database::open(self.found.url()).await?;
        server.run(&format!("alter system set default_transaction_read_only = {to}")).await?;
        server.run("select pg_reload_conf()").await
    }
}
