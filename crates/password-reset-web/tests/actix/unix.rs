//! Unix domain sockets of actix-web.

use actix_web::{App, HttpServer};
use password_reset_actix::Web;

use crate::over_unix::{Socket, ask, clients_have_quotas, two_an_hour};
use crate::support;

#[tokio::test]
async fn actix_serves_the_pages_over_a_socket_once_its_proxy_is_trusted() {
    let app = support::App::new();
    for (name, proxies, works) in [("actix", "unix", true), ("actix-untrusted", "127.0.0.1", false)] {
        let socket = Socket::new(name);
        let pages = Web::new(app.reset.clone()).trusted_proxies([proxies]).limits(two_an_hour()).build().unwrap();
        let server = HttpServer::new(move || App::new().service(pages.clone())).workers(1).disable_signals();
        tokio::spawn(server.bind_uds(socket.path()).unwrap().run());
        if works {
            clients_have_quotas(&socket.path()).await;
        } else {
            assert_eq!(ask(&socket.path(), Some("198.51.100.1")).await, 500, "all would share one quota");
        }
    }
}
