//! A mail server on this machine, and its mailbox.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use mail_parser::{Message, MessageParser};
use mailin_embedded::{Handler, Response, Server, response};
use password_reset::ports::Clock;
use tokio::sync::watch;

/// Older emails are dropped.
const MOST: usize = 200;

/// A domain without mailboxes, for which the server refuses recipients as a real one does.
pub const GONE: &str = "gone.toko.example";

/// Receives every email of this program. Clones share the emails.
#[derive(Clone)]
pub struct Mailbox {
    address: SocketAddr,
    mails: watch::Sender<Vec<Arc<Mail>>>,
}

impl Mailbox {
    /// Starts the server on a free port of this machine. It ends with the program.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(clock: Arc<dyn Clock>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("the mail server found no port")?;
        let address = listener.local_addr()?;
        let mails = watch::Sender::new(Vec::new());
        let mut server = Server::new(Receiving { mails: mails.clone(), clock, to: String::new(), data: Vec::new() });
        server.with_name("mail.toko.example").with_num_threads(2).with_tcp_listener(listener);
        std::thread::spawn(move || server.serve().map_err(|error| eprintln!("the mail server ended: {error}")));
        Ok(Self { address, mails })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All emails, the newest first.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Mail>> {
        self.mails.borrow().iter().rev().cloned().collect()
    }

    /// The email with this number.
    #[must_use]
    pub fn mail(&self, number: usize) -> Option<Arc<Mail>> {
        self.mails.borrow().iter().find(|mail| mail.number == number).cloned()
    }

    /// Waits for the first email that matches.
    pub async fn wait_for(&self, wanted: impl Fn(&Mail) -> bool) -> Arc<Mail> {
        let mut mails = self.mails.subscribe();
        loop {
            if let Some(found) = mails.borrow_and_update().iter().find(|mail| wanted(mail)) {
                return Arc::clone(found);
            }
            // `self` holds the sender, so the channel cannot end.
            let _ = mails.changed().await;
        }
    }
}

/// One email, as it arrived.
pub struct Mail {
    /// Counts from 1.
    pub number: usize,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// The one recipient of the envelope.
    pub to: String,
    raw: Vec<u8>,
}

impl Mail {
    fn parsed(&self) -> Option<Message<'_>> {
        MessageParser::default().parse(&self.raw)
    }

    /// The subject.
    #[must_use]
    pub fn subject(&self) -> String {
        self.parsed().and_then(|mail| mail.subject().map(str::to_owned)).unwrap_or_default()
    }

    /// The text part.
    #[must_use]
    pub fn text(&self) -> String {
        self.parsed().and_then(|mail| mail.body_text(0).map(Into::into)).unwrap_or_default()
    }

    /// The HTML part.
    #[must_use]
    pub fn html(&self) -> String {
        self.parsed().and_then(|mail| mail.body_html(0).map(Into::into)).unwrap_or_default()
    }

    /// The source.
    #[must_use]
    pub fn source(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// The whole link to the reset page `page`.
    #[must_use]
    pub fn link_to(&self, page: &str) -> Option<String> {
        let page = format!("/{page}#");
        self.text().split_whitespace().find(|word| word.contains(&page)).map(str::to_owned)
    }

    /// The code of eight digits, written as 1234 5678.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        let is_code = |line: &&str| {
            let digits = line.bytes().filter(u8::is_ascii_digit).count();
            digits == 8 && line.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
        };
        self.text().lines().map(str::trim).find(is_code).map(str::to_owned)
    }
}

/// The SMTP handler.
#[derive(Clone)]
struct Receiving {
    mails: watch::Sender<Vec<Arc<Mail>>>,
    clock: Arc<dyn Clock>,
    to: String,
    data: Vec<u8>,
}

impl Handler for Receiving {
    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        self.data.clear();
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if to.trim_end_matches('>').rsplit('@').next().is_some_and(|domain| domain.eq_ignore_ascii_case(GONE)) {
            return Response::custom(550, "5.1.1 There is no such mailbox".to_owned());
        }
        to.clone_into(&mut self.to);
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let (to, raw) = (std::mem::take(&mut self.to), std::mem::take(&mut self.data));
        let at = self.clock.now();
        self.mails.send_modify(|mails| {
            let number = mails.last().map_or(1, |last| last.number + 1);
            mails.push(Arc::new(Mail { number, at, to, raw }));
            if mails.len() > MOST {
                mails.remove(0);
            }
        });
        response::OK
    }
}
