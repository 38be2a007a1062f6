//! The connection before STARTTLS.
//!
//! An attacker on the network can inject bytes right after the server's "ready to start TLS". lettre reads lines through a
//! buffer that it keeps across the handshake, so it would take those bytes for the server's first reply under TLS
//! (CVE-2011-0411 and its successors). This stream returns one byte at a time until the handshake begins: lettre can buffer
//! nothing ahead, and injected bytes make the handshake fail.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// First byte of a TLS handshake (RFC 8446 §5.1); no SMTP command begins with it.
const HANDSHAKE: u8 = 22;

/// A TCP connection that prevents read-ahead until the client has begun a handshake.
#[derive(Debug)]
pub(crate) struct Unbuffered {
    stream: TcpStream,
    handshake_begun: bool,
}

impl Unbuffered {
    /// Connects to the first address of the host that accepts.
    pub(crate) async fn connect(host: &str, port: u16, wait: Duration) -> io::Result<Self> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "host has no address");
        for address in lookup_host((host, port)).await? {
            match timeout(wait, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(Self { stream, handshake_begun: false }),
                Ok(Err(error)) => last = error,
                Err(_elapsed) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(last)
    }
}

impl AsyncTokioStream for Unbuffered {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Unbuffered {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.handshake_begun {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        if buffer.remaining() > 0 {
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut one))?;
            buffer.put_slice(one.filled());
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Unbuffered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.handshake_begun |= bytes.first() == Some(&HANDSHAKE);
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
