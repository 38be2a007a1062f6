//! The outcome of every reply of the server.

use password_reset::ports::Notifier;
use password_reset_smtp::SmtpNotifier;
use password_reset_testkit::messages::{TO, reset};

use crate::support::proxy::Proxy;
use crate::support::server::{MailServer, Step};
use crate::support::{FROM, Site, assert_delivered, later, never, printed};

#[derive(Clone, Copy, Debug)]
enum Means {
    /// `Later`, with a transient error.
    Later,
    /// `Later`, with a permanent error.
    Mend,
    /// `NoSuchContact`, with this reason.
    NoMailbox(&'static str),
    /// `Never`, with this reason.
    Never(&'static str),
}

const TABLE: &[(Step, u16, &str, Means)] = &[
    (Step::Hello, 421, "4.3.2 not now", Means::Later),
    (Step::Hello, 450, "not now", Means::Later),
    (Step::Hello, 550, "5.7.1 we do not know you", Means::Mend),
    (Step::SignIn, 454, "4.7.0 sign-in is down", Means::Later),
    (Step::SignIn, 535, "5.7.8 wrong password", Means::Mend),
    (Step::SignIn, 550, "5.7.1 account closed", Means::Mend),
    (Step::Mail, 421, "4.4.2 bye", Means::Later),
    (Step::Mail, 451, "4.3.0 not now", Means::Later),
    (Step::Mail, 530, "5.7.0 sign in first", Means::Mend),
    (Step::Mail, 550, "5.7.1 not your address", Means::Mend),
    (Step::Mail, 553, "5.7.1 not your address", Means::Mend),
    (Step::Rcpt, 421, "4.4.2 bye", Means::Later),
    (Step::Rcpt, 450, "4.2.1 try budi@pelanggan.example later", Means::Later),
    (Step::Rcpt, 452, "4.2.2 budi@pelanggan.example is full", Means::Later),
    (Step::Rcpt, 530, "5.7.0 sign in first", Means::Mend),
    (Step::Rcpt, 550, "5.1.1 <budi@pelanggan.example>: no such user", Means::NoMailbox("550 5.1.1")),
    (Step::Rcpt, 550, "5.2.1 the mailbox of budi@pelanggan.example is inactive", Means::NoMailbox("550 5.2.1")),
    (Step::Rcpt, 550, "5.4.1 Recipient address rejected: Access denied", Means::NoMailbox("550 5.4.1")),
    // Without an enhanced code nothing is the recipient's fault.
    (Step::Rcpt, 550, "budi@pelanggan.example unknown", Means::Mend),
    (Step::Rcpt, 550, "relay not permitted", Means::Mend),
    (Step::Rcpt, 550, "Connection frequency limited", Means::Mend),
    (Step::Rcpt, 551, "User not local; please try forward", Means::Mend),
    (Step::Rcpt, 553, "sorry, that domain isn't in my list of allowed rcpthosts", Means::Mend),
    (Step::Rcpt, 554, "delivery error: this user has no account", Means::Mend),
    (Step::Rcpt, 550, "5.7.1 policy against budi@pelanggan.example", Means::Mend),
    (Step::Rcpt, 554, "5.7.1 <budi@pelanggan.example>: Relay access denied", Means::Mend),
    (Step::Rcpt, 553, "5.7.1 <no-reply@toko.example>: Sender address rejected: not owned by user mailer", Means::Mend),
    (Step::Rcpt, 550, "5.1.1 <no-reply@toko.example>: Sender address rejected: User unknown", Means::Mend),
    (Step::Rcpt, 550, "5.1.7 bad sender", Means::Mend),
    (Step::Rcpt, 501, "5.1.8 bad sender domain", Means::Mend),
    (Step::Rcpt, 550, "5.3.2 not accepting mail", Means::Mend),
    (Step::Rcpt, 550, "5.2.1 budi@pelanggan.example gets mail at a rate that prevents more", Means::Mend),
    (Step::Rcpt, 556, "5.1.10 the domain of budi@pelanggan.example takes none", Means::NoMailbox("556 5.1.10")),
    (Step::Rcpt, 552, "5.2.2 budi@pelanggan.example is full", Means::Never("552 5.2.2")),
    (Step::Data, 451, "4.3.0 not now", Means::Later),
    (Step::Data, 554, "5.5.1 no valid recipients", Means::Mend),
    (Step::Data, 550, "5.4.5 Daily user sending limit exceeded", Means::Mend),
    (Step::Content, 451, "4.7.1 greylisted budi@pelanggan.example", Means::Later),
    (Step::Content, 552, "5.3.4 too big", Means::Never("552 5.3.4")),
    (Step::Content, 554, "5.6.0 malformed", Means::Never("554 5.6.0")),
    (Step::Content, 550, "5.1.1 budi@pelanggan.example does not exist", Means::NoMailbox("550 5.1.1")),
    (Step::Content, 550, "5.4.5 Daily user sending limit exceeded", Means::Mend),
    (Step::Content, 554, "5.7.1 spam for budi@pelanggan.example", Means::Mend),
    (Step::Content, 550, "5.7.26 unauthenticated", Means::Mend),
    (Step::Content, 554, "Message rejected: Email address is not verified", Means::Mend),
    (Step::Content, 552, "too much", Means::Mend),
];

#[tokio::test]
async fn every_reply_has_its_outcome_and_the_next_mail_goes_out() {
    for (step, code, text, means) in TABLE {
        let site = Site::start().await;
        let notifier = site.notifier();
        site.server.answer(*step, *code, text);
        let delivery = notifier.deliver(&reset(1)).await;
        let shown = match means {
            Means::Later | Means::Mend => {
                let error = later(delivery);
                assert_eq!(error.is_transient(), matches!(means, Means::Later), "{step:?} {code}: {error}");
                assert!(error.code().is_some_and(|kept| kept.starts_with(&code.to_string())), "{:?}", error.code());
                let shown = format!("{} {}", printed(&error), error.code().unwrap_or_default());
                assert!(shown.contains(&code.to_string()), "{shown}");
                shown
            }
            Means::NoMailbox(expected) => {
                let password_reset::ports::Delivery::NoSuchContact { why } = delivery else {
                    panic!("{step:?} {code}: {delivery:?}")
                };
                assert_eq!(why, *expected, "{step:?} {code}");
                why
            }
            Means::Never(expected) => {
                let why = never(delivery);
                assert_eq!(why, *expected, "{step:?} {code}");
                why
            }
        };
        assert!(!shown.contains(TO) && !shown.contains("pelanggan"), "{shown}");
        assert!(site.server.received().is_empty(), "{step:?} {code}");
        assert_delivered(&notifier.deliver(&reset(2)).await);
        assert_eq!(site.server.only().to, [TO], "{step:?} {code}");
    }
}

#[tokio::test]
async fn a_refused_recipient_does_not_cost_the_connection() {
    let server = MailServer::plain();
    let proxy = Proxy::start(server.port).await;
    let notifier = SmtpNotifier::new(&format!("smtp://127.0.0.1:{}", proxy.port), FROM).unwrap();
    for id in 0..5 {
        server.answer(Step::Rcpt, 550, "5.1.1 no such user");
        assert_eq!(never(notifier.deliver(&reset(id)).await), "550 5.1.1");
    }
    assert_delivered(&notifier.deliver(&reset(9)).await);
    assert_eq!(proxy.accepted(), 1);
}

/// This server drops the sign-in on RSET, as some servers do against the standard.
#[tokio::test]
async fn a_dropped_sign_in_is_repeated() {
    let site = Site::start().await;
    let notifier = site.notifier();
    site.server.answer(Step::Rcpt, 550, "5.1.1 no such user");
    assert_eq!(never(notifier.deliver(&reset(1)).await), "550 5.1.1");
    assert_delivered(&notifier.deliver(&reset(2)).await);
    assert_eq!(site.server.only().user, "mailer");
}
