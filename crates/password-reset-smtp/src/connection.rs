//! Connections to the server, and the conversation on them.
//!
//! lettre implements the protocol; this file has the order of commands and the pool of connections. lettre's own pooled
//! transport is not used for three reasons. It does not report which command a reply belongs to, so a refused sign-in looks
//! like a refused mailbox. A delivery that times out half-way returns its connection to the pool while the server still
//! waits for the rest of the message. It must be built inside a runtime.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use tokio::net::lookup_host;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::config::{Protection, Server};
use crate::outcome::{Cause, Fault, Stage};
use crate::starttls::Unbuffered;

const END_OF_LINE: &str = "\r\n";

/// How long an unused connection is kept. Servers wait for five minutes (RFC 5321 §4.5.3.2.7), some providers for one.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// Timeout for each of the server's addresses, so that a host with an unreachable IPv6 address is reached over IPv4.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Sender and recipient. The type has room for one recipient only.
#[derive(Clone, Copy)]
pub(crate) struct Envelope<'a> {
    pub(crate) from: &'a Address,
    pub(crate) to: &'a Address,
}

/// The idle connections, and a limit on the concurrent ones.
pub(crate) struct Connections {
    idle: Mutex<Vec<Idle>>,
    at_a_time: Semaphore,
}

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
    /// The server refused the last message half-way, so that the next one needs RSET first.
    needs_reset: bool,
}

impl Connections {
    pub(crate) fn new(at_a_time: usize) -> Self {
        Self { idle: Mutex::new(Vec::new()), at_a_time: Semaphore::new(at_a_time) }
    }

    /// Sends one message to one recipient.
    ///
    /// A future that is dropped before its end drops its connection too, so a half-used connection is never reused.
    pub(crate) async fn send(
        &self,
        server: &Server,
        hello: &ClientId,
        envelope: Envelope<'_>,
        content: &[u8],
    ) -> Result<(), Fault> {
        // The semaphore is never closed.
        let _turn = self.at_a_time.acquire().await.ok();
        if let Some(Idle { mut connection, needs_reset, .. }) = self.take() {
            let outcome = if needs_reset { reset(&mut connection).await } else { Ok(()) };
            let outcome = match outcome {
                Ok(()) => converse(&mut connection, envelope, content).await,
                refused => refused,
            };
            match outcome {
                // The server closed the idle connection, dropped the sign-in, or reached a limit. The other idle
                // connections are probably dead too, so try a new one; no part of the message was sent.
                Err(fault) if fault.stage == Stage::Sender => self.idle().clear(),
                outcome => return self.after(connection, outcome),
            }
        }
        let mut connection = open(server, hello).await?;
        let outcome = converse(&mut connection, envelope, content).await;
        self.after(connection, outcome)
    }

    /// Connects and signs in, and keeps the connection for the first message.
    pub(crate) async fn check(&self, server: &Server, hello: &ClientId) -> Result<(), Fault> {
        let _turn = self.at_a_time.acquire().await.ok();
        let connection = open(server, hello).await?;
        self.after(connection, Ok(()))
    }

    /// Keeps the connection if it can carry another message.
    fn after(&self, connection: AsyncSmtpConnection, outcome: Result<(), Fault>) -> Result<(), Fault> {
        if outcome.as_ref().err().is_none_or(Fault::leaves_connection_usable) {
            self.idle().push(Idle { connection, since: Instant::now(), needs_reset: outcome.is_err() });
        }
        outcome
    }

    fn take(&self) -> Option<Idle> {
        let mut idle = self.idle();
        idle.retain(|idle| idle.since.elapsed() < IDLE_TIMEOUT);
        idle.pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn open(server: &Server, hello: &ClientId) -> Result<AsyncSmtpConnection, Fault> {
    let at = |stage| move |error| Fault::new(stage, &error);
    let host = server.host.as_str();
    let mut connection = match &server.protection {
        Protection::Implicit(tls) => {
            let address = (host, server.port);
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT_TIMEOUT), hello, Some(tls.clone()), None)
                .await
                .map_err(at(Stage::Connect))?
        }
        Protection::Loopback => {
            // `localhost` is a name that this machine resolves, and may resolve wrongly.
            let addresses = lookup_host((host, server.port)).await.map_err(|error| Fault::io(&error))?;
            let addresses: Vec<_> = addresses.filter(|address| address.ip().is_loopback()).collect();
            AsyncSmtpConnection::connect_tokio1(&addresses[..], Some(CONNECT_TIMEOUT), hello, None, None)
                .await
                .map_err(at(Stage::Connect))?
        }
        Protection::StartTls(tls) => {
            let stream =
                Unbuffered::connect(host, server.port, CONNECT_TIMEOUT).await.map_err(|error| Fault::io(&error))?;
            let mut connection = AsyncSmtpConnection::connect_with_transport(Box::new(stream), hello)
                .await
                .map_err(at(Stage::Connect))?;
            // An error when the server does not offer STARTTLS.
            connection.starttls(tls.clone(), hello).await.map_err(at(Stage::Encrypt))?;
            connection
        }
    };
    if let Some(credentials) = &server.credentials {
        connection.auth(DEFAULT_MECHANISMS, credentials).await.map_err(at(Stage::SignIn))?;
    }
    Ok(connection)
}

async fn reset(connection: &mut AsyncSmtpConnection) -> Result<(), Fault> {
    // A refused RSET is not about the sender: treat the connection as closed.
    connection.command(Rset).await.map_err(|_reply| Fault { stage: Stage::Sender, cause: Cause::NotSmtp }).map(drop)
}

async fn converse(
    connection: &mut AsyncSmtpConnection,
    Envelope { from, to }: Envelope<'_>,
    content: &[u8],
) -> Result<(), Fault> {
    let at = |stage| move |error| Fault::new(stage, &error);
    connection.command(Mail::new(Some(from.clone()), Vec::new())).await.map_err(at(Stage::Sender))?;
    connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(at(Stage::Recipient))?;
    connection.command(Data).await.map_err(at(Stage::Content))?;
    let whole = std::str::from_utf8(content)
        .map(Whole)
        .map_err(|_not_text| Fault { stage: Stage::Content, cause: Cause::NotSmtp })?;
    connection.command(whole).await.map_err(at(Stage::Content))?;
    Ok(())
}

/// A message and its end, in one write. lettre writes the end by itself, and the system holds such a short write back until the
/// server has acknowledged the one before: some 40 ms a mail.
struct Whole<'a>(&'a str);

impl fmt::Display for Whole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.strip_suffix(END_OF_LINE).unwrap_or(self.0).split(END_OF_LINE) {
            // RFC 5321 §4.5.2: so that no line is taken for the end.
            let stuffing = if line.starts_with('.') { "." } else { "" };
            write!(f, "{stuffing}{line}{END_OF_LINE}")?;
        }
        write!(f, ".{END_OF_LINE}")
    }
}
