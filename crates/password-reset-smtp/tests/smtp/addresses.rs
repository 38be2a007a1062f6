//! Addresses and names that try to inject others.

use password_reset::Locale;
use password_reset::ports::Notifier;
use password_reset_smtp::SmtpNotifier;
use password_reset_testkit::messages::{TO, reset_at_site, reset_to};

use crate::support::proxy::Proxy;
use crate::support::server::MailServer;
use crate::support::{FROM, assert_delivered, never};

const HOSTILE: &[&str] = &[
    "",
    " ",
    "budi",
    "@pelanggan.example",
    "budi@",
    "budi@pelanggan.example,jahat@evil.example",
    "budi@pelanggan.example;jahat@evil.example",
    "budi@pelanggan.example jahat@evil.example",
    "budi@pelanggan.example\njahat@evil.example",
    "budi@pelanggan.example\r\nBcc: jahat@evil.example",
    "budi@pelanggan.example>\r\nRCPT TO:<jahat@evil.example",
    "budi@pelanggan.example\r",
    "budi@pelanggan.example\n",
    "budi@pelanggan.example\0",
    "bu\0di@pelanggan.example",
    "bu\u{1b}di@pelanggan.example",
    "budi@pelanggan\u{85}.example",
    "budi@pelanggan\u{2028}.example",
    "Budi <budi@pelanggan.example>",
    "\"Budi\" <budi@pelanggan.example>",
    "<budi@pelanggan.example>",
    "budi@pelanggan.example> BODY=8BITMIME SIZE=<1",
    "@evil.example:budi@pelanggan.example",
    "\"budi jahat\"@pelanggan.example",
    "budi(jahat@evil.example)@pelanggan.example",
    "budi@[127.0.0.1]",
    "-oQ/tmp@pelanggan.example -X/tmp/x",
    "budi@jahat@pelanggan.example",
    "budí@pelanggan.example",
    "budi@pelanggan.example\u{202e}",
];

#[tokio::test]
async fn an_address_that_is_not_one_plain_address_is_not_sent() {
    let server = MailServer::plain();
    let proxy = Proxy::start(server.port).await;
    let notifier = SmtpNotifier::new(&format!("smtp://127.0.0.1:{}", proxy.port), FROM).unwrap();
    for address in HOSTILE {
        let why = never(notifier.deliver(&reset_to(address)).await);
        assert!(!why.contains("pelanggan") && !why.contains("budi"), "{why}");
    }
    assert_eq!(proxy.accepted(), 0);
    // The proxy does count connections.
    assert_delivered(&notifier.deliver(&reset_to(TO)).await);
    assert_eq!(proxy.accepted(), 1);
}

#[tokio::test]
async fn a_domain_is_sent_as_a_labels_and_the_local_part_unchanged() {
    let server = MailServer::plain();
    let notifier = SmtpNotifier::new(&format!("smtp://127.0.0.1:{}", server.port), "a@tökö.example").unwrap();
    assert_delivered(&notifier.deliver(&reset_to("Budi.S+x@bücher.example")).await);
    let received = server.only();
    assert_eq!(received.to, ["Budi.S+x@xn--bcher-kva.example"]);
    assert_eq!(received.from, "a@xn--tk-fkab.example");
    let message = mail_parser::MessageParser::default().parse(&received.content).unwrap();
    let to = message.to().unwrap().as_list().unwrap();
    assert_eq!((to.len(), to[0].address()), (1, Some("Budi.S+x@xn--bcher-kva.example")));
}

/// The sender is always the configured one.
#[tokio::test]
async fn a_site_name_changes_only_the_display_name_and_the_subject() {
    let server = MailServer::plain();
    let notifier = SmtpNotifier::new(&format!("smtp://127.0.0.1:{}", server.port), FROM).unwrap();
    let names = [
        "Toko\r\nBcc: jahat@evil.example",
        "Toko\r\n.\r\nMAIL FROM:<jahat@evil.example>",
        "Toko\n\nbody",
        "Toko <jahat@evil.example>, x",
        "jahat@evil.example",
        "\"Toko\" <jahat@evil.example>",
        "Toko\0",
        "=?utf-8?q?jahat=40evil.example?=",
        ".",
        "",
        "Tökö ☃",
    ];
    for name in names {
        assert_delivered(&notifier.deliver(&reset_at_site(name, Locale::INDONESIAN)).await);
    }
    let received = server.received();
    assert_eq!(received.len(), names.len(), "one message each");
    for (received, name) in received.iter().zip(names) {
        assert_eq!((received.from.as_str(), received.to.as_slice()), (FROM, &[TO.to_owned()][..]), "{name:?}");
        let message = mail_parser::MessageParser::default().parse(&received.content).unwrap();
        let from = message.from().unwrap().as_list().unwrap();
        assert_eq!((from.len(), from[0].address()), (1, Some(FROM)), "{name:?}");
        // The name arrives unchanged, on one line and not as an encoded word.
        let on_one_line = name.replace("\r\n", " ").replace("\n\n", " ").replace('\0', "").replace("=?", "= ?");
        assert_eq!(from[0].name().unwrap_or_default(), on_one_line);
        let reference = reset_at_site(name, Locale::INDONESIAN).reset().reference();
        let subject = format!("Atur ulang kata sandi Anda di {on_one_line} ({reference})");
        assert_eq!(message.subject(), Some(subject.as_str()));
        let to = message.to().unwrap().as_list().unwrap();
        assert_eq!((to.len(), to[0].address()), (1, Some(TO)), "{name:?}");
        assert!(message.bcc().is_none() && message.cc().is_none(), "{name:?}");
        assert_eq!(message.parts.len(), 3, "{name:?}");
    }
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let notifier = || SmtpNotifier::new("smtps://mail.example.com", FROM).unwrap();
    for name in ["", "a b", "a\r\nMAIL", "a\0", "-a.example", "a_b"] {
        assert!(notifier().with_hello_name(name).is_err_and(|error| error.field == "EHLO name"), "{name:?}");
    }
    let nothing = std::time::Duration::ZERO;
    assert!(notifier().with_timeout(nothing).is_err_and(|error| error.field == "timeout"));
    assert!(notifier().with_connections(0).is_err_and(|error| error.field == "connections"));
    assert!(notifier().with_connections(1001).is_err_and(|error| error.field == "connections"));
    assert!(notifier().with_root_certificate(b"x").is_err_and(|error| error.field == "root certificate"));
}
