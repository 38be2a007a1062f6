//! The server: what connections of strangers may take. Real connections on loopback.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use password_reset_axum::{Server, WebError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, oneshot};

/// A server, and what ends it.
struct Serving {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<Result<(), WebError>>,
}

async fn serving(app: Router, change: impl FnOnce(Server) -> Server) -> Serving {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = change(Server::new(app));
    let ended = tokio::spawn(server.serve(listener, async move { stopped.await.unwrap_or_default() }));
    Serving { address, stop, ended }
}

fn app() -> Router {
    Router::new().route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() }))
}

/// A connection from an address of loopback.
async fn from(source: &str, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
    socket.connect(to).await.unwrap()
}

/// All that comes until the server closes the connection. The bound is for a server that never does.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut text)).await;
    // A reset is a close too.
    let _reset = closed.expect("the server closes the connection");
    String::from_utf8(text).unwrap()
}

async fn ask(mut stream: TcpStream) -> String {
    let _closed = stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    until_closed(&mut stream).await
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_is_cut_off() {
    let server = serving(app(), |server| server.head_timeout(Duration::from_millis(100))).await;
    let mut slow = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let stream = from("127.0.0.1", server.address).await;
        slow.spawn(async move {
            let (mut reading, mut writing) = stream.into_split();
            let dripping = tokio::spawn(async move {
                let mut pace = tokio::time::interval(Duration::from_millis(10));
                while writing.write_all(b"G").await.is_ok() {
                    pace.tick().await;
                }
            });
            let mut text = Vec::new();
            let closed = tokio::time::timeout(Duration::from_secs(20), reading.read_to_end(&mut text)).await;
            dripping.abort();
            closed.is_ok()
        });
    }
    assert!(slow.join_all().await.into_iter().all(|closed| closed), "each is closed");
    let mut idle = from("127.0.0.1", server.address).await;
    assert_eq!(until_closed(&mut idle).await, "", "also one that sends nothing");
    assert!(ask(from("127.0.0.1", server.address).await).await.ends_with("127.0.0.1"), "others are served");
}

#[tokio::test]
async fn connections_are_bounded_by_source_and_in_all_and_freed_when_they_end() {
    let server = serving(app(), |server| {
        let server = server.connections(5).connections_per_source(2);
        server.head_timeout(Duration::from_secs(3600))
    })
    .await;
    let taken = [from("127.0.0.2", server.address).await, from("127.0.0.2", server.address).await];
    assert_eq!(ask(from("127.0.0.2", server.address).await).await, "", "the source has two");
    assert!(ask(from("127.0.0.3", server.address).await).await.ends_with("127.0.0.3"), "another has its own");
    let of_proxy = [0; 5].map(|_| from("127.0.0.1", server.address));
    let of_proxy = futures_util::future::join_all(of_proxy).await;
    assert_eq!(ask(from("127.0.0.1", server.address).await).await, "", "a proxy has the whole, and no more");
    let first = of_proxy.into_iter().next().unwrap();
    assert!(ask(first).await.ends_with("127.0.0.1"), "without the bound of a source");
    drop(taken);
    // The server learns of the end by itself; until then it closes what comes.
    while ask(from("127.0.0.2", server.address).await).await.is_empty() {}
}

#[tokio::test]
async fn it_ends_when_open_requests_are_answered_and_not_later_than_it_may() {
    static REACHED: Notify = Notify::const_new();
    static GO_ON: Notify = Notify::const_new();
    let slow = || async {
        REACHED.notify_one();
        GO_ON.notified().await;
        "answered"
    };
    let app = app().route("/slow", get(slow)).route("/never", get(std::future::pending::<()>));
    let server = serving(app.clone(), |server| server.grace(Duration::from_secs(3600))).await;
    let mut stream = from("127.0.0.1", server.address).await;
    let mut idle = from("127.0.0.1", server.address).await;
    stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    REACHED.notified().await;
    server.stop.send(()).unwrap();
    assert_eq!(until_closed(&mut idle).await, "", "idle connections end at once");
    assert!(!server.ended.is_finished(), "a request is still open");
    GO_ON.notify_one();
    assert!(until_closed(&mut stream).await.ends_with("answered"));
    server.ended.await.unwrap().unwrap();

    let server = serving(app, |server| server.grace(Duration::from_millis(50))).await;
    let mut stream = from("127.0.0.1", server.address).await;
    stream.write_all(b"GET /never HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    server.stop.send(()).unwrap();
    server.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_proxy_that_is_no_address_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = Server::new(app()).trusted_proxies(["proxy"]).serve(listener, std::future::pending()).await;
    assert_eq!(refused.unwrap_err(), WebError::Proxy("proxy".to_owned()));
}
