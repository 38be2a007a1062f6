//! The notifier for mail.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::client::Certificate;
use lettre::transport::smtp::extension::ClientId;
use password_reset::ports::{Clock, Delivery, Notifier, SystemClock};
use password_reset::{ContactKind, Message, PortError};
use password_reset_mail::{MailConfigError, MailTemplates, MailWriter, host_name};
use tracing::dispatcher;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use crate::config::{Server, certificate};
use crate::connection::{Connections, Envelope};
use crate::mail::{address, compose};
use crate::outcome::Fault;

const TIMEOUT: Duration = Duration::from_secs(20);
const CONNECTIONS: usize = 4;

/// Sends messages by mail, over SMTP.
///
/// # Contract
/// * One message goes to the one address in [`Message::to`], and to no other. Header and envelope sender come from
///   the configuration alone.
/// * The same [`Message::id`] gets the same `Message-ID`, so that mail systems can drop a second copy. It carries the reset,
///   so that a later bounce can be put on record ([`Bounce`](crate::Bounce)).
/// * Connections use TLS with certificate and host-name checks, unless they stay on this machine and use no credentials.
/// * The notifier logs no part of a message, and keeps only the codes of the server's replies.
///
/// Deliveries need a Tokio runtime with I/O and time enabled. The [crate's documentation](crate) lists the outcomes.
pub struct SmtpNotifier {
    server: Server,
    roots: Vec<Certificate>,
    hello: ClientId,
    writer: MailWriter,
    timeout: Duration,
    connections: Connections,
    clock: Arc<dyn Clock>,
}

impl SmtpNotifier {
    /// Sends through the server at `url`, as `from`.
    ///
    /// `smtps://user:password@host:465` is TLS from the first byte (RFC 8314); `smtp://user:password@host:587` is
    /// STARTTLS, and the notifier sends nothing to a server that does not offer it. The port is optional, and so are user and
    /// password; write special characters in percent-encoding (`@` as `%40`).
    ///
    /// `smtp://localhost:1025`, `127.0.0.0/8` and `[::1]` without user and password go without TLS, to loopback addresses alone:
    /// a mail catcher on a developer's machine, or a relay beside the program. The port is 25 then, if none is given.
    ///
    /// `from` is an address, alone or with a name: `Toko Contoh <no-reply@toko.example>`. The default name is that of the
    /// [`Site`](password_reset::Site).
    ///
    /// # Errors
    /// [`MailConfigError`] names the argument and how to correct it, and does not show the URL. The notifier connects for
    /// the first message, not here.
    pub fn new(url: &str, from: &str) -> Result<Self, MailConfigError> {
        Ok(Self {
            server: Server::from_url(url)?,
            roots: Vec::new(),
            hello: machine(),
            writer: MailWriter::new(from)?,
            timeout: TIMEOUT,
            connections: Connections::new(CONNECTIONS),
            clock: Arc::new(SystemClock),
        })
    }

    /// Trusts a private certificate authority in addition to those of the web: one or more certificates in PEM form. Call it
    /// again for another file. With one, a server on this machine must offer STARTTLS, too.
    ///
    /// # Errors
    /// [`MailConfigError`] when `pem` contains no certificate.
    pub fn with_root_certificate(mut self, pem: &[u8]) -> Result<Self, MailConfigError> {
        self.roots.push(certificate(pem)?);
        self.server.trust(&self.roots)?;
        Ok(self)
    }

    /// Sets the `Reply-To` address, alone or with a name. By default answers go to the sender.
    ///
    /// # Errors
    /// [`MailConfigError`] when it is not one plain address.
    pub fn with_reply_to(mut self, address: &str) -> Result<Self, MailConfigError> {
        self.writer = self.writer.with_reply_to(address)?;
        Ok(self)
    }

    /// Sets the name in EHLO (RFC 5321 §4.1.1.1). The default is the machine's name.
    ///
    /// # Errors
    /// [`MailConfigError`] when it is not a host name.
    pub fn with_hello_name(mut self, name: &str) -> Result<Self, MailConfigError> {
        let name = host_name(name).ok_or(MailConfigError::new("EHLO name", "not a host name"))?;
        self.hello = ClientId::Domain(name);
        Ok(self)
    }

