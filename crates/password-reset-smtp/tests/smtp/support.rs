//! Support for the tests.

pub(crate) mod authority;
pub(crate) mod proxy;
pub(crate) mod server;

use std::error::Error;

use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_smtp::SmtpNotifier;

use self::authority::Authority;
use self::proxy::Proxy;
use self::server::MailServer;

pub(crate) const FROM: &str = "no-reply@toko.example";

/// A server with STARTTLS and sign-in, and a proxy in front of it.
pub(crate) struct Site {
    pub(crate) server: MailServer,
    pub(crate) proxy: Proxy,
    pub(crate) authority: Authority,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let authority = Authority::new();
        let server = MailServer::with_starttls(&authority.issue("localhost"));
        let proxy = Proxy::start(server.port).await;
        Self { server, proxy, authority }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://mailer:{}@localhost:{}", server::PASSWORD, self.proxy.port)
    }

    pub(crate) fn notifier(&self) -> SmtpNotifier {
        SmtpNotifier::new(&self.url(), FROM).unwrap().with_root_certificate(self.authority.pem().as_bytes()).unwrap()
    }
}

#[track_caller]
pub(crate) fn assert_delivered(delivery: &Delivery) {
    assert!(matches!(delivery, Delivery::Delivered), "{delivery:?}");
}

/// The error of a `Later`.
#[track_caller]
pub(crate) fn later(delivery: Delivery) -> PortError {
    match delivery {
        Delivery::Later { why, .. } => why,
        other => panic!("expected Later, got {other:?}"),
    }
}

#[track_caller]
pub(crate) fn never(delivery: Delivery) -> String {
    match delivery {
        Delivery::Never { why } | Delivery::NoSuchContact { why } => why,
        other => panic!("expected Never, got {other:?}"),
    }
}

/// Everything that an error can print.
pub(crate) fn printed(error: &PortError) -> String {
    let mut out = format!("{error} {error:?}");
    let mut next = error.source();
    while let Some(source) = next {
        out.push_str(&format!(" {source} {source:?}"));
        next = source.source();
    }
    out
}
