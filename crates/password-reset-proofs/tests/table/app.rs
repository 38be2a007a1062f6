//! An application in which every way works, and every lifetime is another.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use chrono::{DateTime, Utc};
use password_reset::policy::Rule;
use password_reset::ports::{AdminContext, AdminDecision, Clock, Decision, ProofContext, RandomSource, RiskPolicy};
use password_reset::{
    Account, AccountId, AccountStatus, Channel, Contact, ContactKind, HashPool, Inbound, InboundMode, Lifetimes,
    Limits, PasswordPolicy, PasswordReset, PortError, ProofKind, Site, StepUp, Worker,
};
use password_reset_axum::{EdgeLimits, ResetMethod, SecondFactor, Web};
use password_reset_proofs::Dice;
use password_reset_testkit::{FakeClock, MemoryAccounts, MemoryStore, PlainHasher, RecordingNotifier, sample};

use crate::ways::Way;

pub(crate) const OLD: &str = "an old and long password";
pub(crate) const NEW: &str = "quiet umbrella festival 92";
pub(crate) const OWNER: &str = "7";
pub(crate) const OTHER: &str = "8";
pub(crate) const EMAIL: &str = "ani@toko.example";
pub(crate) const PHONE: &str = "+6281200000001";
pub(crate) const OTHER_EMAIL: &str = "budi@toko.example";
pub(crate) const FACTOR: &str = "755224";
pub(crate) const ADMIN: &str = "an administrator";
const NUMBER: &str = "+6281100000000";

const MINUTE: Duration = Duration::from_secs(60);

/// Where requests come from, unless a test says otherwise.
pub(crate) const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));
pub(crate) const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

/// Every lifetime differs from every other, so that no channel can use another's unseen.
pub(crate) fn lifetimes() -> Lifetimes {
    let mut lifetimes = Lifetimes::default();
    lifetimes.link = 47 * MINUTE;
    lifetimes.code = 9 * MINUTE;
    lifetimes.inbound = 7 * MINUTE;
    lifetimes.whatsapp = 5 * MINUTE;
    lifetimes.grant = 13 * MINUTE;
    lifetimes.lock = 60 * 29 * MINUTE;
    lifetimes
}

/// One processor is enough for hashes that cost nothing.
static POOL: LazyLock<HashPool> = LazyLock::new(|| PlainHasher::unsalted().pool());

/// What is changed for one cell.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) way: Way,
    pub(crate) limits: Limits,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) seed: u64,
    /// The proof that the risk policy denies.
    pub(crate) denies: Option<ProofKind>,
    pub(crate) admits_admin: bool,
}

impl Setup {
    pub(crate) fn of(way: Way) -> Self {
        let limits = Limits::default();
        Self { way, limits, lifetimes: lifetimes(), seed: 1, denies: None, admits_admin: true }
    }

    pub(crate) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    pub(crate) fn denying(mut self, proof: ProofKind) -> Self {
        self.denies = Some(proof);
        self
    }

    pub(crate) fn build(self) -> App {
        App::new(self)
    }
}

pub(crate) struct App {
    pub(crate) accounts: MemoryAccounts,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: FakeClock,
    pub(crate) mail: RecordingNotifier,
    pub(crate) phone: RecordingNotifier,
    pub(crate) risk: Risk,
    pub(crate) reset: PasswordReset,
    pub(crate) worker: Worker,
    pub(crate) router: Router,
}

