//! The Postgres server of a run, and what befalls it.

use std::fmt;

use anyhow::Result;
use password_reset_postgres_server::{Cluster, Database as Made, Server as Found};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::database::Database;

/// After how many kills it all begins again, and at which kill of a round the connections are cut, nothing can be written
/// any more, and can again, and the server is restarted, or crashes in every other round.
const ROUND: u32 = 10;
const CUT: u32 = 0;
const READ_ONLY: u32 = 3;
const WRITABLE: u32 = 4;
const RESTART: u32 = 6;

/// A server with the databases that were made on it. One that was given has its connections cut, and nothing else.
#[derive(Debug)]
pub struct Server {
    found: &'static Found,
    databases: Vec<Made>,
    restarting: Option<JoinHandle<Result<()>>>,
    notified: Notified,
}

/// What has befallen it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Notified {
    cut: usize,
    read_only: u32,
    restarts: u32,
    crashes: u32,
}

impl fmt::Display for Notified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cut, read_only, restarts, crashes } = self;
        write!(f, "{cut} connections cut, {restarts} restarts and {crashes} crashes of the server, ")?;
        write!(f, "{read_only} times read only")
    }
}

impl Server {
    pub async fn start() -> Result<Self> {
        let found = spawn_blocking(Found::shared).await??;
        Ok(Self { found, databases: Vec::new(), restarting: None, notified: Notified::default() })
    }

    /// Makes a database, and returns its address.
    pub async fn database(&mut self) -> Result<String> {
        let database = self.found.database().await?;
        let url = database.url();
        self.databases.push(database);
        Ok(url)
    }

    /// What comes after so many kills. A restart goes on while nodes are killed and started.
    pub async fn befalls(&mut self, kills: u32) -> Result<()> {
        match (kills % ROUND, self.found.cluster()) {
            (CUT, _) => {
                self.is_back().await?;
                self.notified.cut += self.cut_connections().await?;
            }
            (READ_ONLY, Some(_)) => {
                self.set_read_only("on").await?;
                self.notified.read_only += 1;
            }
            (WRITABLE, Some(_)) => self.set_read_only("off").await?,
            (RESTART, Some(cluster)) => {
                let (restart, count) = match kills / ROUND % 2 {
                    0 => (Cluster::restart as fn(&Cluster) -> _, &mut self.notified.restarts),
                    _ => (Cluster::crash as fn(&Cluster) -> _, &mut self.notified.crashes),
                };
                *count += 1;
                self.restarting = Some(spawn_blocking(move || Ok(restart(cluster)?)));
            }
            _ => {}
        }
        Ok(())
    }

    /// Nothing befalls it any more.
    pub async fn recovers(&mut self) -> Result<Notified> {
        self.is_back().await?;
        if self.found.cluster().is_some() {
            self.set_read_only("off").await?;
        }
        Ok(self.notified)
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

    /// Every session takes it over before its next transaction.
    async fn set_read_only(&self, to: &str) -> Result<()> {
        let server = Database::open(self.found.url()).await?;
        server.run(&format!("alter system set default_transaction_read_only = {to}")).await?;
        server.run("select pg_reload_conf()").await
    }
}
