//! Who kills the nodes, and what is done afterwards.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use password_reset::{GrantToken, LinkToken, PasswordReset, Proof};
use password_reset_postgres_server as server;
use tempfile::TempDir;

use crate::check::Row;
use crate::database::{Database, Ports, Urls};
use crate::journal::{self, Journal};
use crate::node::{SkewedClock, service};
use crate::person::{USERS, moment, sets};
use crate::{Accounts, Engine, check};

const NODES: u32 = 3;
/// How long a node lives, in milliseconds.
const LIVES: std::ops::Range<u64> = 30..400;
/// On Postgres all connections are cut before every so many-th kill.
const CUT_EVERY: u32 = 5;

/// Everything that the nodes share.
struct World {
    folder: TempDir,
    urls: Urls,
    // Empty on SQLite. They go with this.
    databases: Vec<server::Database>,
}

impl World {
    async fn new(engine: Engine, accounts: Accounts) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(journal::mailbox(folder.path()))?;
        let mut databases = Vec::new();
        let mut url = async |name: &str| -> Result<String> {
            if engine == Engine::Sqlite {
                return Ok(format!("sqlite:{}", folder.path().join(name).display()));
            }
            let database = server::Server::shared()?.database().await?;
            let url = database.url();
            databases.push(database);
            Ok(url)
        };
        let resets = url("resets.db").await?;
        let users = if accounts == Accounts::Apart { Some(url("users.db").await?) } else { None };
        let urls = Urls { resets, users };
        let world = Self { folder, urls, databases };
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
    let world = World::new(engine, accounts).await?;
    let mut nodes = Vec::new();
    for number in 0..NODES {
        nodes.push(world.start(number)?);
    }
    let mut cuts = 0;
    for kill in 0..kills {
        tokio::time::sleep(Duration::from_millis(rand::random_range(LIVES))).await;
        if engine == Engine::Postgres && kill % CUT_EVERY == 0 {
            cuts += cut_connections(&world).await?;
        }
        let number = rand::random_range(0..NODES);
        let node = nodes.get_mut(number as usize).context("there is such a node")?;
        // One that ended by itself was not killed, and must not count as it.
        ensure!(node.try_wait()?.is_none(), "a node ended by itself: {}", errors(&world));
        node.kill()?;
        node.wait()?;
        *node = world.start(number)?;
    }
    for node in &mut nodes {
        node.kill()?;
        node.wait()?;
    }
    let finished = finish(&world).await?;
    let seconds = (moment() - began) / 1_000_000;
    println!("{engine:?}, accounts {accounts:?}: {kills} kills, {cuts} connections cut, {seconds} s");
    let databases = (Database::open(&world.urls.resets).await?, world.users().await?);
    let counts = check::everything(world.folder(), &databases.0, &databases.1).await?;
    println!("{counts}    {finished} accounts with a reset that was still open could finish it");
    Ok(())
}

fn errors(world: &World) -> String {
    std::fs::read_to_string(world.folder().join("errors")).unwrap_or_default()
}

async fn cut_connections(world: &World) -> Result<usize> {
    let names: Vec<String> = world.databases.iter().map(|database| format!("'{}'", database.name())).collect();
    let cut = format!(
        "select pg_terminate_backend(pid)::text from pg_stat_activity where pid <> pg_backend_pid() and datname in ({})",
        names.join(", ")
    );
    Ok(Database::open(&world.urls.resets).await?.texts(&cut).await?.len())
}

/// The next start of the application: the worker does what is owed, when leases have run out, and people go on with what
/// they have. Returns for how many accounts there was something to go on with.
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
        // What was finished for its account just now has closed it.
        if !is_open(&resets, &open).await? {
            continue;
        }
        match goes_on(world, &reset, &open, &journal).await {
            Ok(()) => finished += 1,
            // It was issued while another one set the password, so the account is not as it was then; being told so
            // closed it.
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

/// A person goes on with a reset, and must be told that the password is set.
async fn goes_on(world: &World, reset: &PasswordReset, row: &Row, journal: &Journal) -> Result<()> {
    let token = token(world, reset, &row.id, &row.state).await?;
    sets(reset, row.account.parse()?, &row.id, token, journal).await
}

/// What the person still has: the link from the mail, or, while a password was being set, the grant in the browser.
async fn token(world: &World, reset: &PasswordReset, id: &str, state: &str) -> Result<GrantToken> {
    if state == "applying" {
        let grants = journal::lines(world.folder(), "journal")?;
        let own =
            grants.iter().rev().find(|line| matches!(line.as_slice(), [what, of, _] if what == "grant" && of == id));
        let own = own.and_then(|line| line.last()).context("nobody has a grant for it")?;
        return Ok(GrantToken::parse(own)?);
    }
    let link = journal::link(world.folder(), id).context("no mail has arrived for it")?;
    Ok(reset.verify(Proof::Link(LinkToken::parse(&link)?)).await?.into_token())
}
