//! Whole services on a store: what only shows where a store, a service and its worker meet.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use password_reset::flow::{AuditEvent, State};
use password_reset::inbound::DeliveryReport;
use password_reset::ports::{Purge, ResetStore};
use password_reset::secret::{Code, LinkToken};
use password_reset::{
    Account, AccountStatus, Builder, Contact, ContactKind, Identifier, Key, KeyRing, Password, PasswordReset, Proof,
    Realm, RequestError, Requested, ResetRequest, SeveralAccounts, Site, Stage, UndeliveredCodes, VerifyError, Worker,
};

use super::{StoreFixture, moved, newest, stored};
use crate::sample::{self, noon};
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
        Self::with(store, site, clock, |builder| builder)
    }

    fn with(
        store: Arc<dyn ResetStore>,
        site: Site,
        clock: &FakeClock,
        change: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let key = |id, byte| Key::new(id, &(byte..byte + 32).collect::<Vec<u8>>()).unwrap();
        let keys = KeyRing::new(key("k1", 1), key("counters", 101));
        let (accounts, mail) = (MemoryAccounts::new(), RecordingNotifier::new());
        let builder = PasswordReset::builder(accounts.clone(), store, keys, site);
        let (reset, worker) = change(builder.notifier(mail.clone()).clock(clock.clone())).build().unwrap();
        Self { reset, worker, accounts, mail }
    }

    fn has(&self, id: &str, email: &str) {
        self.accounts
            .add(Account::new(id, AccountStatus::Active).with_contact(Contact::email(email)).with_hash(sample::hash()));
    }

    async fn ask(&self, email: &str) -> Result<Requested, RequestError> {
        let source = IpAddr::from(Ipv4Addr::new(203, 0, 113, 7));
        self.reset.request(ResetRequest::email_link(Identifier::email(email).unwrap(), source)).await
    }
}

/// A store that leaves the accounts alone takes the first half of a step that sets a password; its audit rows come with the other.
pub async fn a_step_with_a_change_is_its_first_half(fixture: &impl StoreFixture) {
    let store = fixture.store();
    let was = Account::new(sample::account_id(), AccountStatus::Active);
    let reset = stored(&*store, sample::verified(was.id(), noon())).await;
    let step = sample::apply_with(&reset, was.clone(), sample::hash(), noon());
    let now = moved(&*store, &step).await;
    assert_eq!((&now, now.state()), (step.after(), State::Applying));
    assert!(store.audit(&newest(was.id(), 9)).await.unwrap().is_empty(), "the audit rows are of the other half");
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
    one.reset.admin().erase(&"1".into()).await.unwrap();
    assert!(one.reset.admin().history(&"1".into(), 9).await.unwrap().is_empty());
    assert!(!two.reset.admin().history(&"1".into(), 9).await.unwrap().is_empty());
    assert!(two.reset.verify(link()).await.is_ok());
}

/// Three requests at once for an account and for none, of which the account's last message carries a longer link: whatever the
/// time, and however often rows are purged, both third requests are shown alike, and are gone at the same moment.
pub async fn a_request_is_shown_by_its_own_times(fixture: &impl StoreFixture) {
    let clock = FakeClock::at(noon());
    let service = Service::on(fixture.store(), Site::new("Toko", "https://toko.example/reset"), &clock);
    service.has("1", "ani@toko.example");
    // Another node, whose clock is ahead, purges first.
    let ahead = FakeClock::at(sample::after(noon(), 10 * 60_000));
    let other = Service::on(fixture.another_node(), Site::new("Toko", "https://toko.example/reset"), &ahead);
    let mut third = Vec::new();
    for email in ["ani@toko.example", "nobody@toko.example"] {
        for _ in 0..2 {
            service.ask(email).await.unwrap();
        }
        third.push(service.ask(email).await.unwrap().requester_token);
    }
    let mut stages = Vec::new();
    for step in 0..=(12 * 26) {
        service.worker.run_once().await.unwrap();
        other.worker.run_once().await.unwrap();
        let mut shown = Vec::new();
        for token in &third {
            let status = service.reset.status(token).await.unwrap();
            shown.push(status.map(|status| (status.stage, status.shown_until, status.code_attempts_left)));
        }
        assert_eq!(shown[0], shown[1], "after {} minutes", step * 5);
        stages.push(shown[0].map(|(stage, ..)| stage));
        for clock in [&clock, &ahead] {
            clock.advance(Duration::from_secs(5 * 60));
        }
    }
    stages.dedup();
    assert_eq!(stages, [Some(Stage::Waiting), Some(Stage::Expired), None]);
    assert_eq!(service.mail.delivered().len(), 3);
}

