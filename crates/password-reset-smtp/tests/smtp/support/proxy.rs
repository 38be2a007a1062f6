//! A proxy between notifier and server that counts connections and breaks them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::authority::Identity;
use super::server::use_ring;

/// A fault of connections.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The client never receives the greeting.
    NoGreeting,
    /// After the client has sent this, it receives nothing more.
    SilenceAfter(&'static str),
    /// When the client sends this, the proxy closes the connection without forwarding it.
    CloseAt(&'static str),
    /// When the server sends this, the proxy injects bytes after it.
    Inject(&'static str, &'static str),
    /// What the server sends arrives with the first word replaced by the second, of the same length.
    Replace(&'static str, &'static str),
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    accepted: Arc<AtomicUsize>,
    fault: Arc<Mutex<Option<Fault>>>,
    running: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Proxy {
    pub(crate) async fn start(upstream: u16) -> Self {
        Self::start_with(upstream, None).await
    }

    /// A proxy that terminates TLS.
    pub(crate) async fn start_tls(upstream: u16, identity: &Identity) -> Self {
        use_ring();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(identity.certificate.clone())],
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.key.clone())),
            )
            .unwrap();
        Self::start_with(upstream, Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn start_with(upstream: u16, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = Self { port, accepted: Arc::default(), fault: Arc::default(), running: Arc::default() };
        let (accepted, fault, running) =
            (Arc::clone(&proxy.accepted), Arc::clone(&proxy.fault), Arc::clone(&proxy.running));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                let (fault, tls) = (*fault.lock().unwrap(), tls.clone());
                let server = TcpStream::connect(("127.0.0.1", upstream)).await.unwrap();
                let task = tokio::spawn(async move {
                    match tls {
                        Some(tls) => {
                            if let Ok(client) = tls.accept(client).await {
                                relay(client, server, fault).await;
                            }
                        }
                        None => relay(client, server, fault).await,
                    }
                });
                running.lock().unwrap().push(task);
            }
        });
        proxy
    }

    /// The number of accepted connections.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Sets the fault of connections from now on; `None` removes it.
    pub(crate) fn set(&self, fault: impl Into<Option<Fault>>) {
        *self.fault.lock().unwrap() = fault.into();
    }

    /// Closes every connection; returns when they are closed.
    pub(crate) async fn hang_up(&self) {
        let running: Vec<_> = self.running.lock().unwrap().drain(..).collect();
        for task in running {
            task.abort();
            // The task may have ended by itself.
            drop(task.await);
        }
    }
}

async fn relay<C: AsyncRead + AsyncWrite + Unpin>(mut client: C, mut server: TcpStream, fault: Option<Fault>) {
    let (mut from_client, mut from_server) = (vec![0; 16_384], vec![0; 16_384]);
    let mut said = Vec::new();
    let mut silent = matches!(fault, Some(Fault::NoGreeting));
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(1..) = read else { return };
                let bytes = &from_client[..read.unwrap()];
                said.extend_from_slice(bytes);
                match fault {
                    Some(Fault::SilenceAfter(word)) if contains(&said, word) => silent = true,
                    Some(Fault::CloseAt(word)) if contains(&said, word) => return,
                    _ => {}
                }
                if server.write_all(bytes).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(1..) = read else { return };
                let mut bytes = from_server[..read.unwrap()].to_vec();
                if let Some(Fault::Inject(word, more)) = fault && contains(&bytes, word) {
                    bytes.extend_from_slice(more.as_bytes());
                }
                if let Some(Fault::Replace(word, other)) = fault {
                    let at = bytes.windows(word.len()).position(|window| window == word.as_bytes());
                    if let Some(at) = at {
                        bytes[at..][..word.len()].copy_from_slice(other.as_bytes());
                    }
                }
                if !silent && client.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}
