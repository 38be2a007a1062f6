//! Waiting browsers: the memory that each takes on its node, and the time from a message to its page. The site runs in a
//! process of its own, on SQLite and over real connections; its memory is read from `/proc`, so this bench needs Linux.
#![allow(clippy::disallowed_methods, reason = "benches measure real time")]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use benches::site::{self, Pages, phone};
use benches::whatsapp::{signature, text_message};
use password_reset::Worker;
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinSet;

/// Waiting browsers. Each holds one connection, with both ends on this machine.
const WAITING: u32 = 10_000;
/// How many of them send their message.
const SENDING: u32 = 1_000;
/// How many request a reset at the same time.
const ASKING: usize = 32;
/// The argument by which this program becomes the site; the number of accounts and a folder follow.
const SERVE: &str = "--serve";

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == SERVE) {
        return serve(arguments[at + 1].parse()?, Path::new(&arguments[at + 2])).await;
    }
    let (waiting, sending) = if benches::measures() { (WAITING, SENDING) } else { (20, 10) };

    let mut node = Node::start(sending).await?;
    let challenges = ask_all(&node, waiting).await?;
    node.issue().await?;
    // Memory of the database does not count as memory of a waiting browser.
    look_all(&node, &challenges).await?;
    let before = node.resident()?;
    let mut pages = Vec::new();
    for challenge in challenges {
        pages.push(Page::open(&node, challenge).await?);
    }
    let each = (node.resident()? - before) / f64::from(waiting);

    let mut took = Vec::new();
    for page in pages.iter_mut().filter(|page| page.challenge.person < sending) {
        took.push(page.moves_on(&node).await?);
    }
    took.sort_unstable();
    let at = |hundredths: usize| took[took.len() * hundredths / 100];
    println!("{waiting} browsers wait at one node: {each:.1} KiB of its memory each");
    println!("from the message to the page, {sending} times: median {:.1?}, 99th percentile {:.1?}", at(50), at(99));
    Ok(())
}

/// The site, in another process.
struct Node {
    process: Child,
    commands: ChildStdin,
    says: Lines<BufReader<ChildStdout>>,
    client: Client,
    address: String,
    /// Of its database. The process is killed, so it cannot remove it.
    _folder: TempDir,
}

impl Node {
    async fn start(accounts: u32) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut process = Command::new(std::env::current_exe()?)
            .args([SERVE, &accounts.to_string()])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let commands = process.stdin.take().context("a pipe")?;
        let mut says = BufReader::new(process.stdout.take().context("a pipe")?).lines();
        let address = says.next_line().await?.context("the node ended")?;
        Ok(Self { process, commands, says, client: Client::new(), address, _folder: folder })
    }

    /// Makes the worker resolve all accounts.
    async fn issue(&mut self) -> Result<()> {
        self.commands.write_all(b"issue\n").await?;
        self.says.next_line().await?.context("the node ended")?;
        Ok(())
    }

    /// Its memory, in KiB.
    fn resident(&self) -> Result<f64> {
        let process = self.process.id().context("the node ended")?;
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("Linux says this")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

struct Challenge {
    person: u32,
    requester_token: String,
    code: String,
}

/// The source address of a client.
fn source(person: u32) -> String {
    Ipv4Addr::from_bits(Ipv4Addr::new(198, 18, 0, 0).to_bits() + person).to_string()
}

async fn ask(client: Client, url: String, person: u32) -> Result<Challenge> {
    let body = json!({"by": "whatsapp", "identifier": phone(person)}).to_string();
    let request = client.post(url).header("content-type", "application/json").header("x-forwarded-for", source(person));
    let answer = request.body(body).send().await?.error_for_status()?.text().await?;
    let answer: Value = serde_json::from_str(&answer)?;
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
    Ok(Challenge {
        person,
        requester_token: text(&answer["requester_token"])?,
        code: text(&answer["challenge"]["code"])?,
    })
}

async fn ask_all(node: &Node, waiting: u32) -> Result<Vec<Challenge>> {
    let mut asking = JoinSet::new();
    let mut challenges = Vec::new();
    for person in 0..waiting {
        if asking.len() == ASKING {
            challenges.push(asking.join_next().await.context("a browser requests a reset")???);
        }
        asking.spawn(ask(node.client.clone(), format!("{}/reset/api/requests", node.address), person));
    }
    for challenge in asking.join_all().await {
        challenges.push(challenge?);
    }
    Ok(challenges)
}

async fn look_all(node: &Node, challenges: &[Challenge]) -> Result<()> {
    for some in challenges.chunks(ASKING) {
        let mut looking = JoinSet::new();
        for challenge in some {
            let request =
                node.client.get(format!("{}/reset/api/status", node.address)).bearer_auth(&challenge.requester_token);
            looking.spawn(request.header("x-forwarded-for", source(challenge.person)).send());
        }
        for answer in looking.join_all().await {
            answer?.error_for_status()?.bytes().await?;
        }
    }
    Ok(())
}

/// A waiting page.
struct Page {
    challenge: Challenge,
    events: reqwest::Response,
}

impl Page {
    async fn open(node: &Node, challenge: Challenge) -> Result<Self> {
        let request =
            node.client.get(format!("{}/reset/api/events", node.address)).bearer_auth(&challenge.requester_token);
        let events = request.header("x-forwarded-for", source(challenge.person)).send().await?.error_for_status()?;
        let mut page = Self { challenge, events };
        page.until("waiting").await?;
        Ok(page)
    }

    async fn until(&mut self, stage: &str) -> Result<()> {
        let wanted = format!("\"stage\":\"{stage}\"");
        let mut message_received = String::new();
        let waited = tokio::time::timeout(Duration::from_secs(30), async {
            while !message_received.contains(&wanted) {
                let chunk = self.events.chunk().await?.context("the stream ended")?;
                message_received.push_str(std::str::from_utf8(&chunk)?);
            }
            Ok(())
        });
        waited.await.with_context(|| format!("{stage} did not come"))?
    }

    /// The time from the provider's request to the event.
    async fn moves_on(&mut self, node: &Node) -> Result<Duration> {
        let body = text_message(
            phone(self.challenge.person).trim_start_matches('+'),
            &self.challenge.code,
            chrono::Utc::now(),
        );
        let request = node.client.post(format!("{}/reset{}", node.address, site::WEBHOOK));
        let request = request.header("x-hub-signature-256", signature(body.as_bytes())).body(body);
        let start = Instant::now();
        let post = tokio::spawn(request.send());
        self.until("proved").await?;
        let took = start.elapsed();
        ensure!(post.await??.status() == 200, "the webhook takes it");
        Ok(took)
    }
}

async fn serve(accounts: u32, folder: &Path) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let origin = format!("http://localhost:{}", listener.local_addr()?.port());
    let Pages { router, worker, .. } = site::open(&folder.join("waiting.db"), &origin, accounts).await?;
    println!("http://{}", listener.local_addr()?);
    let serving = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>());
    tokio::select! {
        served = serving => Ok(served?),
        obeyed = obey(worker) => obeyed,
    }
}

/// Resolves all accounts on command, then runs as every node does.
async fn obey(worker: Worker) -> Result<()> {
    let mut commands = BufReader::new(tokio::io::stdin()).lines();
    commands.next_line().await?;
    while worker.run_once().await? > 0 {}
    println!("issued");
    worker.run().await;
    Ok(())
}
