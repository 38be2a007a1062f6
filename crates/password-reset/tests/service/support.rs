//! An application with one user, ready to forget the password.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::AuditEvent;
use password_reset::ports::{Accounts, AdminContext, AdminDecision, Decision, ProofContext, ResetStore, RiskPolicy};
use password_reset::secret::{CancelToken, Code, GrantToken, LinkToken, RequesterToken};
use password_reset::{
    Account, AccountId, AccountStatus, Builder, Contact, ContactKind, Grant, Identifier, KeyRing, Locale, NewPassword,
    Password, PasswordHash, PasswordIsSet, PasswordReset, PortError, Proof, Realm, Requested, ResetRequest,
    SetPasswordError, Site, VerifyError, Worker,
};
use password_reset_testkit::{FakeClock, MemoryAccounts, MemoryStore, PlainHasher, RecordingNotifier, Sent};

pub(crate) use password_reset_testkit::sample::{key, keys};

pub(crate) const OLD: &str = "an old and long password";
pub(crate) const NEW: &str = "quiet umbrella festival 92";
pub(crate) const OTHER: &str = "seven purple kettles sing";
pub(crate) const EMAIL: &str = "ani@toko.example";

/// A hash of the application's own. Those of the service have other salts.
pub(crate) fn cheap_hash(password: &str, salt: usize) -> PasswordHash {
    PlainHasher::hash_of(password, salt)
}

pub(crate) struct App {
    pub(crate) accounts: MemoryAccounts,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: FakeClock,
    pub(crate) mail: RecordingNotifier,
    /// Only with [`App::reaching`] is it the service's.
    pub(crate) phone: RecordingNotifier,
    pub(crate) hasher: PlainHasher,
    pub(crate) reset: PasswordReset,
    pub(crate) worker: Worker,
}

pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000).unwrap()
}

pub(crate) fn source() -> IpAddr {
    "203.0.113.7".parse().unwrap()
}

pub(crate) fn site() -> Site {
    Site::new("Toko Contoh", "https://toko.example/reset")
}

pub(crate) fn ani() -> Account {
    user(&[Contact::email(EMAIL)])
}

/// The user, with these contacts.
pub(crate) fn user(contacts: &[Contact]) -> Account {
    let account = Account::new(id(), AccountStatus::Active).with_hash(cheap_hash(OLD, 1));
    contacts.iter().cloned().fold(account, Account::with_contact)
}

pub(crate) fn id() -> AccountId {
    AccountId::new("7")
}

pub(crate) fn current(password: &str) -> Proof {
    let (source, locale) = (source().into(), Locale::ENGLISH);
    Proof::CurrentPassword { account: id(), password: Password::new(password), source, locale }
}

pub(crate) fn email(address: &str) -> Identifier {
    Identifier::email(address).unwrap()
}

impl App {
    /// Accounts beside the store, in a database of their own.
    pub(crate) fn new() -> Self {
        Self::with(MemoryStore::new(), |builder| builder)
    }

    /// Accounts in the store's own transaction, or not: every claim must hold for both.
    pub(crate) fn both() -> [Self; 2] {
        let accounts = MemoryAccounts::new();
        let together = Self::on(accounts.clone(), MemoryStore::writing(accounts), |builder| builder);
        [Self::new(), together]
    }

    pub(crate) fn with(store: MemoryStore, change: impl FnOnce(Builder) -> Builder) -> Self {
        Self::on(MemoryAccounts::new(), store, change)
    }

    pub(crate) fn on(accounts: MemoryAccounts, store: MemoryStore, change: impl FnOnce(Builder) -> Builder) -> Self {
        // The service's own realm, so that a test can step in between.
        let store = Arc::new(store.with_realm(&Realm::new(site().realm()).unwrap()));
        accounts.add_named("ani", ani());
        let clock = FakeClock::at(start());
        let mail = RecordingNotifier::new();
        let hasher = PlainHasher::salted();
        let builder = PasswordReset::builder(accounts.clone(), Arc::clone(&store), keys(), site())
            .notifier(mail.clone())
            .clock(clock.clone())
            .hash_pool(hasher.pool());
        let (reset, worker) = change(builder).build().unwrap();
        let phone = RecordingNotifier::reaching(ContactKind::Phone);
        Self { accounts, store, clock, mail, phone, hasher, reset, worker }
    }

