//! A node seen from outside: its memory, its descriptors and its log.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A node, which ends when this is dropped.
pub struct NodeProcess {
    process: Child,
    number: u32,
    log: PathBuf,
    descriptors: Arc<AtomicUsize>,
    pub address: SocketAddr,
}

impl NodeProcess {
    pub async fn start(database: &str, servers: (SocketAddr, SocketAddr), limit: u32, log: &Path) -> Result<Self> {
        let [mail, provider] = [servers.0, servers.1].map(|address| address.to_string());
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--node", database, "--mail", &mail, "--provider", &provider, "--limit", &limit.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log)?)
            .kill_on_drop(true)
            .spawn()?;
        let mut says = BufReader::new(process.stdout.take().context("a pipe")?).lines();
        let address = says.next_line().await?;
        let Some(address) = address else {
            anyhow::bail!("a node does not start: {}", std::fs::read_to_string(log)?);
        };
        let number = process.id().context("the node ended")?;
        let descriptors = Arc::<AtomicUsize>::default();
        tokio::spawn(watch(number, Arc::clone(&descriptors)));
        Ok(Self { process, number, log: log.to_owned(), descriptors, address: address.parse()? })
    }

    /// Its memory now and at most, in MiB.
    pub fn memory(&self) -> Result<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.number))?;
        let mib = |field: &str| -> Result<f64> {
            let line = status.lines().find_map(|line| line.strip_prefix(field)).context("Linux says this")?;
            Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
        };
        Ok((mib("VmRSS:")?, mib("VmHWM:")?))
    }

    /// Its open descriptors at most.
    pub fn descriptors(&self) -> usize {
        self.descriptors.load(Ordering::Relaxed)
    }

    /// The lines of its log.
    pub fn log(&self) -> Result<Vec<String>> {
        Ok(std::fs::read_to_string(&self.log)?.lines().map(str::to_owned).collect())
    }

    /// Fails when the node has ended by itself.
    pub fn lives(&mut self) -> Result<()> {
        ensure!(self.process.try_wait()?.is_none(), "a node ended by itself: {}", self.log()?.join("\n"));
        Ok(())
    }
}

/// Counts the descriptors of a process until it ends.
async fn watch(process: u32, most: Arc<AtomicUsize>) {
    while let Ok(open) = std::fs::read_dir(format!("/proc/{process}/fd")) {
        most.fetch_max(open.count(), Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
