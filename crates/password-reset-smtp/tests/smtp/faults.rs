//! Broken servers, broken connections, and attackers on the network.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use password_reset::ports::Notifier;
use password_reset_smtp::SmtpNotifier;
use password_reset_testkit::messages::reset;
use tokio::net::TcpListener;

use crate::support::authority::Authority;
use crate::support::proxy::{Fault, Proxy};
use crate::support::server::{self, MailServer, Step};
use crate::support::{FROM, Site, assert_delivered, later, printed};

/// A server without TLS behind a proxy.
async fn plain() -> (MailServer, Proxy, SmtpNotifier) {
    let server = MailServer::plain();
    let proxy = Proxy::start(server.port).await;
    let notifier = SmtpNotifier::new(&format!("smtp://127.0.0.1:{}", proxy.port), FROM).unwrap();
    (server, proxy, notifier)
}

#[tokio::test]
async fn a_connection_that_breaks_at_any_command_is_later() {
    for word in ["EHLO", "MAIL FROM", "RCPT TO", "DATA\r\n", "Content-Type", "\r\n.\r\n"] {
        let (server, proxy, notifier) = plain().await;
        proxy.set(Fault::CloseAt(word));
        let error = later(notifier.deliver(&reset(1)).await);
        assert!(error.is_transient(), "{word:?}: {error}");
        assert!(server.received().is_empty(), "{word:?}: nothing that is half said may count");
        proxy.set(None);
        assert_delivered(&notifier.deliver(&reset(1)).await);
        assert_eq!(server.received().len(), 1, "{word:?}");
    }
}