    /// Sets the timeout of one delivery, from waiting for a connection to the server's last reply; the default is 20 seconds.
    /// The outcome of a timeout is `Later`; if the server was already reading the message, it may arrive twice, with the
    /// same `Message-ID`.
    ///
    /// # Errors
    /// [`MailConfigError`] for zero.
    pub fn with_timeout(mut self, timeout: Duration) -> Result<Self, MailConfigError> {
        if timeout.is_zero() {
            return Err(MailConfigError::new("timeout", "must be greater than zero"));
        }
        self.timeout = timeout;
        Ok(self)
    }

    /// Sets the maximum of concurrent connections; the default is 4. A connection stays open for the next message until it is
    /// unused for 50 seconds.
    ///
    /// # Errors
    /// [`MailConfigError`] unless it is 1 to 1000.
    pub fn with_connections(mut self, at_a_time: usize) -> Result<Self, MailConfigError> {
        if !(1..=1000).contains(&at_a_time) {
            return Err(MailConfigError::new("connections", "must be 1 to 1000"));
        }
        self.connections = Connections::new(at_a_time);
        Ok(self)
    }

    /// Replaces the texts and the look of mails.
    #[must_use]
    pub fn with_templates(mut self, templates: impl MailTemplates) -> Self {
        self.writer = self.writer.with_templates(templates);
        self
    }

    /// Replaces the clock for the `Date` header; the default is the operating system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Connects and signs in, so that a wrong password, certificate or host shows when the program starts, and not when the
    /// first requester waits for a mail. Sends nothing; the first message uses the connection.
    ///
    /// # Errors
    /// [`PortError`]: permanent when the operator has to correct something, transient when it may go away by itself.
    pub async fn check(&self) -> Result<(), PortError> {
        runtime()?;
        let checking = self.connections.check(&self.server, &self.hello);
        match tokio::time::timeout(self.timeout, without_logs(checking)).await {
            Ok(outcome) => outcome.map_err(Fault::into_error),
            Err(_elapsed) => Err(timed_out()),
        }
    }
}

#[async_trait]
impl Notifier for SmtpNotifier {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        let never = |why: &str| Delivery::Never { why: why.to_owned() };
        let mail = match self.writer.write(message) {
            Ok(mail) => mail,
            Err(error) => return never(error.why()),
        };
        let composed = compose(&mail, self.clock.now())
            .and_then(|content| Ok((content, address(&mail.from().address)?, address(mail.to())?)));
        let (content, from, to) = match composed {
            Ok(composed) => composed,
            Err(why) => return never(why),
        };
        if let Err(why) = runtime() {
            return Delivery::Later { after: None, why };
        }
        let envelope = Envelope { from: &from, to: &to };
        let sending = self.connections.send(&self.server, &self.hello, envelope, &content);
        match tokio::time::timeout(self.timeout, without_logs(sending)).await {
            Ok(Ok(())) => Delivery::Delivered,
            Ok(Err(fault)) => fault.into_delivery(),
            Err(_elapsed) => Delivery::Later { after: None, why: timed_out() },
        }
    }
}

/// Without a runtime, Tokio would panic.
fn runtime() -> Result<(), PortError> {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => Ok(()),
        Err(error) => Err(PortError::permanent("no Tokio runtime: spawn the worker on one").because(error)),
    }
}

fn timed_out() -> PortError {
    PortError::transient("SMTP server timed out")
}

/// Runs a future without a tracing subscriber.
///
/// With its feature `tracing`, which any crate in the build can enable, lettre logs every command and every message, with
/// passwords, links and codes.
async fn without_logs<F: Future>(sending: F) -> F::Output {
    // `tracing` forwards to `log` only until the first subscriber is set, so do not set one where there is none.
    if dispatcher::get_default(|present| present.is::<NoSubscriber>()) {
        sending.await
    } else {
        sending.with_subscriber(NoSubscriber::default()).await
    }
}

/// The machine's name, if EHLO allows it.
fn machine() -> ClientId {
    match ClientId::default() {
        ClientId::Domain(name) => host_name(&name).map_or(ClientId::Ipv4(Ipv4Addr::LOCALHOST), ClientId::Domain),
        address => address,
    }
}

/// Does not show user and password.
impl fmt::Debug for SmtpNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpNotifier")
            .field("server", &self.server)
            .field("timeout", &self.timeout)
            .field("writer", &self.writer)
            .finish_non_exhaustive()
    }
}
