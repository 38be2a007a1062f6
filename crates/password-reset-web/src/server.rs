//! Serves a router over TCP, with bounds on what connections take.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::pin;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;

use crate::error::WebError;
use crate::shares::Shares;
use crate::source::{self, Peer, TrustedProxies};

/// No head of a request that this library knows is longer.
const MAX_HEAD: usize = 64 * 1024;

/// Where a proxy on this machine connects from.
const THIS_MACHINE: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// The pause after a failed `accept`, which is mostly a lack of descriptors.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Serves an application over HTTP/1.1, and bounds what strangers can take: all connections and those of one source, the
/// time for the head of a request, which is also how long an idle connection stays open, and the time that open requests get
/// at the end. Every request has its [`Peer`]. Applications name it `Server`.
///
/// ```no_run
/// # async fn run(pages: password_reset_web::Pages) -> Result<(), Box<dyn std::error::Error>> {
/// use password_reset_web::Server;
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// Server::new(pages).trusted_proxies(["127.0.0.1"]).serve(listener, std::future::pending()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "`serve()` starts it"]
pub struct HttpServer<S> {
    app: S,
    connections: u32,
    per_source: u32,
    head: Duration,
    grace: Duration,
    proxies: Vec<String>,
}

impl<S> HttpServer<S> {
    /// 768 connections of all trusted proxies, 768 of all others, 128 of one source, ten seconds for a head, and ten seconds at
    /// the end. A proxy on this machine is trusted.
    pub fn new(app: impl Into<S>) -> Self {
        Self {
            app: app.into(),
            connections: 768,
            per_source: 128,
            head: Duration::from_secs(10),
            grace: Duration::from_secs(10),
            proxies: Vec::new(),
        }
    }

    /// Sets the connections of all trusted proxies, and as many again of all others, so that neither takes places from the other.
    /// Each takes a file descriptor, and each browser that waits for its reset holds a connection: leave some 200 of the
    /// process's limit (`ulimit -n`) for the database, mail and files.
    pub fn connections(mut self, count: u32) -> Self {
        self.connections = count;
        self
    }

    /// Sets the connections of one source: an IPv4 address or an IPv6 /64. Trusted proxies have no such bound.
    pub fn connections_per_source(mut self, count: u32) -> Self {
        self.per_source = count;
        self
    }

    /// Sets the time in which the head of a request must arrive, from the opening of the connection or from the end of the
    /// request before.
    pub fn head_timeout(mut self, time: Duration) -> Self {
        self.head = time;
        self
    }

    /// Sets how long open requests may go on once the server is to stop. Event streams end then. What is open after it runs on
    /// until the runtime ends.
    pub fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// Adds proxies, whose connections are those of many clients, to those on this machine; the same list as
    /// [`Web::trusted_proxies`](crate::Settings::trusted_proxies).
    pub fn trusted_proxies(mut self, networks: impl IntoIterator<Item: Into<String>>) -> Self {
        self.proxies.extend(networks.into_iter().map(Into::into));
        self
    }
}

