//! One game: a service of two nodes, its store and accounts, and what each player knows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use password_reset::policy::Rule;
use password_reset::ports::{Accounts, Clock, ResetStore};
use password_reset::{
    Account, AccountId, AccountStatus, Contact, ContactKind, Inbound, InboundMode, KeyRing, Limits, PasswordPolicy,
    PasswordReset, Realm, ResetId, Site, StepUp, Worker,
};
use password_reset_testkit::sample::key;
use password_reset_testkit::{
    FakeClock, Faults, FaultyAccounts, FaultyStore, MemoryAccounts, MemoryStore, PlainHasher, RecordingNotifier,
};

use crate::broken::{Broken, BrokenAccounts, BrokenStore};
use crate::ports::{Count, CountedRandom, Machine, Policy};

pub(crate) const OWNER: &str = "7";
pub(crate) const MAIL: &str = "ani@toko.example";
pub(crate) const PHONE: &str = "+6281200000001";
pub(crate) const UNKNOWN_MAIL: &str = "ina@toko.example";
pub(crate) const UNKNOWN_PHONE: &str = "+6281200000009";
pub(crate) const OLD: &str = "the password from before";
const BASE_URL: &str = "https://toko.example/reset";
const NUMBER: &str = "+6281100000000";

/// What does not change in the course of a game.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    /// The risk policy requires this beside every proof.
    pub(crate) step_up: Option<StepUp>,
    pub(crate) inbound: Option<InboundMode>,
    /// The store writes the accounts in its own transaction.
    pub(crate) writing: bool,
    /// A disabled account has the owner's address too.
    pub(crate) namesake: bool,
    pub(crate) code_attempts: u32,
    pub(crate) broken: Broken,
}

impl Setting {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            step_up: None,
            inbound: None,
            writing: false,
            namesake: false,
            code_attempts: 2,
            broken: Broken::Nothing,
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        // Few enough that a short run reaches each of them.
        (limits.message_burst, limits.code_attempts, limits.completion_attempts) = (2, self.code_attempts, 3);
        (limits.wrong_code_burst, limits.codes_per_source, limits.reply_burst) = (5, 5, 3);
        limits
    }
}

/// A message that the owner has read.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) reset: ResetId,
    pub(crate) link: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) cancel: Option<String>,
    pub(crate) is_step_up: bool,
    /// Until when the link lives.
    pub(crate) until: DateTime<Utc>,
    /// The generation of the account when it came.
    pub(crate) generation: u32,
}

/// One of the owner's two browsers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    pub(crate) requester_token: Option<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) grant: Option<String>,
    pub(crate) partial_grant: Option<String>,
}

/// A stranger's request for the owner's account, and the same request, at the same time, for an account that does not exist.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) owners: String,
    pub(crate) unknowns: String,
    pub(crate) challenge: Option<String>,
    /// Whatever was done with one was done with the other.
    pub(crate) is_even: bool,
}

/// What happened so far, as far as a property needs it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Raised when the owner's account changes in any way.
    pub(crate) generation: u32,
    /// The generation for which each reset was issued.
    pub(crate) issued: BTreeMap<ResetId, u32>,
    /// Resets for which the owner brought a right first proof.
    pub(crate) proved: BTreeSet<ResetId>,
    /// Resets for which the owner brought a right step-up.
    pub(crate) stepped_up: BTreeSet<ResetId>,
    pub(crate) cancelled: BTreeSet<ResetId>,
    /// Codes that were compared, by reset.
    pub(crate) guesses: BTreeMap<ResetId, u32>,
    pub(crate) passwords: u32,
    pub(crate) was_set_back: bool,
}

/// What is left of what may happen only so often in one run.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub(crate) struct Left {
    pub(crate) faults: u8,
    pub(crate) strangers: u8,
    pub(crate) owners: u8,
    pub(crate) waits: u8,
    pub(crate) set_backs: u8,
    pub(crate) changes: u8,
    pub(crate) rotations: u8,
    pub(crate) webhooks: u8,
    pub(crate) purges: u8,
}