#[tokio::test]
async fn a_silent_server_is_later_and_its_connection_is_not_reused() {
    for fault in [
        Fault::NoGreeting,
        Fault::SilenceAfter("EHLO"),
        Fault::SilenceAfter("MAIL FROM"),
        Fault::SilenceAfter("DATA\r\n"),
        Fault::SilenceAfter("\r\n.\r\n"),
    ] {
        let (_server, proxy, notifier) = plain().await;
        let notifier = notifier.with_timeout(Duration::from_millis(200)).unwrap();
        proxy.set(fault);
        let error = later(notifier.deliver(&reset(1)).await);
        assert!(error.is_transient(), "{fault:?}: {error}");
        assert!(error.to_string().contains("timed out"), "{fault:?}: {error}");
        proxy.set(None);
        assert_delivered(&notifier.with_timeout(Duration::from_secs(20)).unwrap().deliver(&reset(2)).await);
        assert_eq!(proxy.accepted(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_delivery_that_times_out_does_not_block_the_others() {
    let (server, proxy, notifier) = plain().await;
    let notifier = notifier.with_connections(1).unwrap().with_timeout(Duration::from_secs(20)).unwrap();
    proxy.set(Fault::SilenceAfter("DATA\r\n"));
    let given_up = tokio::time::timeout(Duration::from_millis(200), notifier.deliver(&reset(1))).await;
    given_up.unwrap_err();
    proxy.set(None);
    assert_delivered(&notifier.deliver(&reset(2)).await);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn an_unreachable_server_is_later() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    for scheme in ["smtp", "smtps"] {
        let notifier = SmtpNotifier::new(&format!("{scheme}://127.0.0.1:{port}"), FROM).unwrap();
        let error = later(notifier.deliver(&reset(1)).await);
        assert!(error.is_transient(), "{error}");
    }
}

/// Without STARTTLS the notifier sends neither mail nor password.
#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let server = MailServer::plain();
    let url = format!("smtp://mailer:{}@localhost:{}", server::PASSWORD, server.port);
    let error = later(SmtpNotifier::new(&url, FROM).unwrap().deliver(&reset(1)).await);
    assert!(!error.is_transient(), "{error}");
    assert_eq!(server.commands(), [Step::Hello]);
}

/// A URL without credentials has no sign-in that would fail first: the offer of STARTTLS alone decides.
#[tokio::test]
async fn without_credentials_a_server_without_starttls_gets_nothing() {
    let server = MailServer::plain();
    let proxy = Proxy::start(server.port).await;
    // An address that is not loopback, and leads there.
    let notifier = SmtpNotifier::new(&format!("smtp://0.0.0.0:{}", proxy.port), FROM).unwrap();
    for attempt in 1..=2 {
        let error = later(notifier.deliver(&reset(1)).await);
        assert!(!error.is_transient(), "{error}");
        assert!(!notifier.check().await.unwrap_err().is_transient());
        assert_eq!(proxy.accepted(), attempt * 2, "no connection in the clear is kept for the next mail");
    }
    assert_eq!(server.commands(), [Step::Hello; 4], "neither sender nor recipient is named in the clear");
    // The same server takes the mail where the URL says that the connection stays on this machine.
    for host in ["localhost", "127.0.0.1"] {
        let local = SmtpNotifier::new(&format!("smtp://{host}:{}", proxy.port), FROM).unwrap();
        assert_delivered(&local.deliver(&reset(1)).await);
    }
}

/// An attacker on the network takes the offer out of the server's answer to EHLO.
#[tokio::test]
async fn an_offer_of_starttls_that_is_taken_out_on_the_way_stops_the_mail() {
    let authority = Authority::new();
    let server = MailServer::with_starttls_alone(&authority.issue("localhost"));
    let proxy = Proxy::start(server.port).await;
    proxy.set(Fault::Replace("STARTTLS", "XXXXXXXX"));
    let notifier = SmtpNotifier::new(&format!("smtp://localhost:{}", proxy.port), FROM)
        .unwrap()
        .with_root_certificate(authority.pem().as_bytes())
        .unwrap();
    let error = later(notifier.deliver(&reset(1)).await);
    assert!(!error.is_transient(), "{error}");
    assert_eq!(server.commands(), [Step::Hello]);
    proxy.set(None);
    assert_delivered(&notifier.deliver(&reset(2)).await);
}

#[tokio::test]
async fn an_unknown_authority_is_refused() {
    let site = Site::start().await;
    let stranger = Authority::new();
    let unconfigured = SmtpNotifier::new(&site.url(), FROM).unwrap();
    let mistaken =
        SmtpNotifier::new(&site.url(), FROM).unwrap().with_root_certificate(stranger.pem().as_bytes()).unwrap();
    for notifier in [unconfigured, mistaken] {
        let error = later(notifier.deliver(&reset(1)).await);
        assert!(!error.is_transient(), "{error}");
        assert!(printed(&error).contains("certificate"), "{}", printed(&error));
    }
    assert_eq!(site.server.commands(), [Step::Hello, Step::Hello]);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let other = authority.issue("other.example");
    let starttls = MailServer::with_starttls(&other);
    let plain = MailServer::plain();
    let at_once = Proxy::start_tls(plain.port, &other).await;
    for url in [
        format!("smtp://mailer:{}@localhost:{}", server::PASSWORD, starttls.port),
        format!("smtps://localhost:{}", at_once.port),
    ] {
        let notifier =
            SmtpNotifier::new(&url, FROM).unwrap().with_root_certificate(authority.pem().as_bytes()).unwrap();
        let error = later(notifier.deliver(&reset(1)).await);
        assert!(!error.is_transient(), "{error}");
    }
    assert_eq!(starttls.commands(), [Step::Hello]);
    assert_eq!(plain.commands(), []);
}

#[tokio::test]
async fn a_server_without_tls_on_a_tls_port_gets_nothing() {
    let server = MailServer::plain();
    let notifier = SmtpNotifier::new(&format!("smtps://localhost:{}", server.port), FROM).unwrap();
    let error = later(notifier.deliver(&reset(1)).await);
    assert!(!error.is_transient(), "{error}");
    assert!(server.commands().is_empty());
}

#[tokio::test]
async fn a_wrong_password_is_a_permanent_error_and_is_not_shown() {
    let site = Site::start().await;
    let url = format!("smtp://mailer:hunter2-is-wrong@localhost:{}", site.proxy.port);
    let notifier =
        SmtpNotifier::new(&url, FROM).unwrap().with_root_certificate(site.authority.pem().as_bytes()).unwrap();
    for error in [later(notifier.deliver(&reset(1)).await), notifier.check().await.unwrap_err()] {
        assert!(!error.is_transient(), "{error}");
        let shown = format!("{} {notifier:?}", printed(&error));
        assert!(shown.contains("535"), "{shown}");
        assert!(!shown.contains("hunter2") && !shown.contains("mailer"), "{shown}");
    }
}

#[tokio::test]
async fn a_server_without_sign_in_is_a_permanent_error() {
    let authority = Authority::new();
    let server = MailServer::with_starttls_alone(&authority.issue("localhost"));
    let url = format!("smtp://mailer:{}@localhost:{}", server::PASSWORD, server.port);
    let notifier = SmtpNotifier::new(&url, FROM).unwrap().with_root_certificate(authority.pem().as_bytes()).unwrap();
    assert!(!later(notifier.deliver(&reset(1)).await).is_transient());
    assert_eq!(server.commands(), [Step::Hello, Step::Hello]);
}

/// Bytes that an attacker injects after the reply to STARTTLS must not count as a reply of the server (CVE-2011-0411 and its
/// successors).
#[tokio::test]
async fn bytes_injected_before_the_handshake_are_ignored() {
    let site = Site::start().await;
    site.proxy.set(Fault::Inject("220 Ready to start TLS\r\n", "250-evil.example\r\n250 AUTH PLAIN\r\n250 OK\r\n"));
    later(site.notifier().deliver(&reset(1)).await);
    assert_eq!(site.server.commands(), [Step::Hello], "no password, no mail");
}

#[tokio::test]
async fn a_server_that_does_not_speak_smtp_is_later() {
    let (_server, proxy, notifier) = plain().await;
    proxy.set(Fault::Inject("220 ", "HTTP/1.1 400 budi@pelanggan.example\r\n\r\n"));
    let error = later(notifier.deliver(&reset(1)).await);
    assert!(error.is_transient(), "{error}");
    assert!(!printed(&error).contains("pelanggan"), "{}", printed(&error));
}

/// Outside of Tokio the outcome is an error and not a panic.
#[test]
fn without_a_runtime_the_outcome_names_what_is_missing() {
    let notifier = SmtpNotifier::new("smtp://localhost:1", FROM).unwrap();
    let message = reset(1);
    let mut delivery = pin!(notifier.deliver(&message));
    let Poll::Ready(delivery) = delivery.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits for something")
    };
    assert!(later(delivery).to_string().contains("Tokio"));
}
