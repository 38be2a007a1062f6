//! Kills the nodes, and finishes the pending work afterwards.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use password_reset::secret::{GrantToken, LinkToken};
use password_reset::{PasswordReset, Proof};
use tempfile::TempDir;

use crate::check::Row;
use crate::database::{Database, Ports, Urls};
use crate::journal::{self, Journal};
use crate::node::{SkewedClock, service};
use crate::person::{USERS, moment, set_password};
use crate::server::Server;
use crate::{Accounts, Engine, check, observed};

const NODES: u32 = 3;
/// The lifetime of a node, in milliseconds.
const LIVES: std::ops::Range<u64> = 30..400;

/// The files and databases that the nodes share.
struct World {
    folder: TempDir,
    urls: Urls,
    /// None on SQLite.
    server: Option<Server>,
}

impl World {
    async fn new(engine: Engine, accounts: Accounts) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(journal::mailbox(folder.path()))?;
        let mut server = if engine == Engine::Postgres { Some(Server::start().await?) } else { None };
        let mut url = async |name: &str| match &mut server {
            Some(server) => server.database().await,
            None => Ok(format!("sqlite:{}", folder.path().join(name).display())),
        };
        let resets = url("resets.db").await?;
        let users = if accounts == Accounts::Apart { Some(url("users.db").await?) } else { None };
        let urls = Urls { resets, users };
        let world = Self { folder, urls, server };
        world.users().await?.make_users(USERS).await?;
        drop(Ports::open(&world.urls).await?);
        Ok(world)
    }

    async fn users(&self) -> Result<Database> {
        Database::open(self.urls.users.as_ref().unwrap_or(&self.urls.resets)).await
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn start(&self, number: u32) -> Result<Child> {
        let program: PathBuf = std::env::current_exe()?;
        let mut command = Command::new(program);
        command.arg("--node").arg(number.to_string()).arg("--folder").arg(self.folder());
        command.arg("--resets").arg(&self.urls.resets);
        if let Some(users) = &self.urls.users {
            command.arg("--users").arg(users);
        }
        let log = std::fs::File::options().create(true).append(true).open(self.folder().join("errors"))?;
        Ok(command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn()?)
    }
}

/// Kills nodes, and counts.
pub async fn run(kills: u32, engine: Engine, accounts: Accounts) -> Result<()> {
    let began = moment();
    let mut world = World::new(engine, accounts).await?;
    let mut nodes = Vec::new();
    for number in 0..NODES {
        nodes.push(world.start(number)?);
    }
    for kill in 0..kills {
        tokio::time::sleep(Duration::from_millis(rand::random_range(LIVES))).await;
        if let Some(server) = &mut world.server {
            server.disturb(kill).await?;
        }
        let number = rand::random_range(0..NODES);
        let node = nodes.get_mut(number as usize).context("a node of this number")?;
        // A node that ended by itself must not count as killed.
        ensure!(node.try_wait()?.is_none(), "a node ended by itself: {}", errors(&world));
        node.kill()?;
        node.wait()?;
        observed::end_lease(&world.urls.resets).await;
        *node = world.start(number)?;
    }
    for node in &mut nodes {
        node.kill()?;
        node.wait()?;
    }
    let incidents = match &mut world.server {
        Some(server) => format!(", {}", server.recover().await?),
        None => String::new(),
    };
    let finished = finish(&world).await?;
    let seconds = (moment() - began) / 1_000_000;
    println!("{engine:?}, accounts {accounts:?}: {kills} kills{incidents}, {seconds} s");
    let databases = (Database::open(&world.urls.resets).await?, world.users().await?);
    let counts = check::everything(world.folder(), &databases.0, &databases.1).await?;
    let observed = observed::everything(world.folder(), &databases.0, kills).await?;
    println!("{counts}{observed}    {finished} accounts with an open reset could finish it");
    Ok(())
}

fn errors(world: &World) -> String {
    std::fs::read_to_string(world.folder().join("errors")).unwrap_or_default()
}

/// The next start of the application: once leases have expired the worker runs the pending tasks, and users finish their
/// open resets. Returns how many they finished.
async fn finish(world: &World) -> Result<usize> {
    let clock = SkewedClock::by(TimeDelta::minutes(6));
    let (reset, worker) = service(world.folder(), &world.urls, &clock).await?;
    worker.run_once().await?;
    clock.advance(TimeDelta::minutes(2));
    worker.run_once().await?;
    let journal = Journal::new(world.folder(), "journal-end");
    let mut finished = 0;
    let resets = Database::open(&world.urls.resets).await?;
    for open in check::open_resets(&resets).await? {
        // A reset of the same account that was just finished has closed this one.
        if !is_open(&resets, &open).await? {
            continue;
        }
        match finish_one(world, &reset, &open, &journal).await {
            Ok(()) => finished += 1,
            // It was issued while another reset set the password, so the account has changed since; this attempt closed
            // it.
            Err(_) if !is_open(&resets, &open).await? => {}
            Err(error) => return Err(error.context(format!("{open:?} cannot finish"))),
        }
    }
    worker.run_once().await?;
    Ok(finished)
}

async fn is_open(resets: &Database, row: &Row) -> Result<bool> {
    Ok(check::open_resets(resets).await?.iter().any(|open| open.id == row.id))
}

/// Finishes a reset as its user would; the answer must say that the password is set.
async fn finish_one(world: &World, reset: &PasswordReset, row: &Row, journal: &Journal) -> Result<()> {
    let token = token(world, reset, &row.id, &row.state).await?;
    set_password(reset, row.account.parse()?, &row.id, token, journal).await
}

/// The secret that the user still has: the link from the email or, while a password was being set, the grant in the browser.
async fn token(world: &World, reset: &PasswordReset, id: &str, state: &str) -> Result<GrantToken> {
    if state == "applying" {
        let grants = journal::lines(world.folder(), "journal")?;
        let own =
            grants.iter().rev().find(|line| matches!(line.as_slice(), [what, of, _] if what == "grant" && of == id));
        let own = own.and_then(|line| line.last()).context("no browser has a grant for it")?;
        return Ok(GrantToken::parse(own)?);
    }
    let link = journal::link(world.folder(), id).context("no email has arrived for it")?;
    Ok(reset.verify(Proof::Link(LinkToken::parse(&link)?)).await?.into_token())
}