/// All that the players know, and all else that is not in the store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) mails: Vec<Mail>,
    pub(crate) browsers: [Browser; 2],
    pub(crate) pairs: Vec<Pair>,
    /// Messages that the owner sent to the service, and when.
    pub(crate) sent: Vec<(String, ResetId, DateTime<Utc>)>,
    /// How far each node is with the new key: not at all, verifies with it, issues with it, has retired the old one.
    pub(crate) phase: [u8; 2],
    pub(crate) facts: Facts,
    pub(crate) left: Left,
}

/// A position: everything from which a game can go on.
#[derive(Clone)]
pub(crate) struct Position {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) account: Account,
    pub(crate) now: DateTime<Utc>,
    pub(crate) drawn: u64,
    pub(crate) hashed: usize,
    pub(crate) known: Known,
}

/// The databases of a game.
#[derive(Clone)]
pub(crate) struct Databases {
    pub(crate) store: Arc<dyn ResetStore>,
    pub(crate) accounts: Arc<dyn Accounts>,
    /// The same, where they are in memory.
    pub(crate) memory: Option<(Arc<MemoryStore>, MemoryAccounts)>,
}

/// A game that goes on.
pub(crate) struct Play {
    pub(crate) setting: Setting,
    pub(crate) machine: Machine,
    pub(crate) databases: Databases,
    pub(crate) clock: FakeClock,
    pub(crate) mail: RecordingNotifier,
    pub(crate) phone: RecordingNotifier,
    pub(crate) random: CountedRandom,
    pub(crate) known: Known,
    /// Messages read so far, of each notifier.
    pub(crate) read: [usize; 2],
    /// Nodes without faults, by phase of their keys.
    healthy: BTreeMap<u8, Arc<(PasswordReset, Worker)>>,
}

/// The service's realm, in which the game looks into its store too.
pub(crate) fn realm() -> Realm {
    Realm::new(BASE_URL).unwrap()
}

pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000).unwrap()
}

pub(crate) fn owner() -> Account {
    Account::new(OWNER, AccountStatus::Active)
        .with_contact(Contact::email(MAIL))
        .with_contact(Contact::phone(PHONE))
        .with_hash(PlainHasher::hash_of(OLD, 0))
}

/// The reset that a token is of: every token begins with its id.
pub(crate) fn reset_of(token: &str) -> ResetId {
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
    ResetId::from_bytes(bytes[..16].try_into().unwrap())
}

fn keys(phase: u8) -> KeyRing {
    let (old, new) = (|| key("k1", 1), || key("k2", 3));
    let (counters, new_counters) = (|| key("counters", 2), || key("counters-2", 4));
    match phase {
        0 => KeyRing::new(old(), counters()),
        1 => KeyRing::new(old(), counters()).verifying(new()).verifying_counters(new_counters()),
        2 => KeyRing::new(new(), new_counters()).verifying(old()).verifying_counters(counters()),
        _ => KeyRing::new(new(), new_counters()),
    }
}

impl Position {
    /// Where every game begins: the owner has forgotten the password.
    pub(crate) fn first(left: Left) -> Self {
        let known = Known { left, ..Known::default() };
        Self { store: Arc::new(MemoryStore::new()), account: owner(), now: start(), drawn: 0, hashed: 0, known }
    }
}

impl Databases {
    fn in_memory(setting: &Setting, position: &Position) -> Self {
        let accounts = MemoryAccounts::new();
        accounts.add_named("ani", position.account.clone());
        if setting.namesake {
            let other = Account::new("8", AccountStatus::Disabled).with_contact(Contact::email(MAIL));
            accounts.add_named("other", other.with_hash(PlainHasher::hash_of("another password", 0)));
        }
        let store = match setting.writing {
            true => MemoryStore::writing(accounts.clone()),
            false => MemoryStore::new(),
        };
        store.restore(&position.store);
        let store = Arc::new(store.with_realm(&realm()));
        let memory = Some((Arc::clone(&store), accounts.clone()));
        match setting.broken {
            Broken::Nothing => Self { store, accounts: Arc::new(accounts), memory },
            broken => Self {
                store: Arc::new(BrokenStore::new(store, broken)),
                accounts: Arc::new(BrokenAccounts { inner: accounts, broken }),
                memory,
            },
        }
    }
}

impl Play {
    pub(crate) fn resume(setting: &Setting, machine: &Machine, position: &Position) -> Self {
        machine.hasher.restart_at(position.hashed);
        Self::on(setting, machine, Databases::in_memory(setting, position), position)
    }

