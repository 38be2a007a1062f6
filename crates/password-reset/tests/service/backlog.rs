//! How many messages an attacker can put before an owner's: what waits for a mail server is bounded by the limits of requests and
//! messages.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use password_reset::ports::{Delivery, Notifier};
use password_reset::{Account, AccountStatus, Contact, ContactKind, Limits, Message, ResetRequest};
use password_reset_testkit::{MemoryStore, RecordingNotifier};
use tokio::sync::Semaphore;

use crate::support::{App, EMAIL, cheap_hash, email};

/// Asks for each of these addresses from each source, as far as the limits let it.
async fn flood(app: &App, requests: impl Iterator<Item = (String, IpAddr)>) {
    for (address, from) in requests {
        app.reset.request(ResetRequest::email_link(email(&address), from)).await.map(drop).unwrap_or_default();
    }
}

/// The messages that leave before the owner's, who asks after all others, and how many there are in all.
async fn before_the_owner(app: &App) -> (usize, usize) {
    let owner: IpAddr = "198.51.100.7".parse().unwrap();
    app.reset.request(ResetRequest::email_link(email(EMAIL), owner)).await.unwrap();
    app.worker.run_once().await.unwrap();
    let mails = app.mail.delivered();
    (mails.iter().position(|mail| mail.to.value() == EMAIL).unwrap(), mails.len())
}

fn with_accounts(count: u32) -> App {
    let app = App::new();
    for nth in 0..count {
        let account = Account::new(format!("a{nth}"), AccountStatus::Active).with_hash(cheap_hash("other", 1));
        app.accounts.add(account.with_contact(Contact::email(format!("a{nth}@toko.example"))));
    }
    app
}

#[tokio::test]
async fn one_source_puts_as_many_messages_before_an_owner_as_it_may_ask_for() {
    let app = with_accounts(1_000);
    let from: IpAddr = "192.0.2.7".parse().unwrap();
    flood(&app, (0..1_000).map(|nth| (format!("a{nth}@toko.example"), from))).await;
    let (before, all) = before_the_owner(&app).await;
    assert!(before <= 300, "{before}");
    assert_eq!(all, 301, "the requests of one source, and the owner's");
}

#[tokio::test]
async fn all_sources_together_put_as_many_messages_before_an_owner_as_a_node_takes_requests_in_a_minute() {
    let limits = Limits::default().requests_per_minute(200);
    let app = App::with(MemoryStore::new(), |builder| builder.limits(limits));
    for nth in 0..1_000 {
        let account = Account::new(format!("a{nth}"), AccountStatus::Active).with_hash(cheap_hash("other", 1));
        app.accounts.add(account.with_contact(Contact::email(format!("a{nth}@toko.example"))));
    }
    let from = |nth: u32| IpAddr::from((0x0b00_0000 + (nth << 8)).to_be_bytes());
    flood(&app, (0..1_000).map(|nth| (format!("a{nth}@toko.example"), from(nth)))).await;
    app.clock.advance(Duration::from_secs(1));
    let (before, all) = before_the_owner(&app).await;
    assert!(before <= 200, "{before}");
    assert_eq!(all, 201);
}

/// Takes as many messages as there are permits.
#[derive(Clone, Debug)]
struct Slow {
    inner: RecordingNotifier,
    takes: Arc<Semaphore>,
}

#[async_trait]
impl Notifier for Slow {
    fn reaches(&self) -> ContactKind {
        self.inner.reaches()
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        self.takes.acquire().await.unwrap().forget();
        self.inner.deliver(message).await
    }
}

/// The owner asked at a node whose worker has gone, so the row is in the store alone; then come more requests than a worker runs
/// at once, all at the node that has one.
#[tokio::test]
async fn what_is_in_the_store_does_not_wait_for_all_that_is_handed_over() {
    let app = with_accounts(600);
    let slow = Slow { inner: app.mail.clone(), takes: Arc::new(Semaphore::new(0)) };
    let (reset, worker) = app.builder().notifier(slow.clone()).build().unwrap();
    let running = tokio::spawn(worker.run());
    tokio::task::yield_now().await;
    let owner: IpAddr = "198.51.100.7".parse().unwrap();
    app.reset.request(ResetRequest::email_link(email(EMAIL), owner)).await.unwrap();
    for nth in 0..600_u32 {
        let from = IpAddr::from([192, 0, u8::try_from(nth % 250).unwrap(), 7]);
        reset.request(ResetRequest::email_link(email(&format!("a{nth}@toko.example")), from)).await.unwrap();
    }
    app.clock.advance(Duration::from_millis(500));
    for _ in 0..601 {
        slow.takes.add_permits(1);
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
    }
    let mails = app.mail.until_delivered(601).await;
    let before = mails.iter().position(|mail| mail.to.value() == EMAIL).unwrap();
    assert!(before < 512, "{before}");
    running.abort();
}
