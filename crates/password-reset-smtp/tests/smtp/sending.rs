//! Successful deliveries on the wire.

use std::sync::Arc;
use std::time::Duration;

use password_reset::ports::Notifier;
use password_reset::{ContactKind, Locale};
use password_reset_smtp::{Bounce, SmtpNotifier};
use password_reset_testkit::FakeClock;
use password_reset_testkit::messages::{TO, changed_body, message, requested_at, reset};

use crate::support::authority::Authority;
use crate::support::proxy::Proxy;
use crate::support::server::{MailServer, Step};
use crate::support::{FROM, Site, assert_delivered};

#[tokio::test]
async fn over_starttls_with_sign_in_one_mail_goes_to_one_address() {
    let site = Site::start().await;
    let notifier = site.notifier().with_hello_name("app.toko.example").unwrap();
    assert_eq!(notifier.reaches(), ContactKind::Email);
    assert_delivered(&notifier.deliver(&reset(1)).await);
    let received = site.server.only();
    assert_eq!(received.from, FROM);
    assert_eq!(received.to, [TO]);
    assert_eq!(received.hello, "app.toko.example");
    // The server accepts a password over TLS only.
    assert_eq!(received.user, "mailer");
    let steps = [Step::Hello, Step::Hello, Step::SignIn, Step::Mail, Step::Rcpt, Step::Data, Step::Content];
    assert_eq!(site.server.commands(), steps);
}

#[tokio::test]
async fn over_tls_from_the_first_byte() {
    let authority = Authority::new();
    let server = MailServer::plain();
    let proxy = Proxy::start_tls(server.port, &authority.issue("localhost")).await;
    let notifier = SmtpNotifier::new(&format!("smtps://localhost:{}", proxy.port), FROM)
        .unwrap()
        .with_root_certificate(authority.pem().as_bytes())
        .unwrap();
    assert_delivered(&notifier.deliver(&reset(1)).await);
    assert_eq!(server.only().to, [TO]);
}

#[tokio::test]
async fn without_tls_to_a_server_on_this_machine() {
    let server = MailServer::plain();
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let notifier = SmtpNotifier::new(&url, FROM).unwrap();
    assert_delivered(&notifier.deliver(&reset(1)).await);
    assert_eq!(server.only().to, [TO]);
}

#[tokio::test]
async fn twenty_mails_go_over_one_connection() {
    let site = Site::start().await;
    let notifier = site.notifier();
    for id in 0..20 {
        assert_delivered(&notifier.deliver(&reset(id)).await);
    }
    assert_eq!(site.server.received().len(), 20);
    assert_eq!(site.proxy.accepted(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_connections_are_limited() {
    let site = Site::start().await;
    let notifier = Arc::new(site.notifier().with_connections(3).unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for id in 0..20 {
        let notifier = Arc::clone(&notifier);
        tasks.spawn(async move { notifier.deliver(&reset(id)).await });
    }
    while let Some(delivery) = tasks.join_next().await {
        assert_delivered(&delivery.unwrap());
    }
    assert_eq!(site.server.received().len(), 20);
    // No connection is closed in this test, so the total equals the number of concurrent ones.
    assert!(site.proxy.accepted() <= 3, "{}", site.proxy.accepted());
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let site = Site::start().await;
    let notifier = site.notifier();
    assert_delivered(&notifier.deliver(&reset(1)).await);
    site.proxy.hang_up().await;
    assert_delivered(&notifier.deliver(&reset(2)).await);
    assert_eq!(site.server.received().len(), 2);
    assert_eq!(site.proxy.accepted(), 2);
}

#[tokio::test]
async fn a_connection_that_was_idle_for_long_is_not_reused() {
    let site = Site::start().await;
    let notifier = site.notifier();
    for (wait, connections) in [(0, 1), (45, 1), (55, 2)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(wait)).await;
        tokio::time::resume();
        assert_delivered(&notifier.deliver(&reset(1)).await);
        assert_eq!(site.proxy.accepted(), connections, "after {wait} seconds");
    }
}

#[tokio::test]
async fn a_connection_that_the_server_ends_with_421_is_replaced() {
    let site = Site::start().await;
    let notifier = site.notifier();
    assert_delivered(&notifier.deliver(&reset(1)).await);
    site.server.answer(Step::Mail, 421, "4.4.2 idle for too long");
    assert_delivered(&notifier.deliver(&reset(2)).await);
    assert_eq!(site.server.received().len(), 2);
    assert_eq!(site.proxy.accepted(), 2);
}

#[tokio::test]
async fn a_repeated_message_has_the_same_bytes_and_another_one_another_id() {
    let site = Site::start().await;
    let notifier = site.notifier().with_clock(Arc::new(FakeClock::at(requested_at())));
    let again = site.notifier().with_clock(Arc::new(FakeClock::at(requested_at())));
    let other = message(9, TO, "Toko Contoh", Locale::ENGLISH, changed_body());
    assert_delivered(&notifier.deliver(&reset(1)).await);
    assert_delivered(&again.deliver(&reset(1)).await);
    assert_delivered(&notifier.deliver(&other).await);
    let received = site.server.received();
    assert_eq!(received[0].content, received[1].content);
    let id = |content: &[u8]| {
        let message = mail_parser::MessageParser::default().parse(content).unwrap();
        message.message_id().unwrap().to_owned()
    };
    assert_eq!(
        id(&received[0].content),
        "01010101010101010101010101010101-01010101010101010101010101010101@toko.example"
    );
    assert_eq!(
        id(&received[2].content),
        "09090909090909090909090909090909-09090909090909090909090909090909@toko.example"
    );
}

#[tokio::test]
async fn a_check_connects_and_signs_in_and_sends_nothing() {
    let site = Site::start().await;
    let notifier = site.notifier();
    notifier.check().await.unwrap();
    assert_eq!(site.server.commands(), [Step::Hello, Step::Hello, Step::SignIn]);
    assert_delivered(&notifier.deliver(&reset(1)).await);
    assert_eq!(site.proxy.accepted(), 1, "the first message uses its connection");
}

/// What a bounce names, and a service's webhook hands back.
#[tokio::test]
async fn a_mail_carries_its_reference_where_a_service_hands_it_back() {
    let server = MailServer::plain();
    let notifier = SmtpNotifier::new(&format!("smtp://127.0.0.1:{}", server.port), FROM).unwrap();
    assert_delivered(&notifier.deliver(&reset(9)).await);
    let text = String::from_utf8(server.only().content).unwrap();
    let reference = Bounce::reference_for(&reset(9));
    assert!(text.contains(&format!("\r\nMessage-ID: <{reference}@toko.example>\r\n")), "{text}");
    assert!(text.contains(&format!("\r\nX-PM-Metadata-{}: {reference}\r\n", Bounce::FIELD)), "{text}");
}
