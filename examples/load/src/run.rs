//! Runs a scenario, and checks its bounds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::Engine;
use crate::database::{Database, Size};
use crate::mail_server::MailServer;
use crate::mailboxes::Mailboxes;
use crate::node_process::NodeProcess;
use crate::owner::{self, Way, World};
use crate::provider;
use crate::scenario::{Fault, Scenario};
use crate::strangers;
use crate::tally::Tally;

const AWAY_AFTER: Duration = Duration::from_secs(1);
/// Longer than an answer may take.
const AWAY: Duration = Duration::from_secs(6);

/// The verbs answer within three seconds; one is for a busy machine.
const MAX_ANSWER: Duration = Duration::from_secs(4);
/// Webhook bodies have 32 MiB; the rest is buffers of connections, rows that wait and what the allocator keeps.
const MAX_GROWTH_MIB: f64 = 96.0;
/// The connections of the server, and those of database and mail.
const MAX_DESCRIPTORS: usize = 768 + 64;
/// Lines of a node in a minute: 60 for each of the five events in the life of a reset, and one of each other kind.
const MAX_LINES: usize = 5 * 60 + 20;
/// Of these, warnings and errors.
const MAX_WARNINGS: usize = 20;

/// What a scenario came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How long the owners took who succeeded, shortest first.
    pub took: Vec<Duration>,
    /// Why the others failed, and how many.
    pub failed: BTreeMap<String, usize>,
    pub longest_answer: Duration,
    pub put_off: u64,
    /// What strangers sent, and how many of their and the owners' requests for a reset were accepted and refused.
    pub strange: u64,
    pub accepted: u64,
    pub refused: u64,
    /// Requests that may have left a row.
    effective: u64,
    /// Of the node with the most: memory at the start and at most, in MiB, and descriptors at most.
    pub memory: (f64, f64),
    pub descriptors: usize,
    pub lines: Vec<String>,
    nodes: usize,
    pub growth: Size,
    pub lasted: Duration,
    /// How long the mail server or the database was away.
    pub away: Duration,
}

/// Runs the load for a time, and waits for the last owners.
pub async fn scenario(scenario: &Scenario, engine: Engine, load: Duration, rate: u32) -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let users = owner::FIRST + u32::try_from(load.as_secs() + 2)?.saturating_mul(rate);
    let database = Database::create(engine, folder.path(), users).await?;
    let mailboxes = Mailboxes::default();
    let mut mail = MailServer::start(&mailboxes, scenario.fault == Fault::MailSilent).await?;
    let servers = (mail.address, provider::serve(&mailboxes).await?);
    let mut nodes = Vec::new();
    for number in 0..engine.nodes() {
        let log = folder.path().join(format!("log-{number}"));
        nodes.push(NodeProcess::start(&database.url, servers, scenario.limit, &log).await?);
    }
    let addresses = nodes.iter().map(|node| node.address).collect();
    let world = Arc::new(World { nodes: addresses, mailboxes, tally: Tally::default() });
    let before = (database.size().await?, nodes.iter().map(NodeProcess::memory).collect::<Result<Vec<_>>>()?);

    let began = Instant::now();
    let mut strange = JoinSet::new();
    for strangers in scenario.strangers {
        strangers::start(*strangers, &world, &mut strange);
    }
    let mail_works = scenario.fault != Fault::MailSilent;
    let (finished, failed) =
        tokio::join!(owners(&world, rate, load, mail_works, strange), fail(scenario.fault, &mut mail, &database));
    let away = failed?;
    let mut outcome = Outcome { away, lasted: began.elapsed(), nodes: engine.nodes(), ..Outcome::default() };
    for finished in finished {
        match finished {
            Ok(took) => outcome.took.push(took),
            Err(error) => *outcome.failed.entry(format!("{error:#}")).or_default() += 1,
        }
    }
    outcome.took.sort_unstable();
    outcome.count(&world.tally);
    for (node, (started, _)) in nodes.iter_mut().zip(before.1) {
        node.lives()?;
        let (_, most) = node.memory()?;
        if most - started >= outcome.memory.1 - outcome.memory.0 {
            outcome.memory = (started, most);
        }
        outcome.descriptors = outcome.descriptors.max(node.descriptors());
        outcome.lines.extend(node.log()?);
    }
    let (before, after) = (before.0, database.size().await?);
    outcome.growth = Size {
        resets: after.resets - before.resets,
        audit: after.audit - before.audit,
        bytes: after.bytes - before.bytes,
    };
    Ok(outcome)
}

