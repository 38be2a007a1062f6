//! A database of its own for every test.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

/// A database for as long as this value. On a given server it is then dropped, unless its test failed, so that it can be
/// looked at; a private cluster ends soon, and dropping one database there would have all others written to the disk.
#[derive(Debug)]
pub struct Database {
    server: PgConnectOptions,
    name: String,
    dropped: bool,
}

impl Database {
    pub(crate) async fn create(server: &str, dropped: bool) -> Result<Self, sqlx::Error> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server: PgConnectOptions = server.parse()?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("password_reset_test_{}_{number}", std::process::id());
        let mut connection = server.connect().await?;
        let drop = format!("drop database if exists {name} with (force)");
        connection.execute(AssertSqlSafe(drop)).await?;
        connection.execute(AssertSqlSafe(format!("create database {name}"))).await?;
        connection.close().await?;
        Ok(Self { server, name, dropped })
    }

    /// How to connect to it.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// Its address, for another process.
    #[must_use]
    pub fn url(&self) -> String {
        self.options().to_url_lossy().to_string()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if !self.dropped || std::thread::panicking() {
            return;
        }
        let (server, name) = (self.server.clone(), self.name.clone());
        // On a thread of its own: a test's runtime is busy with the test, or gone.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let mut connection = server.connect().await.ok()?;
                let drop = format!("drop database if exists {name} with (force)");
                connection.execute(AssertSqlSafe(drop)).await.ok()?;
                PgConnection::close(connection).await.ok()
            })
        });
        // What cannot be dropped goes with the cluster.
        drop(dropping.join());
    }
}
