//! The notifier.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::transport::smtp::client::Certificate;
use lettre::transport::smtp::extension::ClientId;
use password_reset::ports::{Clock, Delivery, Notifier, SystemClock};
use password_reset::{ContactKind, Message, PortError};
use tracing::dispatcher;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use crate::address::{host_name, parse, parse_mailbox};
use crate::config::{Server, certificate};
use crate::connection::{Connections, Envelope};
use crate::error::SmtpConfigError;
use crate::mail::{Headers, compose};
use crate::outcome::Fault;
use crate::templates::{DefaultTemplates, MailTemplates, plain};

const TIMEOUT: Duration = Duration::from_secs(20);
const CONNECTIONS: usize = 4;

/// Sends messages by mail, over SMTP.
///
/// # Contract
/// * One message goes to the one address in [`Message::to`], and to no other (R148). Header and envelope sender come
///   from the configuration alone (R146).
/// * The same [`Message::id`] is sent with the same `Message-ID`, so that mail systems can drop a second copy.
/// * TLS with certificate and host-name checks, always, unless
///   [`dangerous_plaintext`](Self::dangerous_plaintext) was called (R149).
/// * Nothing of a message is logged, and nothing of what the server says but its codes is kept (R166).
///
/// Deliveries need a Tokio runtime with I/O and time enabled. Outcomes are in the [crate's documentation](crate).
pub struct SmtpNotifier {
    server: Server,
    roots: Vec<Certificate>,
    hello: ClientId,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    timeout: Duration,
    connections: Connections,
    templates: Arc<dyn MailTemplates>,
    clock: Arc<dyn Clock>,
}

impl SmtpNotifier {
    /// Sends over TLS, through the server at `url`, as `from`.
    ///
    /// `smtps://user:password@host:465` is TLS from the first byte (RFC 8314); `smtp://user:password@host:587` is
    /// STARTTLS, and a server that does not offer it gets nothing. The ports may be left out, and so may user and
    /// password; special characters in them are written in percent-encoding (`@` as `%40`).
    ///
    /// `from` is an address, alone or with a name: `Toko Contoh <no-reply@toko.example>`. Without one, the name of the
    /// [`Site`](password_reset::Site) is shown.
    ///
    /// # Errors
    /// [`SmtpConfigError`] names the argument and says what to do; it shows nothing of the URL. No connection is made
    /// before the first message.
    pub fn new(url: &str, from: &str) -> Result<Self, SmtpConfigError> {
        Server::from_url(url).and_then(|server| Self::through(server, from))
    }

    /// Sends **without TLS**, through the server at `smtp://host:25`: whoever can listen on the way reads every link,
    /// every code and the password of the SMTP account.
    ///
    /// For a mail catcher on a developer's machine, or a relay that is reached over loopback or inside a protected
    /// network. Any host is accepted, because only the operator knows which network is protected.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    ///
    /// # Security
    /// A listener on the way can set the password of everyone who asks for a reset.
    pub fn dangerous_plaintext(url: &str, from: &str) -> Result<Self, SmtpConfigError> {
        Server::from_url_plaintext(url).and_then(|server| Self::through(server, from))
    }

    fn through(server: Server, from: &str) -> Result<Self, SmtpConfigError> {
        let from = parse_mailbox(from).map_err(|why| SmtpConfigError::From { why })?;
        Ok(Self {
            server,
            roots: Vec::new(),
            hello: machine(),
            from,
            reply_to: None,
            timeout: TIMEOUT,
            connections: Connections::new(CONNECTIONS),
            templates: Arc::new(DefaultTemplates::new()),
            clock: Arc::new(SystemClock),
        })
    }

    /// Trusts a certificate authority of one's own beside those of the web: one or more certificates in PEM form. Call
    /// it again for another file.
    ///
    /// # Errors
    /// [`SmtpConfigError::RootCertificate`] when it holds no certificate, or when there is no TLS to trust it for.
    pub fn with_root_certificate(mut self, pem: &[u8]) -> Result<Self, SmtpConfigError> {
        self.roots.push(certificate(pem)?);
        self.server.trust(&self.roots)?;
        Ok(self)
    }

    /// Sets where answers go: an address, alone or with a name. Without it they go to the sender.
    ///
    /// # Errors
    /// [`SmtpConfigError::ReplyTo`].
    pub fn with_reply_to(mut self, address: &str) -> Result<Self, SmtpConfigError> {
        self.reply_to = Some(parse_mailbox(address).map_err(|why| SmtpConfigError::ReplyTo { why })?);
        Ok(self)
    }

    /// Sets the name that is said in EHLO (RFC 5321 §4.1.1.1). Without it, it is the name of the machine.
    ///
    /// # Errors
    /// [`SmtpConfigError::HelloName`] when it is no host name.
    pub fn with_hello_name(mut self, name: &str) -> Result<Self, SmtpConfigError> {
        let name = host_name(name).ok_or(SmtpConfigError::HelloName { why: "not a host name" })?;
        self.hello = ClientId::Domain(name);
        Ok(self)
    }

