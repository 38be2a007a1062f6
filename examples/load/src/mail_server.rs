//! A mail server that answers at once, says nothing, or is away; and the mailboxes of the owners.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use mail_parser::MessageParser;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, JoinSet};

/// The server. Its connections end when it goes away, and when it is dropped.
pub struct MailServer {
    pub address: SocketAddr,
    pub mailboxes: Mailboxes,
    silent: bool,
    serving: Option<JoinHandle<()>>,
}

impl MailServer {
    pub async fn start(silent: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut server = Self { address, mailboxes: Mailboxes::default(), silent, serving: None };
        server.serve(listener);
        Ok(server)
    }

    fn serve(&mut self, listener: TcpListener) {
        let (mailboxes, silent) = (self.mailboxes.clone(), self.silent);
        self.serving = Some(tokio::spawn(async move {
            // Aborted with this task.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while connections.try_join_next().is_some() {}
                let mailboxes = mailboxes.clone();
                connections.spawn(async move {
                    if silent {
                        std::future::pending::<()>().await;
                    }
                    let _closed = converse(stream, &mailboxes).await;
                });
            }
        }));
    }

    /// Closes everything.
    pub async fn leave(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            let _aborted = serving.await;
        }
    }

    /// Listens again, at the same address.
    pub async fn return_again(&mut self) -> Result<()> {
        let listener = TcpListener::bind(self.address).await?;
        self.serve(listener);
        Ok(())
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

/// SMTP (RFC 5321), as far as a client needs it that makes no mistakes.
async fn converse(stream: TcpStream, mailboxes: &Mailboxes) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.toko.example\r\n").await?;
    let (mut line, mut to) = (Vec::new(), String::new());
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&line).to_ascii_lowercase();
        let answer: &[u8] = match said.get(..4).unwrap_or_default() {
            "ehlo" => b"250 mail.toko.example\r\n",
            "rcpt" => {
                to = said.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                b"250 ok\r\n"
            }
            "data" => {
                stream.write_all(b"354 go on\r\n").await?;
                mailboxes.arrived(&to, &message(&mut stream).await?);
                b"250 ok\r\n"
            }
            "quit" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
    }
}

/// Reads up to the line with a dot alone.
async fn message(stream: &mut BufReader<TcpStream>) -> Result<Vec<u8>> {
    let (mut message, mut from) = (Vec::new(), 0);
    loop {
        anyhow::ensure!(stream.read_until(b'\n', &mut message).await? > 0, "closed in a message");
        if message.get(from..) == Some(b".\r\n") {
            return Ok(message);
        }
        from = message.len();
    }
}

/// The mailboxes that owners look into. Mail to others is dropped.
#[derive(Clone, Default)]
pub struct Mailboxes(Arc<Mutex<HashMap<String, UnboundedSender<String>>>>);

/// The mailbox of one owner, until it is dropped.
pub struct Mailbox {
    mailboxes: Mailboxes,
    address: String,
    links: UnboundedReceiver<String>,
}

impl Mailboxes {
    pub fn open(&self, address: &str) -> Mailbox {
        let (sender, links) = unbounded_channel();
        self.lock().insert(address.to_owned(), sender);
        Mailbox { mailboxes: self.clone(), address: address.to_owned(), links }
    }

    fn arrived(&self, to: &str, mail: &[u8]) {
        let Some(sender) = self.lock().get(to).cloned() else { return };
        if let Some(link) = link(mail) {
            // The owner may have given up meanwhile.
            let _gone = sender.send(link);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, UnboundedSender<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailbox {
    /// The secret of the next link to a new password.
    pub async fn link(&mut self) -> Result<String> {
        self.links.recv().await.context("the mail server ended")
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.mailboxes.lock().remove(&self.address);
    }
}

/// The part after the # of the reset link; notices have none.
fn link(mail: &[u8]) -> Option<String> {
    let mail = MessageParser::default().parse(mail)?;
    let text = mail.body_text(0)?;
    text.split_whitespace().find_map(|word| Some(word.split_once("/link#")?.1.to_owned()))
}