    /// Notifiers for mailboxes and phones, and these as the user's contacts.
    pub(crate) fn reaching(contacts: &[Contact], change: impl FnOnce(Builder) -> Builder) -> Self {
        Self::reaching_on(MemoryAccounts::new(), MemoryStore::new(), contacts, change)
    }

    pub(crate) fn reaching_on(
        accounts: MemoryAccounts,
        store: MemoryStore,
        contacts: &[Contact],
        change: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let phone = RecordingNotifier::reaching(ContactKind::Phone);
        let notifier = phone.clone();
        let app = Self::on(accounts, store, |builder| change(builder.notifier(notifier)));
        app.accounts.add_named("ani", user(contacts));
        Self { phone, ..app }
    }

    /// Another node on the same database: nothing else is shared.
    pub(crate) fn another_node(&self) -> PasswordReset {
        self.rebuilt(|builder| builder).0
    }

    pub(crate) fn rebuilt(&self, change: impl FnOnce(Builder) -> Builder) -> (PasswordReset, Worker) {
        self.rebuilt_as(site(), change)
    }

    /// The same with another site.
    pub(crate) fn rebuilt_as(&self, site: Site, change: impl FnOnce(Builder) -> Builder) -> (PasswordReset, Worker) {
        let builder = self.service_on(self.accounts.clone(), Arc::clone(&self.store), keys(), site);
        change(builder.notifier(self.mail.clone())).build().unwrap()
    }

    /// The same with other keys.
    pub(crate) fn with_keys(&self, keys: KeyRing) -> (PasswordReset, Worker) {
        let builder = self.service_on(self.accounts.clone(), Arc::clone(&self.store), keys, site());
        builder.notifier(self.mail.clone()).build().unwrap()
    }

    /// Another service with this application's clock and hash pool, and no notifier yet.
    pub(crate) fn service_on(
        &self,
        accounts: impl Accounts,
        store: impl ResetStore,
        keys: KeyRing,
        site: Site,
    ) -> Builder {
        let builder = PasswordReset::builder(accounts, store, keys, site).clock(self.clock.clone());
        builder.hash_pool(self.reset.login().hash_pool().clone())
    }

    /// Another service on the same accounts, and on this store.
    pub(crate) fn builder_on(&self, store: impl ResetStore) -> Builder {
        self.service_on(self.accounts.clone(), store, keys(), site())
    }

    /// Another service on the same accounts and store.
    pub(crate) fn builder(&self) -> Builder {
        self.builder_on(Arc::clone(&self.store))
    }

    pub(crate) async fn ask(&self) -> Requested {
        self.ask_for(email(EMAIL)).await
    }

    pub(crate) async fn ask_for(&self, identifier: Identifier) -> Requested {
        self.reset.request(ResetRequest::email_link(identifier, source())).await.unwrap()
    }

    /// Asks, and lets the worker send; returns the requester token and the mail.
    pub(crate) async fn mailed(&self) -> (RequesterToken, Sent) {
        let before = self.mail.delivered().len();
        let requester_token = self.ask().await.requester_token;
        self.worker.run_once().await.unwrap();
        assert_eq!(self.mail.delivered().len(), before + 1, "one message");
        (requester_token, self.mail.last().unwrap())
    }

    /// Asks, and lets the worker send what it has to.
    pub(crate) async fn mailed_now(&self) {
        self.mailed_for(email(EMAIL)).await;
    }

    pub(crate) async fn mailed_for(&self, identifier: Identifier) {
        self.ask_for(identifier).await;
        self.worker.run_once().await.unwrap();
    }

    /// Opens the link of a new mail.
    pub(crate) async fn proved(&self) -> Grant {
        let (_, mail) = self.mailed().await;
        self.verify_link(&mail).await.unwrap()
    }

