//! Two nodes of the application, which share only a Postgres database.

use password_reset::KeyRing;
use password_reset_postgres_server::Server;
use thirtyfour::prelude::*;

use super::whatsapp::CITRA;
use crate::support::{Shape, Site, browse, random_keys};

const NEW: &str = "Melati-Putih-88";

/// The page waits at one node, and the provider calls the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_at_one_node_advances_the_page_at_the_other() -> WebDriverResult<()> {
    let database = Server::shared().expect("a server").database().await.expect("a database");
    let (keys, port) = (random_keys(), free_port());
    // Clients see one site; the address of the first node stands for the load balancer.
    let node = async |listen: u16| {
        Site::with(|settings| {
            settings.database = database.url();
            settings.keys = KeyRing::parse(&keys).expect("keys");
            settings.listen.set_port(listen);
            settings.origin = Some(format!("http://localhost:{port}"));
        })
        .await
    };
    let (first, second) = (node(port).await, node(0).await);
    browse(&first, Shape::DESKTOP, async |browser| {
        browser.ask("whatsapp", "0812-0000-0003").await?;
        let code = browser.element("#kode").await?.text().await?;
        second.types(CITRA, &code).await;
        browser.until_at("/reset/new").await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        assert!(browser.can_sign_in("081200000003", NEW).await?);
        Ok(browser)
    })
    .await
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}
