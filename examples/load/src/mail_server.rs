//! A mail server that answers at once, says nothing, or is away.

use std::net::SocketAddr;

use anyhow::Result;
use mail_parser::MessageParser;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::mailboxes::Mailboxes;

/// The server. Its connections end when it goes away, and when it is dropped.
pub struct MailServer {
    pub address: SocketAddr,
    mailboxes: Mailboxes,
    silent: bool,
    serving: Option<JoinHandle<()>>,
}

impl MailServer {
    pub async fn start(mailboxes: &Mailboxes, silent: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut server = Self { address, mailboxes: mailboxes.clone(), silent, serving: None };
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
                if let Some(link) = link(&message(&mut stream).await?) {
                    mailboxes.arrived(&to, link);
                }
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

/// The part after the # of the reset link; notices have none.
fn link(mail: &[u8]) -> Option<String> {
    let mail = MessageParser::default().parse(mail)?;
    let text = mail.body_text(0)?;
    text.split_whitespace().find_map(|word| Some(word.split_once("/link#")?.1.to_owned()))
}
