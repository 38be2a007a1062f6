//! Services that do not answer, and what is logged of it.

use std::time::Duration;

use password_reset::ports::{Delivery, Notifier};
use password_reset::{Contact, Message};
use password_reset_testkit::Log;
use password_reset_testkit::messages::{CANCEL_SECRET, CODE, LINK_SECRET, TO, reset_body, reset_to};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tracing::Level;

use crate::services::{ALL, KEY, seven};
use crate::stand_in::{Answer, StandIn};

#[tokio::test]
async fn a_silent_or_unreachable_service_is_later_and_transient() {
    for named in ALL {
        let stand_in = StandIn::default();
        let notifier = named.notifier(&stand_in.start().await).with_timeout(Duration::from_millis(200)).unwrap();
        stand_in.fall_silent(true);
        let delivery = notifier.deliver(&seven()).await;
        assert!(matches!(&delivery, Delivery::Later { after: None, why } if why.is_transient()), "{delivery:?}");
        stand_in.fall_silent(false);
        assert!(matches!(notifier.deliver(&seven()).await, Delivery::Delivered), "{named:?}");
        // A port on which no server listens.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let delivery = named.notifier(&format!("http://{free}")).deliver(&seven()).await;
        assert!(matches!(&delivery, Delivery::Later { after: None, why } if why.is_transient()), "{delivery:?}");
    }
}

/// An answer of any size costs no more than its first 64 KiB; its status counts.
#[tokio::test]
async fn an_answer_that_is_too_large_counts_by_its_status() {
    for named in ALL {
        let stand_in = StandIn::default();
        let notifier = named.notifier(&stand_in.start().await);
        let large = format!("{{\"ErrorCode\":406,\"name\":\"invalid_api_key\",\"x\":\"{}\"}}", "x".repeat(1 << 20));
        for (status, is_taken) in [(200, true), (503, false)] {
            stand_in.answer(Answer(status, Vec::new(), large.clone()));
            let delivery = notifier.deliver(&seven()).await;
            assert_eq!(matches!(delivery, Delivery::Delivered), is_taken, "{named:?} {status} {delivery:?}");
        }
        assert!(matches!(notifier.deliver(&seven()).await, Delivery::Delivered), "{named:?}");
    }
}

/// A server that says 200 and then breaks off has taken the mail; one that breaks off before has perhaps.
#[tokio::test]
async fn an_answer_that_breaks_off_counts_by_its_status() {
    for (said, is_taken) in
        [("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", true), ("HTTP/1.1 20", false), ("", false)]
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut read = vec![0; 65_536];
                let _bytes = stream.read(&mut read).await;
                let _written = stream.write_all(said.as_bytes()).await;
            }
        });
        let delivery = ALL[0].notifier(&url).deliver(&seven()).await;
        assert_eq!(matches!(delivery, Delivery::Delivered), is_taken, "{said:?} {delivery:?}");
        assert!(is_taken || matches!(&delivery, Delivery::Later { why, .. } if why.is_transient()), "{delivery:?}");
    }
}

/// Outside of Tokio the outcome is an error and not a panic.
#[test]
fn without_a_runtime_the_outcome_names_what_is_missing() {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};
    let notifier = ALL[0].notifier("http://127.0.0.1:1");
    let message = seven();
    let mut delivery = std::pin::pin!(notifier.deliver(&message));
    let Poll::Ready(delivery) = delivery.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits for something")
    };
    assert!(
        matches!(delivery, Delivery::Later { why, .. } if !why.is_transient() && why.to_string().contains("Tokio"))
    );
}

#[tokio::test]
async fn no_request_is_made_for_what_is_not_one_plain_address() {
    let stand_in = StandIn::default();
    let notifier = ALL[0].notifier(&stand_in.start().await);
    let phone = Message::new(
        *seven().id(),
        seven().reset(),
        Contact::phone("+6281234567890"),
        seven().locale(),
        seven().site().clone(),
        reset_body(),
    );
    let hostile = ["budi@pelanggan.example,jahat@evil.example", "budi", "a@b.example\r\nBcc: x@evil.example"];
    for message in hostile.into_iter().map(reset_to).chain([phone]) {
        let delivery = notifier.deliver(&message).await;
        assert!(matches!(&delivery, Delivery::Never { .. }), "{delivery:?}");
        assert!(!format!("{delivery:?}").contains("budi") && !format!("{delivery:?}").contains("628"), "{delivery:?}");
    }
    assert!(stand_in.sent().is_empty());
}

#[tokio::test]
async fn neither_mail_nor_key_is_logged_or_shown() {
    let (log, guard) = Log::of_this_thread(Level::TRACE);
    let mut shown = String::new();
    for named in ALL {
        let stand_in = StandIn::default();
        let notifier = named.notifier(&stand_in.start().await);
        stand_in.answer(Answer(422, Vec::new(), format!("{{\"message\":\"{TO} {KEY}\",\"name\":\"{TO}\"}}")));
        for _ in 0..2 {
            shown.push_str(&format!("{:?}", notifier.deliver(&seven()).await));
        }
        let unreachable = named.notifier("http://127.0.0.1:1");
        shown.push_str(&format!("{:?} {notifier:?}", unreachable.deliver(&seven()).await));
    }
    drop(guard);
    let all = format!("{shown}\n{}", log.text());
    for secret in [TO, "pelanggan", CODE, "4071 8265", LINK_SECRET, CANCEL_SECRET, KEY] {
        assert!(!all.contains(secret), "{secret} is in:\n{all}");
    }
}