/// Starts owners at this rate, half of them by mail and a quarter by each way of WhatsApp; stops the strangers once all have started, and waits for the last.
async fn owners(
    world: &Arc<World>,
    rate: u32,
    load: Duration,
    mail_works: bool,
    strange: JoinSet<()>,
) -> Vec<Result<Duration>> {
    let mut ticks = interval(Duration::from_secs(1) / rate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (mut owners, began) = (JoinSet::new(), Instant::now());
    for user in owner::FIRST.. {
        ticks.tick().await;
        if began.elapsed() >= load {
            break;
        }
        let way = match user % 4 {
            1 => Way::Code,
            3 => Way::Message,
            _ if mail_works => Way::Mail,
            _ => Way::Code,
        };
        owners.spawn(owner::reset(Arc::clone(world), user, way));
    }
    drop(strange);
    owners.join_all().await
}

/// Lets something fail in the middle of the load; returns for how long.
async fn fail(fault: Fault, mail: &mut MailServer, database: &Database) -> Result<Duration> {
    sleep(AWAY_AFTER).await;
    let began = Instant::now();
    match fault {
        Fault::Nothing | Fault::MailSilent => return Ok(Duration::ZERO),
        Fault::MailAway => {
            mail.leave().await;
            sleep(AWAY).await;
            mail.return_again().await?;
        }
        Fault::PostgresAway => {
            database.runs(false).await?;
            sleep(AWAY).await;
            database.runs(true).await?;
        }
    }
    Ok(began.elapsed())
}

impl Outcome {
    fn count(&mut self, tally: &Tally) {
        let read = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
        self.longest_answer = tally.longest_answer();
        self.put_off = read(&tally.put_off);
        self.strange = read(&tally.strange);
        self.accepted = read(&tally.accepted);
        self.refused = read(&tally.refused);
        self.effective = read(&tally.requested) - self.refused;
    }

    /// The owners that tried.
    pub fn tried(&self) -> usize {
        self.took.len() + self.failed.values().sum::<usize>()
    }

    /// The lines above `info`.
    pub fn warnings(&self) -> impl Iterator<Item = &String> {
        self.lines.iter().filter(|line| !line.contains(" INFO "))
    }

    /// The bounds that do not hold.
    pub fn broken(&self, scenario: &Scenario) -> Vec<String> {
        let mut broken = Vec::new();
        let mut check = |holds: bool, what: String| {
            if !holds {
                broken.push(what);
            }
        };
        let tried = self.tried();
        check(
            self.took.len() * 100 >= tried * 99 && tried > 0,
            format!("{} of {tried} succeed: {:?}", self.took.len(), self.failed),
        );
        let latest = self.took.last().copied().unwrap_or_default();
        let late = scenario.late + self.away;
        check(latest <= late, format!("the last is {latest:.1?} late, more than {late:.1?}"));
        check(self.longest_answer <= MAX_ANSWER, format!("an answer takes {:.1?}", self.longest_answer));
        let growth = self.memory.1 - self.memory.0;
        check(growth <= MAX_GROWTH_MIB, format!("memory grows by {growth:.0} MiB"));
        check(self.descriptors <= MAX_DESCRIPTORS, format!("{} descriptors are open", self.descriptors));
        let minutes = self.nodes * (self.lasted.as_secs() as usize / 60 + 1);
        let lines = self.lines.len();
        check(lines <= MAX_LINES * minutes, format!("{lines} lines are logged"));
        let warnings: Vec<_> = self.warnings().collect();
        check(warnings.len() <= MAX_WARNINGS * minutes, format!("{} warnings: {warnings:?}", warnings.len()));
        let rows = u64::try_from(self.growth.resets).unwrap_or_default();
        check(rows <= self.effective, format!("{rows} rows for {} requests that were not refused", self.effective));
        broken
    }
}
