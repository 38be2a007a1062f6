//! One world: a service with its accounts, a fake clock, and randomness that is the same in every world.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::http::HeaderValue;
use axum::response::Response;
use chrono::DateTime;
use password_reset::policy::Rule;
use password_reset::ports::{
    AccountLock, AccountLocker, AdminContext, AdminDecision, Clock, Decision, Delivery, Notifier, ProofContext,
    RandomSource, RiskPolicy,
};
use password_reset::{
    Account, AccountId, AccountStatus, Contact, ContactKind, HashPool, Inbound, InboundMode, Limits, Message,
    PasswordPolicy, PasswordReset, PortError, SeveralAccounts, Site, StepUp, UndeliveredCodes, Worker,
};
use password_reset_axum::{EdgeLimits, ResetMethod, Web};
use password_reset_proofs::Dice;
use password_reset_testkit::{FakeClock, MemoryAccounts, MemoryStore, PlainHasher, RecordingNotifier, Sent, sample};

use crate::owner::Owner;
use crate::script::{Act, Step};
use crate::stranger::Stranger;

pub(crate) const TARGET: &str = "target";
pub(crate) const TARGET_MAIL: &str = "ani@toko.example";
pub(crate) const TARGET_PHONE: &str = "+6281200000001";
pub(crate) const OWN: &str = "own";
pub(crate) const OWN_MAIL: &str = "eve@toko.example";
pub(crate) const OWN_PHONE: &str = "+6281200000002";
pub(crate) const NUMBER: &str = "+6281100000000";

/// What the target account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Absent,
    Present,
    Disabled,
    Unconfirmed,
    Ambiguous,
    /// Other strangers ask for it all the time, so that it gets no more messages.
    Capped,
    /// Other strangers type wrong codes all the time, so that its codes pause.
    Paused,
    /// A proof needs a code to another contact beside it.
    StepUpCode,
    /// A proof needs a factor of the application beside it.
    StepUpFactor,
    /// The risk policy denies every proof.
    Denied,
    /// The mailbox does not exist.
    NoMailbox,
    /// It has a mailbox and no number.
    NoPhone,
    /// Its number has no WhatsApp.
    NoWhatsApp,
}

impl Target {
    pub(crate) const ALL: [Self; 13] = [
        Self::Absent,
        Self::Present,
        Self::Disabled,
        Self::Unconfirmed,
        Self::Ambiguous,
        Self::Capped,
        Self::Paused,
        Self::StepUpCode,
        Self::StepUpFactor,
        Self::Denied,
        Self::NoMailbox,
        Self::NoPhone,
        Self::NoWhatsApp,
    ];
}

/// A fault that is put in on purpose, to see that the comparison finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    Nothing,
    /// Rows go as soon as all that was sent for them expired, by which a purge must not go.
    PurgeByExpiry,
    /// An answer has a header when the target has an account.
    Header,
}

/// All by which one world differs from the other, and what both have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) target: Target,
    /// The seed of what the owner does; `None` for an owner who does nothing.
    pub(crate) owner: Option<u64>,
    pub(crate) mode: InboundMode,
    pub(crate) writing: bool,
    pub(crate) several_accounts: SeveralAccounts,
    pub(crate) undelivered_codes: UndeliveredCodes,
    pub(crate) planted: Planted,
}

pub(crate) struct World {
    pub(crate) setting: Setting,
    pub(crate) accounts: MemoryAccounts,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: FakeClock,
    pub(crate) mail: RecordingNotifier,
    pub(crate) phone: RecordingNotifier,
    pub(crate) reset: PasswordReset,
    worker: Worker,
    pub(crate) router: Router,
    random: SeededRandom,
    seen: [usize; 2],
    stranger: Stranger,
    owner: Owner,
}

