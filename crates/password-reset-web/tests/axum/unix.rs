//! Unix domain sockets: our server, and axum's.

use password_reset_axum::{Server, Web, WebError};
use tokio::net::UnixListener;
use tokio::sync::oneshot;

use crate::over_unix::{Socket, ask, clients_have_quotas, two_an_hour};
use crate::silence::listen;
use crate::support::App;

#[tokio::test]
async fn our_server_serves_a_proxy_that_connects_to_a_socket() {
    let (app, socket) = (App::new(), Socket::new("server"));
    let pages = Web::new(app.reset.clone()).trusted_proxies(["unix"]).limits(two_an_hour()).build().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let listener = UnixListener::bind(socket.path()).unwrap();
    // Connections of a proxy are those of many clients: they have the whole, and no more.
    let server = Server::new(pages).connections(3).connections_per_source(1).trusted_proxies(["unix"]);
    let ended = tokio::spawn(server.serve_unix(listener, async move { stopped.await.unwrap_or_default() }));
    clients_have_quotas(&socket.path()).await;
    stop.send(()).unwrap();
    ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_does_not_trust_what_connects_to_its_socket_does_not_start() {
    let (app, socket) = (App::new(), Socket::new("refused"));
    let pages = || Web::new(app.reset.clone()).build().unwrap();
    for proxies in [&[][..], &["127.0.0.1"], &["count:1", "10.0.0.0/8"]] {
        let listener = UnixListener::bind(socket.path()).unwrap();
        let server = Server::new(pages()).trusted_proxies(proxies.iter().copied());
        let refused = server.serve_unix(listener, std::future::ready(())).await.unwrap_err();
        assert_eq!(refused, WebError::UnixPeer, "{proxies:?}");
        assert!(refused.to_string().contains("add \"unix\""), "{refused}");
        std::fs::remove_file(socket.path()).unwrap();
    }
    for proxies in [["unix"], ["count:1"], ["header:x-real-ip"]] {
        let listener = UnixListener::bind(socket.path()).unwrap();
        Server::new(pages()).trusted_proxies(proxies).serve_unix(listener, std::future::ready(())).await.unwrap();
        std::fs::remove_file(socket.path()).unwrap();
    }
}

#[tokio::test]
async fn axums_server_serves_the_pages_over_a_socket_once_its_proxy_is_trusted() {
    let app = App::new();
    for (name, proxies) in [("trusted", &["unix"][..]), ("counted", &["count:1"])] {
        let socket = Socket::new(name);
        let pages = Web::new(app.reset.clone()).trusted_proxies(proxies.iter().copied()).limits(two_an_hour());
        let pages = pages.build().unwrap();
        let listener = UnixListener::bind(socket.path()).unwrap();
        tokio::spawn(async move { axum::serve(listener, pages).await });
        clients_have_quotas(&socket.path()).await;
    }

    let socket = Socket::new("untrusted");
    let pages = Web::new(app.reset.clone()).trusted_proxies(["127.0.0.1"]).build().unwrap();
    let listener = UnixListener::bind(socket.path()).unwrap();
    let (log, guard) = listen();
    tokio::spawn(async move { axum::serve(listener, pages).await });
    assert_eq!(ask(&socket.path(), Some("198.51.100.1")).await, 500, "all would share one quota");
    drop(guard);
    assert!(log.text().contains("trusted_proxies([\"unix\"])"), "{}", log.text());
}