impl<S, B> HttpServer<S>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send + 'static,
    B: http_body::Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    /// Serves until `stop` completes. A connection beyond a bound is closed at once.
    ///
    /// # Errors
    /// [`WebError::Proxy`] for a text that says nothing of proxies.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<(), WebError> {
        let proxies = TrustedProxies::parse(&self.proxies).map_err(WebError::Proxy)?;
        self.run(listener, &proxies, stop).await;
        Ok(())
    }

    /// As [`serve`](Self::serve), on a Unix domain socket, for a proxy on this machine. Requests have no [`Peer`], so the pages must
    /// trust the proxy too: `Web::trusted_proxies(["unix"])`. Who may connect is said by the rights of the socket's folder.
    ///
    /// ```no_run
    /// # async fn run(pages: password_reset_web::Pages) -> Result<(), Box<dyn std::error::Error>> {
    /// use password_reset_web::Server;
    ///
    /// let listener = tokio::net::UnixListener::bind("/run/toko/reset.sock")?;
    /// Server::new(pages).trusted_proxies(["unix"]).serve_unix(listener, std::future::pending()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`serve`](Self::serve), and [`WebError::UnixPeer`] unless the proxies include `unix`, or are a count or a header alone.
    #[cfg(unix)]
    pub async fn serve_unix(
        self,
        listener: tokio::net::UnixListener,
        stop: impl Future<Output = ()>,
    ) -> Result<(), WebError> {
        let proxies = TrustedProxies::parse(&self.proxies).map_err(WebError::Proxy)?;
        if !proxies.trusts_unix() {
            return Err(WebError::UnixPeer);
        }
        self.run(listener, &proxies, stop).await;
        Ok(())
    }

    async fn run(self, listener: impl Accept, proxies: &TrustedProxies, stop: impl Future<Output = ()>) {
        let (of_proxies, of_sources) =
            (Shares::new(self.connections, self.connections), Shares::new(self.per_source, self.connections));
        let is_proxy = |peer: IpAddr| THIS_MACHINE.contains(&peer) || proxies.trusts(peer);
        let shares = |peer: IpAddr| if is_proxy(peer) { &of_proxies } else { &of_sources };
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.head).max_buf_size(MAX_HEAD);
        let open = GracefulShutdown::new();
        let mut stop = pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = listener.accepted() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    accept_failed(&error).await;
                    continue;
                }
            };
            let address = peer.map_or(source::THIS_MACHINE, |Peer(peer)| peer.ip());
            let Some(share) = shares(address.to_canonical()).take(address, 1) else {
                password_reset::log_bounded!(
                    warn,
                    "a connection was closed: there are as many as the server is set to take"
                );
                continue;
            };
            let app = TowerToHyperService::new(self.app.clone());
            let with_peer = service_fn(move |mut request: Request<Incoming>| {
                if let Some(peer) = peer {
                    request.extensions_mut().insert(peer);
                }
                app.call(request)
            });
            let connection = http.serve_connection(TokioIo::new(stream), with_peer);
            let connection = open.watch(connection);
            tokio::spawn(async move {
                // The client's fault or its wish, and of no use to the operator.
                let _closed = connection.await;
                drop(share);
            });
        }
        drop(listener);
        let _in_time = tokio::time::timeout(self.grace, open.shutdown()).await;
    }
}

/// Where connections come from.
trait Accept {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next connection, with the address of its peer where it has one.
    fn accepted(&self) -> impl Future<Output = io::Result<(Self::Stream, Option<Peer>)>> + Send;
}

impl Accept for TcpListener {
    type Stream = TcpStream;

    async fn accepted(&self) -> io::Result<(TcpStream, Option<Peer>)> {
        let (stream, peer) = self.accept().await?;
        // A small answer must not wait for the acknowledgement of the one before.
        let _without = stream.set_nodelay(true);
        Ok((stream, Some(Peer(peer))))
    }
}

#[cfg(unix)]
impl Accept for tokio::net::UnixListener {
    type Stream = tokio::net::UnixStream;

    async fn accepted(&self) -> io::Result<(Self::Stream, Option<Peer>)> {
        Ok((self.accept().await?.0, None))
    }
}

/// As [`new`](HttpServer::new), for an application whose type has no name, such as a function.
impl<S> From<S> for HttpServer<S> {
    fn from(app: S) -> Self {
        Self::new(app)
    }
}

async fn accept_failed(error: &io::Error) {
    let of_client =
        [io::ErrorKind::ConnectionRefused, io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset];
    if !of_client.contains(&error.kind()) {
        password_reset::log_bounded!(error, %error, "no connection can be accepted: raise the limit of descriptors, or lower `connections`");
        tokio::time::sleep(ACCEPT_AGAIN).await;
    }
}