impl World {
    pub(crate) fn new(setting: Setting, pool: &HashPool) -> Self {
        let accounts = MemoryAccounts::new().with_home_country(password_reset::CallingCode::INDONESIA);
        add_accounts(&accounts, setting.target);
        let store = match setting.writing {
            true => MemoryStore::writing(accounts.clone()),
            false => MemoryStore::new(),
        };
        let store = Arc::new(store);
        let clock = FakeClock::at(DateTime::from_timestamp_millis(1_800_000_000_000).unwrap());
        let mail = RecordingNotifier::new();
        let phone = RecordingNotifier::reaching(ContactKind::Phone);
        let random = SeededRandom::default();
        let mut limits = Limits::default();
        (limits.wrong_code_burst, limits.codes_per_source, limits.requests_per_source) = (10, 30, 40);
        let inbound = match setting.mode {
            InboundMode::TypeBack => Inbound::type_back(NUMBER),
            InboundMode::ContinueOnPhone => Inbound::continue_on_phone(NUMBER),
            _ => Inbound::page_advances(NUMBER),
        };
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let (reset, worker) = PasswordReset::builder(accounts.clone(), Arc::clone(&store), sample::keys(), site)
            .notifier(Lacking { to: mail.clone(), one: (setting.target == Target::NoMailbox).then_some(TARGET_MAIL) })
            .notifier(Lacking {
                to: phone.clone(),
                one: (setting.target == Target::NoWhatsApp).then_some(TARGET_PHONE),
            })
            .several_accounts(setting.several_accounts)
            .undelivered_codes(setting.undelivered_codes)
            .inbound(inbound.unwrap())
            .policy(PasswordPolicy::from_rules([Rule::MinLength(8), Rule::MaxLength(64), Rule::MaxBytes(256)]))
            .risk_policy(Risk(setting.target))
            .account_locker(Locker)
            .limits(limits)
            .clock(clock.clone())
            .random(random.clone())
            .hash_pool(pool.clone())
            .build()
            .unwrap();
        let mut edge = EdgeLimits::default();
        // Edge quotas go by the machine's own clock; a script is faster than any client.
        (edge.requests, edge.requests_refill) = (u32::MAX, Duration::from_nanos(1));
        let router =
            Web::new(reset.clone()).reset_methods(ResetMethod::ALL.iter().copied()).limits(edge).build().unwrap();
        let is_known = accounts.get(&AccountId::new(TARGET)).is_some();
        let router = match setting.planted == Planted::Header && is_known {
            true => router.layer(axum::middleware::map_response(sent)),
            false => router,
        };
        Self {
            setting,
            accounts,
            store,
            clock,
            mail,
            phone,
            reset,
            worker,
            router,
            random,
            seen: [0; 2],
            stranger: Stranger::default(),
            owner: Owner::default(),
        }
    }

    /// Does one act, and returns everything that the stranger sees of it. Afterwards the owner may act.
    pub(crate) async fn step(&mut self, step: Step) -> String {
        let mut stranger = std::mem::take(&mut self.stranger);
        let mut seen = match step.act {
            Act::Work => {
                self.work().await;
                String::new()
            }
            Act::Wait(span) => {
                self.clock.advance(span);
                String::new()
            }
            act => stranger.act(self, act).await,
        };
        seen += &self.new_mail(&mut stranger);
        seen += &stranger.look().await;
        self.stranger = stranger;
        self.random.0.lock().unwrap().is_owner = true;
        let mut owner = std::mem::take(&mut self.owner);
        owner.act(self, step.number).await;
        self.owner = owner;
        self.random.0.lock().unwrap().is_owner = false;
        seen
    }

    async fn work(&mut self) {
        // What the worker opens beside a reset takes bytes that the stranger never sees.
        self.random.0.lock().unwrap().is_owner = true;
        self.worker.run_once().await.unwrap();
        self.random.0.lock().unwrap().is_owner = false;
        if self.setting.planted == Planted::PurgeByExpiry {
            let now = self.clock.now();
            for row in self.store.resets().unwrap() {
                if row.expires_at() < now && row.tasks().is_empty() {
                    self.store.remove(row.id());
                }
            }
        }
    }

    /// Messages to all who are not the target, in every detail.
    fn new_mail(&mut self, stranger: &mut Stranger) -> String {
        let mut seen = String::new();
        for (at, notifier) in [&self.mail, &self.phone].into_iter().enumerate() {
            let delivered = notifier.delivered();
            for sent in &delivered[self.seen[at]..] {
                if [TARGET_MAIL, TARGET_PHONE].contains(&sent.to.value()) {
                    self.owner.mail.push(sent.clone());
                } else {
                    seen += &shown(sent);
                    stranger.mail.push(sent.clone());
                }
            }
            self.seen[at] = delivered.len();
        }
        seen
    }
}