    /// Sets how long one delivery may take, from waiting for a connection to the server's last word; 20 seconds if not
    /// said. After it the outcome is `Later`; if the server was already reading the message, it may be delivered twice,
    /// with the same `Message-ID`.
    ///
    /// # Errors
    /// [`SmtpConfigError::Timeout`] for zero.
    pub fn with_timeout(mut self, timeout: Duration) -> Result<Self, SmtpConfigError> {
        if timeout.is_zero() {
            return Err(SmtpConfigError::Timeout { why: "it must be longer than nothing" });
        }
        self.timeout = timeout;
        Ok(self)
    }

    /// Sets how many connections there may be at a time; 4 if not said. They stay open for the next message, up to 50
    /// seconds unused.
    ///
    /// # Errors
    /// [`SmtpConfigError::Connections`] unless it is 1 to 1000.
    pub fn with_connections(mut self, at_a_time: usize) -> Result<Self, SmtpConfigError> {
        if !(1..=1000).contains(&at_a_time) {
            return Err(SmtpConfigError::Connections { why: "it must be 1 to 1000" });
        }
        self.connections = Connections::new(at_a_time);
        Ok(self)
    }

    /// Replaces what mails say and look like.
    #[must_use]
    pub fn with_templates(mut self, templates: impl MailTemplates) -> Self {
        self.templates = Arc::new(templates);
        self
    }

    /// Takes the time of the `Date` header from another clock than the operating system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Connects and signs in, so that a wrong password, certificate or host is found when the program starts, and not
    /// when the first person waits for a mail. Sends nothing; the first message uses the connection.
    ///
    /// # Errors
    /// [`PortError`], permanent when somebody must mend something, transient when it may go away by itself.
    pub async fn check(&self) -> Result<(), PortError> {
        runtime()?;
        let checking = self.connections.check(&self.server, &self.hello);
        match tokio::time::timeout(self.timeout, unheard(checking)).await {
            Ok(outcome) => outcome.map_err(Fault::into_error),
            Err(_elapsed) => Err(too_late()),
        }
    }

    fn sender(&self, message: &Message) -> Mailbox {
        let mut from = self.from.clone();
        from.name = from.name.or_else(|| Some(plain(message.site().name()))).filter(|name| !name.is_empty());
        from
    }
}

#[async_trait]
impl Notifier for SmtpNotifier {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        let never = |why: &str| Delivery::Never { why: why.to_owned() };
        if message.to().kind() != ContactKind::Email {
            return never("not an e-mail address");
        }
        let to = match parse(message.to().value()) {
            Ok(to) => to,
            Err(why) => return never(why),
        };
        let mail = match self.templates.render(message) {
            Ok(mail) => mail,
            Err(error) => return never(error.why()),
        };
        let headers = Headers {
            id: message.id(),
            from: self.sender(message),
            reply_to: self.reply_to.clone(),
            to: to.clone(),
            date: self.clock.now(),
            locale: message.locale(),
        };
        let content = match compose(headers, mail) {
            Ok(content) => content,
            Err(why) => return never(why),
        };
        if let Err(why) = runtime() {
            return Delivery::Later { after: None, why };
        }
        let envelope = Envelope { from: &self.from.email, to: &to };
        let sending = self.connections.send(&self.server, &self.hello, envelope, &content);
        match tokio::time::timeout(self.timeout, unheard(sending)).await {
            Ok(Ok(())) => Delivery::Delivered,
            Ok(Err(fault)) => fault.into_delivery(),
            Err(_elapsed) => Delivery::Later { after: None, why: too_late() },
        }
    }
}

/// Tokio panics where it is not running; this says so instead.
fn runtime() -> Result<(), PortError> {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(PortError::permanent("sending mail needs a Tokio runtime: run the worker on one").because(error))
        }
    }
}

fn too_late() -> PortError {
    PortError::transient("the SMTP server did not answer in time")
}

/// Keeps from tracing subscribers what happens inside.
///
/// With its feature `tracing`, which any crate of an application can switch on for all, lettre writes every command and
/// every message to the log, with passwords, links and codes (R166).
async fn unheard<F: Future>(sending: F) -> F::Output {
    // A subscriber, even this one, ends what `tracing` hands to `log` in a program that has no other.
    if dispatcher::get_default(|present| present.is::<NoSubscriber>()) {
        sending.await
    } else {
        sending.with_subscriber(NoSubscriber::default()).await
    }
}

/// Names the machine, when its name is one that can be said.
fn machine() -> ClientId {
    match ClientId::default() {
        ClientId::Domain(name) => host_name(&name).map_or(ClientId::Ipv4(Ipv4Addr::LOCALHOST), ClientId::Domain),
        address => address,
    }
}

/// Shows neither user nor password.
impl fmt::Debug for SmtpNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpNotifier")
            .field("server", &self.server)
            .field("timeout", &self.timeout)
            .field("templates", &self.templates)
            .finish_non_exhaustive()
    }
}
