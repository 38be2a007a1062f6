//! An owner who resets a password, without the pauses of people.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::client::{Answer, Connection};
use crate::mailboxes::Mailboxes;
use crate::provider;
use crate::tally::Tally;

/// When an owner gives up.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// How often a waiting page asks.
const POLL: Duration = Duration::from_millis(100);
/// The pause after an answer that says to try again.
const AGAIN: Duration = Duration::from_secs(1);

/// Owners have the numbers from here; strangers know the accounts before.
pub const FIRST: u32 = 3_000;

/// The contacts of a user, as SQL over a column or as texts: the number is appended to a beginning.
pub fn email(column: &str) -> String {
    format!("'user' || {column} || '@toko.example'")
}

pub fn phone(column: &str) -> String {
    format!("'+62812' || ({column} + 10000000)")
}

pub fn email_of(user: u32) -> String {
    format!("user{user}@toko.example")
}

fn phone_of(user: u32) -> String {
    format!("+62812{}", user + 10_000_000)
}

/// What all owners of a scenario share.
pub struct World {
    pub nodes: Vec<SocketAddr>,
    pub mailboxes: Mailboxes,
    pub tally: Tally,
}

/// One owner. The calls go to the nodes in turns, as through a load balancer.
struct Owner {
    world: Arc<World>,
    user: u32,
    source: Ipv4Addr,
    calls: usize,
}

/// By what an owner proves who they are.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// A link that comes by mail.
    Mail,
    /// A code that comes by WhatsApp.
    Code,
    /// A message that they send by WhatsApp.
    Message,
}

/// Resets one password; returns how long it took.
pub async fn reset(world: Arc<World>, user: u32, way: Way) -> Result<Duration> {
    // A /24 of its own: the owners are not part of one network.
    let [_, _, high, low] = user.to_be_bytes();
    let source = Ipv4Addr::new(127, 64 + high % 64, low, 1);
    let mut owner = Owner { world, user, source, calls: user as usize };
    let began = Instant::now();
    let resets = async {
        let proof = match way {
            Way::Mail => owner.by_mail().await?,
            Way::Code => owner.by_code().await?,
            Way::Message => owner.by_message().await?,
        };
        let grant = owner.answer("/reset/api/verify", &[], &proof).await?;
        let grant = text(&grant, "/grant")?;
        let password = format!("quiet umbrella festival {:016x}", rand::random::<u64>());
        owner
            .answer(
                "/reset/api/password",
                &[],
                &json!({"grant": grant, "password": password, "again": password}).to_string(),
            )
            .await
    };
    timeout(DEADLINE, resets).await.context("gave up")??;
    Ok(began.elapsed())
}

impl Owner {
    async fn by_mail(&mut self) -> Result<String> {
        let address = email_of(self.user);
        let mut mailbox = self.world.mailboxes.open(&address);
        self.request(&json!({"by": "email", "identifier": address})).await?;
        Ok(json!({"link": mailbox.secret().await?}).to_string())
    }

    async fn by_code(&mut self) -> Result<String> {
        let number = phone_of(self.user);
        let mut phone = self.world.mailboxes.open(&number);
        let requested = self.request(&json!({"by": "whatsapp-code", "identifier": number})).await?;
        let token = text(&requested, "/requester_token")?;
        Ok(json!({"requester_token": token, "code": phone.secret().await?}).to_string())
    }

    async fn by_message(&mut self) -> Result<String> {
        let phone = phone_of(self.user);
        let requested = self.request(&json!({"by": "whatsapp", "identifier": phone})).await?;
        let (token, code) = (text(&requested, "/requester_token")?, text(&requested, "/challenge/code")?);
        let message = provider::message(&phone, &code);
        self.answer(provider::WEBHOOK, &[(provider::SIGNATURE, &provider::signature(&message)?)], &message).await?;
        let bearer = format!("Bearer {token}");
        loop {
            let status = self.answer("/reset/api/status", &[("authorization", &bearer)], "").await?;
            match text(&status, "/stage")?.as_str() {
                "proved" => return Ok(json!({"requester_token": token}).to_string()),
                "expired" => bail!("the reset expired"),
                _ => sleep(POLL).await,
            }
        }
    }

    async fn request(&mut self, body: &Value) -> Result<Value> {
        self.answer("/reset/api/requests", &[], &body.to_string()).await
    }

    /// The first answer that does not say to try again.
    async fn answer(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Value> {
        loop {
            let began = Instant::now();
            let asks = path.ends_with("/requests");
            if asks {
                Tally::add(&self.world.tally.requested);
            }
            let answer = self.call(path, headers, body).await;
            self.world.tally.waited(began.elapsed());
            if asks {
                self.world.tally.answered(answer.as_ref().ok().map(|answer| answer.status));
            }
            match answer {
                Ok(Answer { status: 503, .. }) => {
                    Tally::add(&self.world.tally.put_off);
                    sleep(AGAIN).await;
                }
                Ok(answer) => {
                    ensure!(answer.status < 300, "{path} is answered {} {}", answer.status, answer.body);
                    return Ok(answer.body);
                }
                Err(error) => return Err(error.context(path.to_owned())),
            }
        }
    }

    async fn call(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
        self.calls += 1;
        let node = self.world.nodes[self.calls % self.world.nodes.len()];
        Connection::open(self.source, node).await?.call(path, headers, body).await
    }
}

fn text(answer: &Value, at: &str) -> Result<String> {
    Ok(answer.pointer(at).and_then(Value::as_str).with_context(|| format!("no {at} in {answer}"))?.to_owned())
}
