//! A notifier that accepts and never answers costs its own channel only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use password_reset::ports::{Delivery, Notifier};
use password_reset::{
    Account, AccountStatus, CallingCode, Contact, ContactKind, Identifier, Message, NewPassword, Proof, ResetRequest,
};
use password_reset_testkit::MemoryStore;

use crate::support::{App, EMAIL, NEW, cheap_hash, email, link, others_run, source};

/// More than a worker runs at once.
const MANY: usize = 700;

/// Answers nothing until it is mended.
#[derive(Clone, Debug, Default)]
struct Silent {
    begun: Arc<AtomicUsize>,
    mended: Arc<AtomicBool>,
}

#[async_trait]
impl Notifier for Silent {
    fn reaches(&self) -> ContactKind {
        ContactKind::Phone
    }

    async fn deliver(&self, _: &Message) -> Delivery {
        self.begun.fetch_add(1, Ordering::SeqCst);
        if !self.mended.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Delivery::Delivered
    }
}

#[tokio::test]
async fn a_silent_notifier_keeps_no_other_channel_and_no_session() {
    let silent = Silent::default();
    let notifier = silent.clone();
    let app = App::with(MemoryStore::new(), |builder| builder.notifier(notifier));
    for at in 0..MANY {
        let account = Account::new(format!("p{at}"), AccountStatus::Active).with_hash(cheap_hash("other", 1));
        app.accounts.add(account.with_contact(Contact::phone(format!("+62812{at:07}"))));
    }
    let App { reset, worker, clock, mail, accounts, .. } = app;
    let running = tokio::spawn(worker.run());
    for at in 0..MANY {
        let phone = Identifier::phone(&format!("+62812{at:07}"), CallingCode::INDONESIA).unwrap();
        let from: std::net::IpAddr = format!("198.51.{}.7", at % 250).parse().unwrap();
        reset.request(ResetRequest::whatsapp_code(phone, from)).await.unwrap();
    }
    others_run().await;
    let step = async || {
        clock.advance(Duration::from_secs(1));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    };
    assert!((100..=128).contains(&silent.begun.load(Ordering::SeqCst)), "its own places: {silent:?}");
    // At the worst the others wait for as long as it takes to see that nothing is answered.
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    for _ in 0..6 {
        step().await;
    }
    let sent = mail.last().expect("the mail goes out beside it");
    let grant = reset.verify(Proof::Link(link(&sent))).await.unwrap();
    reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await.unwrap();
    for _ in 0..2 {
        step().await;
    }
    assert_eq!(accounts.ended().len(), 1, "sessions end");
    assert_eq!(mail.last().unwrap().kind(), "password_changed");
    // It is left alone, but for one delivery at a time.
    let begun = silent.begun.load(Ordering::SeqCst);
    for _ in 0..100 {
        step().await;
    }
    let tried = silent.begun.load(Ordering::SeqCst) - begun;
    assert!(tried <= 3, "{tried} tries of a server that does not answer");
    silent.mended.store(true, Ordering::SeqCst);
    for _ in 0..400 {
        step().await;
    }
    let all = silent.begun.load(Ordering::SeqCst);
    assert!(all >= MANY, "once it answers, all others go out: {all}");
    running.abort();
}
