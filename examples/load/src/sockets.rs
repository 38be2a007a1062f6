//! Strangers who take connections and memory without ever finishing a request.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::client::connect;
use crate::owner::World;
use crate::provider;
use crate::tally::Tally;

const BODIES: u32 = 200;
const BODY: usize = 3 * 1024 * 1024;
/// Sources of bodies: the fourth would fill what all sources have together.
const BODY_SOURCES: u32 = 3;
const HEADS: u32 = 900;
/// Sources of slow heads: the sixth would take the last connection.
const HEAD_SOURCES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// Bodies of webhooks that stop before their last byte; the connection stays open. Every other one has no signature.
pub fn unfinished_bodies(node: SocketAddr, world: &Arc<World>, tasks: &mut JoinSet<()>) {
    let part: Arc<[u8]> = vec![b' '; 64 * 1024].into();
    for number in 0..BODIES {
        let signature = format!("{}: {}\r\n", provider::SIGNATURE, provider::forged());
        let signature = if number % 2 == 0 { signature.as_str() } else { "" };
        let path = provider::WEBHOOK;
        let head = format!("POST {path} HTTP/1.1\r\nhost: toko.example\r\ncontent-length: {BODY}\r\n{signature}\r\n");
        let part = Arc::clone(&part);
        keep(node, source(number % BODY_SOURCES), world, tasks, move |stream| {
            unfinished_body(stream, head.clone(), Arc::clone(&part))
        });
    }
}

/// Heads that arrive byte by byte.
pub fn slow_heads(node: SocketAddr, world: &Arc<World>, tasks: &mut JoinSet<()>) {
    for number in 0..HEADS {
        keep(node, source(number % HEAD_SOURCES), world, tasks, slow_head);
    }
}

async fn unfinished_body(mut stream: TcpStream, head: String, part: Arc<[u8]>) -> Result<()> {
    stream.write_all(head.as_bytes()).await?;
    for _ in 1..BODY / part.len() {
        stream.write_all(&part).await?;
    }
    // The answer comes when the node gives up.
    stream.read_u8().await?;
    Ok(())
}

async fn slow_head(mut stream: TcpStream) -> Result<()> {
    for byte in "GET /reset/ HTTP/1.1\r\n".bytes().chain(std::iter::repeat(b'x')) {
        stream.write_all(&[byte]).await?;
        sleep(PAUSE).await;
    }
    Ok(())
}

fn source(number: u32) -> Ipv4Addr {
    Ipv4Addr::new(127, 32, 0, 1).to_bits().saturating_add(number << 8).into()
}

/// Opens a connection and does this with it, again a second after it is closed.
fn keep<F>(
    node: SocketAddr,
    from: Ipv4Addr,
    world: &Arc<World>,
    tasks: &mut JoinSet<()>,
    does: impl Fn(TcpStream) -> F + Send + 'static,
) where
    F: Future<Output = Result<()>> + Send,
{
    let world = Arc::clone(world);
    tasks.spawn(async move {
        loop {
            if let Ok(stream) = connect(from, node).await {
                Tally::add(&world.tally.strange);
                let _closed = does(stream).await;
            }
            sleep(PAUSE).await;
        }
    });
}