impl App {
    fn new(setup: Setup) -> Self {
        let accounts = MemoryAccounts::new();
        let named = |id: &str, address: &str| {
            let account = Account::new(id, AccountStatus::Active).with_contact(Contact::email(address));
            account.with_hash(PlainHasher::hash_of(OLD, 0))
        };
        accounts.add_named("ani", named(OWNER, EMAIL).with_contact(Contact::phone(PHONE)));
        accounts.add_named("budi", named(OTHER, OTHER_EMAIL));
        let store = Arc::new(MemoryStore::writing(accounts.clone()));
        let clock = FakeClock::at(DateTime::from_timestamp_millis(1_800_000_000_000).unwrap());
        let (mail, phone) = (RecordingNotifier::new(), RecordingNotifier::reaching(ContactKind::Phone));
        let inbound = match setup.way {
            Way::TypeBack => Inbound::type_back(NUMBER),
            Way::ContinueOnPhone => Inbound::continue_on_phone(NUMBER),
            _ => Inbound::page_advances(NUMBER),
        };
        let step_up = match setup.way {
            Way::StepUpCode => Some(StepUp::Code),
            Way::StepUpFactor => Some(StepUp::HostFactor),
            _ => None,
        };
        let (denies, admits_admin) = (setup.denies, setup.admits_admin);
        let risk = Risk { step_up, denies, admits_admin, asked: Arc::default(), admins: Arc::default() };
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let rules = [Rule::MinLength(12), Rule::MaxLength(64), Rule::MaxBytes(256), Rule::NotCurrent];
        let (reset, worker) = PasswordReset::builder(accounts.clone(), Arc::clone(&store), sample::keys(), site)
            .notifier(mail.clone())
            .notifier(phone.clone())
            .inbound(inbound.unwrap())
            .policy(PasswordPolicy::from_rules(rules))
            .risk_policy(risk.clone())
            .lifetimes(setup.lifetimes)
            .limits(setup.limits)
            .clock(clock.clone())
            .random(SeededRandom(Mutex::new(Dice::new(setup.seed))))
            .hash_pool(POOL.clone())
            .build()
            .unwrap();
        let mut edge = EdgeLimits::default();
        edge.requests = u32::MAX;
        let web =
            Web::new(reset.clone()).reset_methods(ResetMethod::ALL.iter().copied()).second_factor(Factor).limits(edge);
        let router = web.build().unwrap();
        Self { accounts, store, clock, mail, phone, risk, reset, worker, router }
    }

    pub(crate) async fn work(&self) {
        self.worker.run_once().await.unwrap();
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn account(&self) -> Account {
        self.accounts.get(&AccountId::new(OWNER)).unwrap()
    }

    pub(crate) fn signs_in_with(&self, password: &str) -> bool {
        self.account().hash() == Some(&PlainHasher::hash_of(password, 0))
    }
}

#[derive(Debug)]
struct SeededRandom(Mutex<Dice>);

impl RandomSource for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        self.0.lock().unwrap().fill(bytes);
        Ok(())
    }
}

/// Wants a step-up where the way is one, denies one kind of proof if told to, and remembers what it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Risk {
    step_up: Option<StepUp>,
    denies: Option<ProofKind>,
    admits_admin: bool,
    asked: Arc<Mutex<Vec<ProofContext>>>,
    admins: Arc<Mutex<Vec<AdminContext>>>,
}

impl Risk {
    /// What it was asked about the owner's proofs.
    pub(crate) fn asked(&self) -> Vec<(Channel, ProofKind)> {
        let asked = self.asked.lock().unwrap();
        for context in asked.iter() {
            assert_eq!(context.account.as_str(), OWNER);
            assert!(context.source.is_some(), "the policy sees where the request came from");
        }
        asked.iter().map(|context| (context.channel, context.proof)).collect()
    }

    pub(crate) fn admins(&self) -> Vec<AdminContext> {
        self.admins.lock().unwrap().clone()
    }
}

#[async_trait]
impl RiskPolicy for Risk {
    async fn assess(&self, context: &ProofContext) -> Result<Decision, PortError> {
        if context.account.as_str() == OTHER {
            return Ok(Decision::Allow);
        }
        self.asked.lock().unwrap().push(context.clone());
        Ok(match self.step_up {
            _ if self.denies == Some(context.proof) => Decision::Deny,
            Some(step_up) => Decision::StepUp(step_up),
            None => Decision::Allow,
        })
    }

    async fn authorize_admin(&self, asking: &AdminContext) -> Result<AdminDecision, PortError> {
        self.admins.lock().unwrap().push(asking.clone());
        Ok(if self.admits_admin { AdminDecision::Allow } else { AdminDecision::Deny })
    }
}

/// The application's own factor, as pages check it.
#[derive(Debug)]
struct Factor;

#[async_trait]
impl SecondFactor for Factor {
    async fn check(&self, _: &AccountId, typed: &str) -> Result<bool, PortError> {
        Ok(typed == FACTOR)
    }
}

pub(crate) const fn channel(way: Way) -> Channel {
    match way {
        Way::MailLink | Way::MailCode | Way::StepUpCode | Way::StepUpFactor => Channel::EmailLink,
        Way::WhatsAppCode => Channel::WhatsAppCode,
        Way::PageAdvances => Channel::WhatsAppInbound(InboundMode::PageAdvances),
        Way::TypeBack => Channel::WhatsAppInbound(InboundMode::TypeBack),
        Way::ContinueOnPhone => Channel::WhatsAppInbound(InboundMode::ContinueOnPhone),
        Way::Administrator => Channel::AdminLink,
        Way::CurrentPassword => Channel::CurrentPassword,
    }
}
