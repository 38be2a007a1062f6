//! A pooler of transactions, in front of a database of the private cluster.
//!
//! It speaks as much of Postgres's protocol (version 3.0) as sqlx does. Every client is let in; what a client sends up to
//! the end of a batch goes to the connection to the server that has been free for the longest, so hardly ever to the one
//! that the same client had before, and that connection is free again when no transaction is open on it. A session has
//! nothing that lasts, but for its prepared statements: these are kept apart as `PgBouncer` does from 1.21 on. Each has a
//! name of its own on the server, and is prepared once more on a connection that does not have it yet.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{Error, Result};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Mutex, mpsc};

/// Starts a pooler with so many connections to a database, which must have a Unix socket and trust every client of it,
/// and returns how to connect to it. It runs as long as the runtime in which it was started.
pub(crate) async fn start(database: &PgConnectOptions, connections: usize) -> PgConnectOptions {
    let (user, name) = (database.get_username(), database.get_database().unwrap());
    let socket = database.get_socket().unwrap().join(format!(".s.PGSQL.{}", database.get_port()));
    let server = Address { socket, wishes: format!("user\0{user}\0database\0{name}\0client_encoding\0UTF8\0\0") };
    let (give_back, free) = mpsc::unbounded_channel();
    let mut greeting = Vec::new();
    for _ in 0..connections {
        let (connection, greets) = server.connect().await.unwrap();
        give_back.send(connection).ok().unwrap();
        greeting = greets;
    }
    let shared = Arc::new(Shared { server, greeting, free: Mutex::new(free), give_back, names: AtomicUsize::new(0) });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(Arc::clone(&shared).serve(BufReader::new(client)));
        }
    });
    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).ssl_mode(PgSslMode::Disable);
    options.username(user).database(name)
}

struct Shared {
    server: Address,
    greeting: Vec<u8>,
    // In the order in which they became free.
    free: Mutex<mpsc::UnboundedReceiver<Server>>,
    give_back: mpsc::UnboundedSender<Server>,
    /// How many statements have got a name.
    names: AtomicUsize,
}

impl Shared {
    /// Serves a client for as long as it stays.
    async fn serve(self: Arc<Self>, mut client: BufReader<TcpStream>) {
        let mut held = None;
        // A client that goes away, however it does, is no news.
        let _gone = self.batches(&mut client, &mut held).await;
        // It may have gone in the middle of anything, so what it held is not given back.
        if held.take().is_some()
            && let Ok((server, _)) = self.server.connect().await
        {
            let _closed = self.give_back.send(server);
        }
    }

    async fn batches(&self, client: &mut BufReader<TcpStream>, held: &mut Option<Server>) -> Result<()> {
        // What the client wishes for its session would not last.
        let length = client.read_u32().await?;
        body(client, length).await?;
        client.write_all(&self.greeting).await?;
        let mut statements = HashMap::new();
        loop {
            let mut batch = Vec::new();
            // Sync or Query
            while !batch.last().is_some_and(|(tag, _)| matches!(tag, b'S' | b'Q')) {
                let (tag, body) = message(client).await?;
                // Terminate
                if tag == b'X' {
                    return Ok(());
                }
                batch.push((tag, body));
            }
            let server = match held {
                Some(server) => server,
                None => held.insert(self.free.lock().await.recv().await.ok_or_else(|| Error::other("none is left"))?),
            };
            let mut calls = Calls::default();
            for (tag, body) in batch {
                self.translate(tag, &body, &mut statements, server, &mut calls);
            }
            server.stream.write_all(&calls.bytes).await?;
            if server.answer(client, calls.prepared).await? == b'I' {
                self.give_back.send(held.take().unwrap()).map_err(Error::other)?;
            }
        }
    }

    /// Turns a message of a client into what the server gets.
    fn translate(
        &self,
        tag: u8,
        body: &[u8],
        statements: &mut HashMap<Vec<u8>, Statement>,
        server: &Server,
        calls: &mut Calls,
    ) {
        match (tag, body.first()) {
            // Parse
            (b'P', Some(named)) if *named != 0 => {
                let (name, text) = word(body);
                let number = self.names.fetch_add(1, Ordering::Relaxed);
                let statement = Statement { name: format!("statement_{number}"), text: text.to_vec() };
                calls.prepare(&statement, false);
                statements.insert(name.to_vec(), statement);
            }
            (b'P', _) => {
                calls.prepared.push_back(None);
                put(&mut calls.bytes, tag, &[body]);
            }
            // Bind
            (b'B', _) => {
                let (portal, rest) = word(body);
                let (name, rest) = word(rest);
                let name = calls.on_server(server, statements.get(name)).unwrap_or(name);
                put(&mut calls.bytes, tag, &[portal, &[0], name, &[0], rest]);
            }
            // Describe a statement
            (b'D', Some(b'S')) => {
                let (name, _) = word(&body[1..]);
                let name = calls.on_server(server, statements.get(name)).unwrap_or(name);
                put(&mut calls.bytes, tag, &[b"S", name, &[0]]);
            }
            // A statement that is closed stays prepared: closing a name that is not there is no error.
            _ => put(&mut calls.bytes, tag, &[body]),
        }
    }
}