    /// A whole reset, but for what the worker does after it.
    pub(crate) async fn reset_to(&self, password: &str) {
        let grant = self.proved().await;
        self.set(grant, password).await.unwrap();
    }

    /// The grant of a token that was kept.
    pub(crate) async fn granted(&self, token: &str) -> Result<Grant, VerifyError> {
        self.reset.verify(Proof::Grant(GrantToken::parse(token).unwrap())).await
    }

    /// Proves the account with its current password.
    pub(crate) async fn current(&self, password: &str) -> Result<Grant, VerifyError> {
        self.reset.verify(current(password)).await
    }

    pub(crate) async fn verify_link(&self, mail: &Sent) -> Result<Grant, VerifyError> {
        self.reset.verify(Proof::Link(link(mail))).await
    }

    pub(crate) async fn verify_code(&self, requester_token: &RequesterToken, code: &str) -> Result<Grant, VerifyError> {
        let requester_token = RequesterToken::parse(requester_token.expose()).unwrap();
        self.reset.verify(Proof::Code { requester_token, code: Code::parse(code).unwrap() }).await
    }

    pub(crate) async fn set(&self, grant: Grant, password: &str) -> Result<PasswordIsSet, SetPasswordError> {
        self.reset.set_password(grant, NewPassword::confirmed(password, password)).await
    }

    pub(crate) fn account(&self) -> Account {
        self.accounts.get(&id()).unwrap()
    }

    pub(crate) fn signs_in_with(&self, password: &str) -> bool {
        let hash = self.account().hash().unwrap().as_str().to_owned();
        hash.splitn(3, '$').nth(2).unwrap() == password
    }

    pub(crate) fn later(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }

    pub(crate) fn events(&self) -> Vec<AuditEvent> {
        self.store.trail().iter().map(|row| row.event).collect()
    }

    pub(crate) fn details(&self, event: AuditEvent) -> Vec<String> {
        self.store.trail().into_iter().filter(|row| row.event == event).filter_map(|row| row.detail).collect()
    }
}

/// A risk policy of two functions: what it decides of a proof, and whether an administrator may act.
pub(crate) struct Deciding<P, A>(P, A);

pub(crate) fn deciding<P, A>(proof: P, admin: A) -> Deciding<P, A>
where
    P: Fn(&ProofContext) -> Decision + Send + Sync + 'static,
    A: Fn(&AdminContext) -> AdminDecision + Send + Sync + 'static,
{
    Deciding(proof, admin)
}

impl<P, A> fmt::Debug for Deciding<P, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deciding")
    }
}

#[async_trait]
impl<P, A> RiskPolicy for Deciding<P, A>
where
    P: Fn(&ProofContext) -> Decision + Send + Sync + 'static,
    A: Fn(&AdminContext) -> AdminDecision + Send + Sync + 'static,
{
    async fn assess(&self, context: &ProofContext) -> Result<Decision, PortError> {
        Ok(self.0(context))
    }

    async fn authorize_admin(&self, asking: &AdminContext) -> Result<AdminDecision, PortError> {
        Ok(self.1(asking))
    }
}

/// Lets the other tasks of the test run until all of them wait.
pub(crate) async fn others_run() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}

/// Lets a running worker write the acks that wait for others.
pub(crate) async fn acks_are_written(clock: &FakeClock) {
    let gather = Duration::from_millis(50);
    clock.until_asleep(gather).await;
    clock.advance(gather);
    others_run().await;
}

pub(crate) fn link(mail: &Sent) -> LinkToken {
    LinkToken::parse(mail.link_secret().unwrap()).unwrap()
}

pub(crate) fn cancel(mail: &Sent) -> CancelToken {
    CancelToken::parse(mail.cancel_secret().unwrap()).unwrap()
}

pub(crate) fn wrong(code: &str) -> String {
    let digits: u32 = code.replace(' ', "").parse().unwrap();
    format!("{:08}", (digits + 1) % 100_000_000)
}

impl App {
    pub(crate) fn clock_now(&self) -> DateTime<Utc> {
        use password_reset::ports::Clock;
        self.clock.now()
    }
}
