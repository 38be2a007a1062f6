//! Whole services on a store: what only shows where a store, a service and its worker meet.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use password_reset::ports::ResetStore;
use password_reset::secret::LinkToken;
use password_reset::{
    Account, AccountStatus, Contact, Identifier, Key, KeyRing, PasswordReset, Proof, RequestError, Requested,
    ResetRequest, Site, VerifyError, Worker,
};

use super::StoreFixture;
use crate::sample::noon;
use crate::{FakeClock, MemoryAccounts, RecordingNotifier};

/// A service with accounts of its own, on a store that it may share.
struct Service {
    reset: PasswordReset,
    worker: Worker,
    accounts: MemoryAccounts,
    mail: RecordingNotifier,
}

impl Service {
    /// The keys are the same for all services: what keeps them apart is their realm.
    fn on(store: Arc<dyn ResetStore>, site: Site, clock: &FakeClock) -> Self {
        let key = |id, byte| Key::new(id, &(byte..byte + 32).collect::<Vec<u8>>()).unwrap();
        let keys = KeyRing::new(key("k1", 1), key("counters", 101));
        let (accounts, mail) = (MemoryAccounts::new(), RecordingNotifier::new());
        let builder = PasswordReset::builder(accounts.clone(), store, keys, site);
        let (reset, worker) = builder.notifier(mail.clone()).clock(clock.clone()).build().unwrap();
        Self { reset, worker, accounts, mail }
    }

    fn has(&self, id: &str, email: &str) {
        self.accounts.add(
            Account::new(id, AccountStatus::Active)
                .with_contact(Contact::email(email))
                .with_hash(crate::sample::hash()),
        );
    }

    async fn ask(&self, email: &str) -> Result<Requested, RequestError> {
        let source = IpAddr::from(Ipv4Addr::new(203, 0, 113, 7));
        self.reset.request(ResetRequest::email_link(Identifier::email(email).unwrap(), source)).await
    }
}

/// Two brands on one database, with the same ids of accounts and the same address: who asks at one is mailed by the worker of
/// that one, its link and its brand, whichever worker looks first.
pub async fn a_worker_sends_nothing_of_another_realm(fixture: &impl StoreFixture) {
    let clock = FakeClock::at(noon());
    let one = Service::on(fixture.store(), Site::new("Toko Satu", "https://satu.example/reset"), &clock);
    let two = Service::on(fixture.another_node(), Site::new("Toko Dua", "https://dua.example/reset"), &clock);
    one.has("1", "ani@toko.example");
    two.has("1", "ani@toko.example");
    let asked = two.ask("ani@toko.example").await.unwrap();
    // Long enough for any lease of the node that opened it.
    clock.advance(Duration::from_secs(60));
    one.worker.run_once().await.unwrap();
    assert!(one.mail.tried().is_empty(), "the first service's worker sent a mail of the second");
    assert!(one.reset.status(&asked.requester_token).await.unwrap().is_none());
    two.worker.run_once().await.unwrap();
    let mail = two.mail.last().unwrap();
    assert!(mail.link().unwrap().starts_with("https://dua.example/reset/"), "{:?}", mail.link());
    let link = || Proof::Link(LinkToken::parse(mail.link_secret().unwrap()).unwrap());
    assert!(matches!(one.reset.verify(link()).await, Err(VerifyError::Refused)));
    assert!(two.reset.verify(link()).await.is_ok());
    // Both have rows now; each sees and erases its own.
    one.ask("ani@toko.example").await.unwrap();
    one.worker.run_once().await.unwrap();
    assert_eq!(one.mail.delivered().len(), 1);
    one.reset.erase(&"1".into()).await.unwrap();
    assert!(one.reset.history(&"1".into(), 9).await.unwrap().is_empty());
    assert!(!two.reset.history(&"1".into(), 9).await.unwrap().is_empty());
    assert!(two.reset.verify(link()).await.is_ok());
}