/// The planted answer.
async fn sent(mut response: Response) -> Response {
    response.headers_mut().insert("x-message", HeaderValue::from_static("sent"));
    response
}

fn shown(sent: &Sent) -> String {
    let Sent { id, to, locale, at, lives, channel, device, .. } = sent;
    let (kind, link, code, cancel) = (sent.kind(), sent.link(), sent.code(), sent.cancel());
    let (to, lock) = (to.value(), sent.lock_secret());
    format!(
        "mail {kind} {id} to {to} {locale:?} {at} {lives:?} {channel:?} {device:?} {link:?} {code:?} {cancel:?} {lock:?}\n"
    )
}

fn add_accounts(accounts: &MemoryAccounts, target: Target) {
    let own = Account::new(OWN, AccountStatus::Active)
        .with_contact(Contact::email(OWN_MAIL))
        .with_contact(Contact::phone(OWN_PHONE))
        .with_hash(PlainHasher::hash_of("the stranger's own", 0));
    accounts.add_named(OWN, own);
    let named = |id: &str, status| Account::new(id, status).with_hash(PlainHasher::hash_of("an old password", 0));
    let mail = |account: Account| account.with_contact(Contact::email(TARGET_MAIL));
    let both = |account: Account| mail(account).with_contact(Contact::phone(TARGET_PHONE));
    match target {
        Target::Absent => {}
        Target::Disabled => accounts.add_named(TARGET, both(named(TARGET, AccountStatus::Disabled))),
        Target::Unconfirmed => accounts.add_named(TARGET, named(TARGET, AccountStatus::Active)),
        Target::NoPhone => accounts.add_named(TARGET, mail(named(TARGET, AccountStatus::Active))),
        Target::Ambiguous => {
            for id in [TARGET, "twin"] {
                accounts.add_named(TARGET, both(named(id, AccountStatus::Active)));
            }
        }
        _ => accounts.add_named(TARGET, both(named(TARGET, AccountStatus::Active))),
    }
}

/// Bytes from one seed for the stranger and another for all others, so that what the owner asks for moves nothing that the
/// stranger gets.
#[derive(Clone, Debug)]
struct SeededRandom(Arc<Mutex<Streams>>);

#[derive(Debug)]
struct Streams {
    stranger: Dice,
    owner: Dice,
    is_owner: bool,
}

impl Default for SeededRandom {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Streams { stranger: Dice::new(1), owner: Dice::new(1 << 40), is_owner: false })))
    }
}

impl RandomSource for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        let mut streams = self.0.lock().unwrap();
        let dice = if streams.is_owner { &mut streams.owner } else { &mut streams.stranger };
        dice.fill(bytes);
        Ok(())
    }
}

/// The same policy for the stranger's own account in every world.
#[derive(Debug)]
struct Risk(Target);

#[async_trait]
impl RiskPolicy for Risk {
    async fn assess(&self, context: &ProofContext) -> Result<Decision, PortError> {
        Ok(match self.0 {
            _ if context.account.as_str() == OWN => Decision::Allow,
            Target::StepUpCode => Decision::StepUp(StepUp::Code),
            Target::StepUpFactor => Decision::StepUp(StepUp::HostFactor),
            Target::Denied => Decision::Deny,
            _ => Decision::Allow,
        })
    }

    async fn authorize_admin(&self, _: &AdminContext) -> Result<AdminDecision, PortError> {
        Ok(AdminDecision::Allow)
    }
}

/// Mailboxes or numbers, of which one may not exist.
#[derive(Debug)]
struct Lacking {
    to: RecordingNotifier,
    one: Option<&'static str>,
}

#[async_trait]
impl Notifier for Lacking {
    fn reaches(&self) -> ContactKind {
        self.to.reaches()
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        if self.one == Some(message.to().value()) {
            return Delivery::NoSuchContact { why: "550 5.1.1".to_owned() };
        }
        self.to.deliver(message).await
    }
}

#[derive(Debug)]
struct Locker;

#[async_trait]
impl AccountLocker for Locker {
    async fn lock(&self, _: &AccountLock) -> Result<(), PortError> {
        Ok(())
    }
}
