//! HTTP from any address of this machine's loopback network, so that the nodes see many clients.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::timeout;

/// A browser gives up later.
const PATIENCE: Duration = Duration::from_secs(10);

/// The address at which the program is a proxy that the nodes trust.
pub const PROXY: Ipv4Addr = Ipv4Addr::LOCALHOST;

pub async fn connect(from: Ipv4Addr, to: SocketAddr) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    let stream = timeout(PATIENCE, socket.connect(to)).await.context("no connection in time")??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// One connection, closed when it is dropped.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: AbortHandle,
}

/// The status, and the body where it is JSON.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Connection {
    pub async fn open(from: Ipv4Addr, to: SocketAddr) -> Result<Self> {
        let (sender, connection) = http1::handshake(TokioIo::new(connect(from, to).await?)).await?;
        let driver = tokio::spawn(async move {
            let _closed = connection.await;
        });
        Ok(Self { sender, driver: driver.abort_handle() })
    }

    /// Sends a POST, or a GET without a body.
    pub async fn call(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let mut request = Request::builder().method(method).uri(path).header("host", "toko.example");
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned())))?;
        let answers = async {
            self.sender.ready().await?;
            let (head, body) = self.sender.send_request(request).await?.into_parts();
            let bytes = body.collect().await?.to_bytes();
            Ok(Answer { status: head.status.as_u16(), body: serde_json::from_slice(&bytes).unwrap_or_default() })
        };
        timeout(PATIENCE, answers).await.context("no answer in time")?
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