/// A prepared statement of a client: its name on all connections to the server, and what follows the name in `Parse`.
struct Statement {
    name: String,
    text: Vec<u8>,
}

/// What goes to the server, and the named statements that it prepares with it: whether the client did not ask for that.
#[derive(Default)]
struct Calls {
    bytes: Vec<u8>,
    prepared: VecDeque<Option<(String, bool)>>,
}

impl Calls {
    fn prepare(&mut self, statement: &Statement, unasked: bool) {
        self.prepared.push_back(Some((statement.name.clone(), unasked)));
        put(&mut self.bytes, b'P', &[statement.name.as_bytes(), &[0], &statement.text]);
    }

    /// The server's name of a statement, which is there when it is used.
    fn on_server<'a>(&mut self, server: &Server, statement: Option<&'a Statement>) -> Option<&'a [u8]> {
        let statement = statement?;
        let comes = self.prepared.iter().flatten().any(|(name, _)| *name == statement.name);
        if !comes && !server.has.contains(&statement.name) {
            self.prepare(statement, true);
        }
        Some(statement.name.as_bytes())
    }
}

/// Where the server is, and what is wished from it.
struct Address {
    socket: PathBuf,
    wishes: String,
}

impl Address {
    /// A new connection, and what the server said until it was ready.
    async fn connect(&self) -> Result<(Server, Vec<u8>)> {
        let mut stream = BufReader::new(UnixStream::connect(&self.socket).await?);
        stream.write_u32(u32::try_from(self.wishes.len() + 8).map_err(Error::other)?).await?;
        stream.write_u32(3 << 16).await?;
        stream.write_all(self.wishes.as_bytes()).await?;
        let mut greeting = Vec::new();
        loop {
            let (tag, body) = message(&mut stream).await?;
            put(&mut greeting, tag, &[&body]);
            match tag {
                b'Z' => return Ok((Server { stream, has: HashSet::new() }, greeting)),
                b'E' => return Err(Error::other(String::from_utf8_lossy(&body).into_owned())),
                _ => {}
            }
        }
    }
}

/// A connection to the server.
struct Server {
    stream: BufReader<UnixStream>,
    /// The statements that are prepared on it.
    has: HashSet<String>,
}

impl Server {
    /// Hands on what the server says, until it is ready for more; returns whether a transaction is open then.
    async fn answer(
        &mut self,
        client: &mut BufReader<TcpStream>,
        mut prepared: VecDeque<Option<(String, bool)>>,
    ) -> Result<u8> {
        let mut bytes = Vec::new();
        loop {
            let (tag, body) = message(&mut self.stream).await?;
            // ParseComplete
            if tag == b'1'
                && let Some((name, unasked)) = prepared.pop_front().flatten()
            {
                self.has.insert(name);
                if unasked {
                    continue;
                }
            }
            put(&mut bytes, tag, &[&body]);
            // ReadyForQuery
            if tag == b'Z' {
                client.write_all(&bytes).await?;
                return body.first().copied().ok_or_else(|| Error::other("ready for what?"));
            }
        }
    }
}

async fn message(from: &mut (impl AsyncRead + Unpin)) -> Result<(u8, Vec<u8>)> {
    let (tag, length) = (from.read_u8().await?, from.read_u32().await?);
    Ok((tag, body(from, length).await?))
}

/// What follows a length, which counts itself.
async fn body(from: &mut (impl AsyncRead + Unpin), length: u32) -> Result<Vec<u8>> {
    let mut body = vec![0; usize::try_from(length).map_err(Error::other)?.saturating_sub(4)];
    from.read_exact(&mut body).await?;
    Ok(body)
}

fn put(bytes: &mut Vec<u8>, tag: u8, parts: &[&[u8]]) {
    let body = parts.concat();
    bytes.push(tag);
    bytes.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    bytes.extend(body);
}

/// A text that ends with a zero, and what follows it.
fn word(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap();
    (&bytes[..end], &bytes[end + 1..])
}