/// Wrong codes, a sent message, a suppressed request and one that no worker has looked up: after erasing, an account that gets the
/// id and the address later starts anew, and no row is left to purge.
pub async fn erasing_an_account_leaves_nothing_that_names_it(fixture: &impl StoreFixture) {
    let clock = FakeClock::at(noon());
    let store = fixture.store();
    let service = Service::on(Arc::clone(&store), Site::new("Toko", "https://toko.example/reset"), &clock);
    service.has("1", "Ani@Toko.example");
    let mut first = None;
    for _ in 0..4 {
        let asked = service.ask("ani@toko.example").await.unwrap();
        first.get_or_insert(asked);
        service.worker.run_once().await.unwrap();
    }
    assert_eq!(service.mail.delivered().len(), 3, "the fourth was suppressed");
    let last = service.ask("ani@toko.example").await.unwrap();
    let typed = Code::parse("00000000").unwrap();
    let wrong = Proof::Code { requester_token: first.unwrap().requester_token, code: typed };
    assert!(matches!(service.reset.verify(wrong).await, Err(VerifyError::Refused)));
    let from = IpAddr::from(Ipv4Addr::new(203, 0, 113, 7));
    assert!(service.reset.login().check_current_password(&"1".into(), Password::new("a guess"), from).await.is_err());
    service.reset.admin().erase(&"1".into()).await.unwrap();
    assert!(service.reset.status(&last.requester_token).await.unwrap().is_none());
    assert!(service.reset.admin().history(&"1".into(), 9).await.unwrap().is_empty());
    let realm = Realm::new("https://toko.example/reset").unwrap();
    let long_after = sample::after(noon(), 400 * 86_400_000);
    let mut purge = Purge::new(noon(), long_after, long_after, 99);
    let store = store.in_realm(&realm);
    assert_eq!(store.purge(&purge).await.unwrap(), 0, "no row is left");
    purge.at = long_after;
    // What the source of the requests and of the code used is not the account's.
    assert_eq!(store.purge(&purge).await.unwrap(), 2, "no quota is left");
}

/// A code that no phone gets is followed by one mail, however often that is reported, and its link proves the account.
pub async fn a_code_that_does_not_arrive_is_followed_by_one_mail(fixture: &impl StoreFixture) {
    let (clock, phone) = (FakeClock::at(noon()), RecordingNotifier::reaching(ContactKind::Phone));
    let site = Site::new("Toko", "https://toko.example/reset");
    let service = Service::with(fixture.store(), site, &clock, |builder| {
        builder.notifier(phone.clone()).undelivered_codes(UndeliveredCodes::Mail)
    });
    let number = "+6281200000001";
    let account = Account::new("1", AccountStatus::Active).with_hash(sample::hash());
    service.accounts.add(account.with_contact(Contact::phone(number)).with_contact(Contact::email("ani@toko.example")));
    phone.no_such_contact("131026");
    let source = IpAddr::from(Ipv4Addr::new(203, 0, 113, 7));
    let request = ResetRequest::whatsapp_code(Identifier::phone(number, None).unwrap(), source);
    service.reset.request(request).await.unwrap();
    let mailed = async || {
        for _ in 0..2 {
            service.worker.run_once().await.unwrap();
        }
        service.mail.delivered()
    };
    assert_eq!(mailed().await.len(), 1);
    let rows = service.reset.admin().history(&"1".into(), 9).await.unwrap();
    let failed = rows.iter().find(|row| row.event == AuditEvent::NoSuchContact).unwrap().reset.unwrap();
    let report = DeliveryReport::NoSuchContact { why: "131026".to_owned() };
    service.reset.reports().delivery(failed, report).await.unwrap();
    let mails = mailed().await;
    assert_eq!(mails.len(), 1, "reported again");
    let link = Proof::Link(LinkToken::parse(mails[0].link_secret().unwrap()).unwrap());
    assert!(service.reset.verify(link).await.is_ok());
}

/// Two nodes work at once for an address that two accounts have: one mail lists both, and each link opens the reset of its account.
pub async fn one_mail_lists_the_accounts_of_a_mailbox(fixture: &impl StoreFixture) {
    let clock = FakeClock::at(noon());
    let hashes = [("1", sample::hash()), ("2", sample::hash())];
    let node = |store| {
        let lists = |builder: Builder| builder.several_accounts(SeveralAccounts::MailList);
        let node = Service::with(store, Site::new("Toko", "https://toko.example/reset"), &clock, lists);
        for (id, hash) in hashes.clone() {
            let account = Account::new(id, AccountStatus::Active).with_contact(Contact::email("ani@toko.example"));
            node.accounts.add(account.with_hash(hash).with_username(id));
        }
        node
    };
    let nodes = [node(fixture.store()), node(fixture.another_node())];
    let asked = nodes[0].ask("ani@toko.example").await.unwrap();
    for _ in 0..3 {
        let (one, other) = tokio::join!(nodes[0].worker.run_once(), nodes[1].worker.run_once());
        one.and(other).unwrap();
        clock.advance(Duration::from_secs(60));
    }
    let mails: Vec<_> = nodes.iter().flat_map(|node| node.mail.delivered()).collect();
    let [mail] = mails.as_slice() else { panic!("not one mail: {mails:?}") };
    let links = mail.link_secrets();
    assert_eq!(links.iter().map(|(name, _)| name.unwrap()).collect::<Vec<_>>(), ["1", "2"]);
    for (id, secret) in links.into_iter().rev() {
        let grant = nodes[1].reset.verify(Proof::Link(LinkToken::parse(secret).unwrap())).await.unwrap();
        assert_eq!(grant.account().as_str(), id.unwrap());
    }
    assert!(nodes[0].reset.status(&asked.requester_token).await.unwrap().is_some());
}