    pub(crate) fn on(setting: &Setting, machine: &Machine, databases: Databases, position: &Position) -> Self {
        Self {
            setting: *setting,
            machine: machine.clone(),
            databases,
            clock: FakeClock::at(position.now),
            mail: RecordingNotifier::new(),
            phone: RecordingNotifier::reaching(ContactKind::Phone),
            random: CountedRandom(Count::at(position.drawn)),
            known: position.known.clone(),
            read: [0; 2],
            healthy: BTreeMap::new(),
        }
    }

    /// A node without faults.
    pub(crate) fn healthy(&mut self, node: u8) -> Arc<(PasswordReset, Worker)> {
        let phase = self.known.phase[usize::from(node)];
        if !self.healthy.contains_key(&phase) {
            let built = Arc::new(self.node(node, &Faults::none()));
            self.healthy.insert(phase, built);
        }
        Arc::clone(&self.healthy[&phase])
    }

    pub(crate) fn position(&self) -> Position {
        let (store, accounts) = self.databases.memory.as_ref().unwrap();
        Position {
            store: Arc::new(store.copy()),
            account: accounts.get(&AccountId::new(OWNER)).unwrap(),
            now: self.now(),
            drawn: self.random.0.get(),
            hashed: self.machine.hasher.hashed(),
            known: self.known.clone(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn wait(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }

    /// A node that starts now, whose calls of the databases are under a plan of faults.
    pub(crate) fn node(&self, node: u8, faults: &Faults) -> (PasswordReset, Worker) {
        let store = FaultyStore::new(Arc::clone(&self.databases.store), faults);
        let accounts = FaultyAccounts::new(Arc::clone(&self.databases.accounts), faults);
        let site = Site::new("Toko Contoh", BASE_URL);
        let mut builder = PasswordReset::builder(accounts, store, keys(self.known.phase[usize::from(node)]), site)
            .notifier(self.mail.clone())
            .notifier(self.phone.clone())
            .risk_policy(Policy(self.setting.step_up))
            .policy(PasswordPolicy::from_rules([Rule::MinLength(8), Rule::MaxLength(64), Rule::MaxBytes(256)]))
            .limits(self.setting.limits())
            .clock(self.clock.clone())
            .random(self.random.clone())
            .hash_pool(self.machine.pool.clone());
        builder = match self.setting.inbound {
            Some(InboundMode::TypeBack) => builder.inbound(Inbound::type_back(NUMBER).unwrap()),
            Some(InboundMode::ContinueOnPhone) => builder.inbound(Inbound::continue_on_phone(NUMBER).unwrap()),
            Some(_) => builder.inbound(Inbound::page_advances(NUMBER).unwrap()),
            None => builder,
        };
        builder.build().unwrap()
    }

    /// The owner reads what came. The time until which a link lives is taken from its row, once, when it comes.
    pub(crate) async fn read(&mut self) -> Vec<&'static str> {
        let (mut kinds, mut mails) = (Vec::new(), Vec::new());
        for (at, notifier) in [&self.mail, &self.phone].into_iter().enumerate() {
            let delivered = notifier.delivered();
            for sent in &delivered[self.read[at]..] {
                kinds.push(sent.kind());
                let Some(cancel) = sent.cancel_secret() else { continue };
                let reset = reset_of(cancel);
                let loaded = self.databases.store.load(reset).await.unwrap();
                let row = loaded.map(|loaded| loaded.reset);
                let until = row.and_then(|row| row.binding().map(|binding| binding.link_until()));
                let mail = Mail {
                    reset,
                    link: sent.link_secret().map(str::to_owned),
                    code: sent.code().map(str::to_owned),
                    cancel: Some(cancel.to_owned()),
                    is_step_up: sent.kind() == "step_up_code",
                    until: until.unwrap_or(self.clock.now()),
                    generation: self.known.facts.generation,
                };
                let is_known =
                    |known: &Mail| known.reset == reset && known.link == mail.link && known.code == mail.code;
                if !self.known.mails.iter().any(is_known) {
                    mails.push(mail);
                }
            }
            self.read[at] = delivered.len();
        }
        // The worker runs rows at the same time, so what comes of one turn has no order.
        mails.sort_by_key(|mail| mail.reset);
        self.known.mails.extend(mails);
        kinds.sort_unstable();
        kinds
    }
}
