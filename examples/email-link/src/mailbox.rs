//! A mail server on this machine, and the mailbox behind it.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context, Result};
use mail_parser::MessageParser;
use mailin_embedded::{Handler, Response, Server, response};
use tokio::sync::mpsc;

/// Collects arriving emails.
pub struct Mailbox {
    address: SocketAddr,
    arrived: mpsc::UnboundedReceiver<Vec<u8>>,
}

impl Mailbox {
    /// Starts the server on a free port of this machine.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (inbox, arrived) = mpsc::unbounded_channel();
        let mut server = Server::new(Receiving { inbox, data: Vec::new() });
        server.with_name("mail.toko.example").with_tcp_listener(listener);
        // The thread ends with the program.
        std::thread::spawn(move || server.serve().map_err(|error| eprintln!("the mail server ended: {error}")));
        Ok(Self { address, arrived })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the next email that matches; others are skipped.
    pub async fn wait(&mut self, wanted: impl Fn(&Arrived) -> bool) -> Result<Arrived> {
        let arrives = async {
            loop {
                let mail = Arrived::parse(&self.arrived.recv().await.context("the mail server ended")?)?;
                if wanted(&mail) {
                    return Ok(mail);
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), arrives).await.context("no mail arrived within 30 seconds")?
    }
}

/// One email, as its reader sees it.
pub struct Arrived {
    subject: String,
    text: String,
}

impl Arrived {
    fn parse(raw: &[u8]) -> Result<Self> {
        let mail = MessageParser::default().parse(raw).context("not a valid email")?;
        let text = mail.body_text(0).context("the mail has no text")?.into_owned();
        Ok(Self { subject: mail.subject().unwrap_or_default().to_owned(), text })
    }

    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The part after the # of the reset link.
    pub fn link_secret(&self) -> Option<String> {
        let words = self.text.split_whitespace();
        let link = words.filter_map(|word| word.split_once("/link#")).map(|(_, secret)| secret).next();
        link.map(str::to_owned)
    }

    /// The eight digits, written as 1234 5678.
    pub fn code(&self) -> Option<String> {
        self.text.lines().map(str::trim).find_map(|line| {
            let digits: String = line.chars().filter(char::is_ascii_digit).collect();
            let only_digits = line.chars().all(|letter| letter.is_ascii_digit() || letter == ' ');
            (only_digits && digits.len() == 8).then_some(digits)
        })
    }
}

/// The SMTP handler.
#[derive(Clone)]
struct Receiving {
    inbox: mpsc::UnboundedSender<Vec<u8>>,
    data: Vec<u8>,
}

impl Handler for Receiving {
    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        self.data.clear();
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        match self.inbox.send(std::mem::take(&mut self.data)) {
            Ok(()) => response::OK,
            Err(_) => response::INTERNAL_ERROR,
        }
    }
}
