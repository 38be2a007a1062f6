//! A Postgres for tests and trials.
//!
//! [`Server::shared`] is the server that `PASSWORD_RESET_POSTGRES_URL` names, whose role must be allowed to create
//! databases; else a private cluster, made with the server programs in the folder that `PASSWORD_RESET_POSTGRES_BIN` names,
//! or with those of the distribution. The cluster listens on a Unix socket in a directory that no other user may enter, keeps
//! `fsync` on as real ones do, and ends with the process that started it, however that ends. Every test takes a
//! [`Database`] of its own.
//!
//! Where there is neither, that is an error which says what to install, and no test is skipped.

mod cluster;
mod database;
mod programs;

use std::sync::OnceLock;

pub use crate::cluster::Cluster;
pub use crate::database::Database;

/// The environment variable with the address of a server to use instead of a private cluster.
pub const URL: &str = "PASSWORD_RESET_POSTGRES_URL";

/// The environment variable with the folder of the server programs for private clusters, for a version other than the
/// distribution's.
pub const PROGRAMS: &str = "PASSWORD_RESET_POSTGRES_BIN";

/// There is no Postgres to test with.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoServer(String);

impl NoServer {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// A server on which databases can be made.
#[derive(Debug)]
pub struct Server {
    url: String,
    cluster: Option<Cluster>,
}

impl Server {
    /// The one server of this process, started by the first caller.
    ///
    /// # Errors
    /// When there is none, and none can be started.
    pub fn shared() -> Result<&'static Self, NoServer> {
        static SHARED: OnceLock<Result<Server, NoServer>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref().map_err(NoServer::clone)
    }

    /// A private cluster of this process, also where a server was given: for tests that come in by its socket.
    ///
    /// # Errors
    /// When none can be started.
    pub fn private() -> Result<&'static Self, NoServer> {
        static PRIVATE: OnceLock<Result<Server, NoServer>> = OnceLock::new();
        match Self::shared() {
            Ok(shared) if shared.cluster.is_some() => Ok(shared),
            _ => PRIVATE.get_or_init(Self::start_private).as_ref().map_err(NoServer::clone),
        }
    }

    fn start() -> Result<Self, NoServer> {
        match std::env::var(URL).ok().filter(|url| !url.is_empty()) {
            Some(url) => Ok(Self { url, cluster: None }),
            None => Self::start_private(),
        }
    }

    fn start_private() -> Result<Self, NoServer> {
        let cluster = Cluster::start()?;
        Ok(Self { url: cluster.url(), cluster: Some(cluster) })
    }

    /// The address of the server's first database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The private cluster, which may be restarted; none where the server was given.
    #[must_use]
    pub fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// Makes an empty database, which goes with what is returned, or with the private cluster.
    ///
    /// # Errors
    /// When the server cannot be reached, or the role may not create databases.
    pub async fn database(&self) -> Result<Database, sqlx::Error> {
        Database::create(&self.url, self.cluster.is_none()).await
    }
}
