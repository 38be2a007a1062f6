//! New keys, brought in on two nodes in the three steps that the key ring asks for.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use password_reset::hashing::{Argon2Hasher, HashPoolConfig};
use password_reset::inbound::{Assurance, InboundMessage, Received, Sender};
use password_reset::ports::Clock;
use password_reset::secret::{CancelToken, Code, GrantToken, LinkToken, RequesterToken};
use password_reset::{
    Account, AccountStatus, CallingCode, Contact, HashPool, Identifier, Inbound, Key, KeyRing, Limits, Locale,
    Password, PasswordReset, Proof, ResetRequest, Site, Stage, VerifyError, Worker,
};

use super::StoreFixture;
use crate::sample::noon;
use crate::{FakeClock, MemoryAccounts, RecordingNotifier};

const SERVICE: &str = "+6281100000000";

/// How far the rotation is on one node.
#[derive(Clone, Copy, Debug)]
enum Ring {
    Before,
    Recognising,
    Issuing,
    After,
}

/// The rings of two nodes while it goes on: each step on all nodes before the next.
const STEPS: [[Ring; 2]; 7] = [
    [Ring::Before, Ring::Before],
    [Ring::Recognising, Ring::Before],
    [Ring::Recognising, Ring::Recognising],
    [Ring::Issuing, Ring::Recognising],
    [Ring::Issuing, Ring::Issuing],
    [Ring::After, Ring::Issuing],
    [Ring::After, Ring::After],
];
/// The first of them that waits for what the old keys made.
const DROPPED: usize = 5;

impl Ring {
    fn keys(self) -> KeyRing {
        let key = |id, byte| Key::new(id, &(byte..byte + 32).collect::<Vec<u8>>()).expect("a sample key is valid");
        let (old, new) = (|| key("k1", 1), || key("k2", 40));
        let (counters, new_counters) = (|| key("counters", 101), || key("counters-2", 140));
        match self {
            Self::Before => KeyRing::new(old(), counters()),
            Self::Recognising => KeyRing::new(old(), counters()).verifying(new()).verifying_counters(new_counters()),
            Self::Issuing => KeyRing::new(new(), new_counters()).verifying(old()).verifying_counters(counters()),
            Self::After => KeyRing::new(new(), new_counters()),
        }
    }
}

/// One application, whatever its nodes: accounts, mails and a clock.
struct World<'a, F> {
    fixture: &'a F,
    clock: FakeClock,
    accounts: MemoryAccounts,
    mail: RecordingNotifier,
    pool: HashPool,
}

impl<'a, F: StoreFixture> World<'a, F> {
    fn of(fixture: &'a F) -> Self {
        let (clock, accounts) = (FakeClock::at(noon()), MemoryAccounts::new());
        let pool = HashPool::new(Arc::new(Argon2Hasher::default()), HashPoolConfig::default()).unwrap();
        Self { fixture, clock, accounts, mail: RecordingNotifier::new(), pool }
    }

    /// An account with a mailbox and a number of its own.
    fn has(&self, id: usize) {
        let account = Account::new(id.to_string(), AccountStatus::Active).with_hash(crate::sample::hash());
        self.accounts.add(account.with_contact(Contact::email(email(id))).with_contact(Contact::phone(phone(id))));
    }

    fn account(&self, id: usize) -> Account {
        self.accounts.get(&id.to_string().into()).expect("the sample account exists")
    }

    fn node(&self, ring: Ring) -> (PasswordReset, Worker) {
        let site = Site::new("Toko", "https://toko.example/reset");
        let mut limits = Limits::default();
        (limits.wrong_code_burst, limits.message_burst) = (5, 10);
        PasswordReset::builder(self.accounts.clone(), self.fixture.another_node(), ring.keys(), site)
            .notifier(self.mail.clone())
            .inbound(Inbound::page_advances(SERVICE).expect("the sample number is valid"))
            .clock(self.clock.clone())
            .limits(limits)
            .hash_pool(self.pool.clone())
            .build()
            .expect("the sample service is valid")
    }

    /// Asks at a node, and has its worker send; returns what the browser keeps, and what came by mail.
    async fn mailed(
        &self,
        node: &(PasswordReset, Worker),
        id: usize,
    ) -> (RequesterToken, LinkToken, CancelToken, Code) {
        let named = Identifier::email(&email(id)).unwrap();
        let asked = node.0.request(ResetRequest::email_link(named, source())).await.unwrap();
        node.1.run_once().await.unwrap();
        let mail = self.mail.last().expect("a mail must have been sent");
        let link = LinkToken::parse(mail.link_secret().unwrap()).unwrap();
        let cancel = CancelToken::parse(mail.cancel_secret().unwrap()).unwrap();
        (asked.requester_token, link, cancel, Code::parse(mail.code().unwrap()).unwrap())
    }
}

fn email(id: usize) -> String {
    format!("owner{id}@toko.example")
}

fn phone(id: usize) -> String {
    format!("+62812000{id:05}")
}

fn source() -> IpAddr {
    IpAddr::from(Ipv4Addr::new(203, 0, 113, 7))
}

/// What one node made, for another to take.
struct Made {
    id: usize,
    requester_token: RequesterToken,
    link: LinkToken,
    cancel: CancelToken,
    grant: GrantToken,
    whatsapp: RequesterToken,
    message: InboundMessage,
    session: String,
    contact: String,
}

fn new_contact() -> Contact {
    Contact::email("new@toko.example")
}

impl Made {
    async fn by<F: StoreFixture>(world: &World<'_, F>, node: &(PasswordReset, Worker), id: usize) -> Self {
        world.has(id);
        world.has(id + 1);
        world.has(id + 2);
        let (requester_token, link, _, _) = world.mailed(node, id).await;
        let (.., cancel, _) = world.mailed(node, id + 1).await;
        let (_, opened, ..) = world.mailed(node, id + 2).await;
        let grant = node.0.verify(Proof::Link(opened)).await.unwrap();
        let named = Identifier::phone(&phone(id), CallingCode::INDONESIA).unwrap();
        let asked = node.0.request(ResetRequest::whatsapp_inbound(named, source())).await.unwrap();
        let text = asked.challenge.as_ref().unwrap().text(Locale::INDONESIAN);
        let message =
            InboundMessage::new(Assurance::Signed, Sender::phone(&phone(id)).unwrap(), world.clock.now(), text);
        let account = world.account(id);
        Self {
            id,
            requester_token,
            link,
            cancel,
            grant: grant.into_token(),
            whatsapp: asked.requester_token,
            message,
            session: node.0.login().session_auth_hash(account.id(), account.hash().unwrap()),
            contact: node.0.contacts().token(&account, &new_contact()),
        }
    }

    async fn taken_by<F: StoreFixture>(self, world: &World<'_, F>, (node, worker): &(PasswordReset, Worker)) {
        let account = world.account(self.id);
        assert!(node.login().is_session_auth_hash(&self.session, account.id(), account.hash().unwrap()), "session");
        assert!(node.contacts().confirms(&account, &new_contact(), &self.contact), "new contact");
        let stage = async |token: &RequesterToken| node.status(token).await.unwrap().unwrap().stage;
        assert_eq!(stage(&self.requester_token).await, Stage::Waiting, "requester token");
        assert!(node.verify(Proof::Link(self.link)).await.is_ok(), "link");
        node.cancel(&self.cancel).await.expect("cancel link");
        assert!(node.verify(Proof::Grant(self.grant)).await.is_ok(), "grant");
        assert_eq!(node.receive(self.message).await.unwrap(), Received::Proved, "code by WhatsApp");
        assert_eq!(stage(&self.whatsapp).await, Stage::Proved);
        worker.run_once().await.unwrap();
    }
}

/// Links, cancel links, grants, requester tokens, codes by WhatsApp, session auth hashes and tokens for a new contact: at every
/// step of a rotation, the other node takes what a node makes now, and what both made at the step before.
pub async fn what_one_node_made_another_takes_while_keys_rotate(fixture: &impl StoreFixture) {
    let world = World::of(fixture);
    let (mut id, mut before) = (0, Vec::new());
    for (step, rings) in STEPS.into_iter().enumerate() {
        let nodes = rings.map(|ring| world.node(ring));
        if step == DROPPED {
            before.clear();
            world.clock.advance(nodes[1].0.operations().counter_keys_are_needed_for());
            assert_eq!(
                world.node(Ring::After).0.operations().missing_keys().await.unwrap(),
                [""; 0],
                "nothing needs the old key"
            );
        }
        let mut made = Vec::new();
        for _ in 0..2 {
            for (at, node) in nodes.iter().enumerate() {
                id += 3;
                made.push((at, Made::by(&world, node, id).await));
            }
        }
        let later = made.split_off(2);
        for (by, made) in before.into_iter().chain(made) {
            made.taken_by(&world, &nodes[1 - by]).await;
        }
        before = later;
    }
}

/// Wrong codes pause an account, and messages to it are capped: neither ends with a step of a rotation, on either node. What
/// the nodes count at one step with different keys in front counts together, and is still counted when the old key is gone.
pub async fn a_pause_and_a_cap_outlast_a_rotation(fixture: &impl StoreFixture) {
    let world = World::of(fixture);
    let [paused, capped, guessed, later] = [1, 2, 3, 4];
    (1..=4).for_each(|id| world.has(id));
    let wrong = async |nodes: [&(PasswordReset, Worker); 2], id| {
        let (token, .., right) = world.mailed(nodes[0], id).await;
        let code = Code::parse(if right.expose() == "12345678" { "87654321" } else { "12345678" }).unwrap();
        for at in 0..5 {
            let code = Code::parse(code.expose()).unwrap();
            let requester_token = RequesterToken::parse(token.expose()).unwrap();
            let refused = nodes[at % 2].0.verify(Proof::Code { requester_token, code }).await;
            assert!(matches!(refused, Err(VerifyError::Refused)), "{refused:?}");
        }
    };
    let is_paused = async |nodes: [&(PasswordReset, Worker); 2], id| {
        let (requester_token, .., code) = world.mailed(nodes[0], id).await;
        nodes[1].0.verify(Proof::Code { requester_token, code }).await.is_err()
    };
    let guess = async |node: &PasswordReset| {
        node.login()
            .check_current_password(&guessed.to_string().into(), Password::new("a wrong password"), source())
            .await
    };
    for (step, rings) in STEPS.into_iter().enumerate() {
        let [one, two] = rings.map(|ring| world.node(ring));
        if step == 0 {
            wrong([&one, &two], paused).await;
            for _ in 0..10 {
                world.mailed(&one, capped).await;
            }
            while !matches!(guess(&one.0).await, Err(VerifyError::TooMany { .. })) {}
        }
        if step == 3 {
            wrong([&one, &two], later).await;
        }
        if step < DROPPED {
            assert!(is_paused([&one, &two], paused).await, "{rings:?}");
            let sent = world.mail.tried().len();
            for node in [&two, &one] {
                let named = Identifier::email(&email(capped)).unwrap();
                node.0.request(ResetRequest::email_link(named, source())).await.unwrap();
                node.1.run_once().await.unwrap();
                assert!(matches!(guess(&node.0).await, Err(VerifyError::TooMany { .. })), "{rings:?}");
            }
            assert_eq!(world.mail.tried().len(), sent, "{rings:?}: the cap holds");
        }
        if step >= 3 {
            assert!(is_paused([&two, &one], later).await, "{rings:?}");
        }
        if step + 1 == DROPPED {
            two.0.login().signed_in(&paused.to_string().into()).await.unwrap();
            assert!(!is_paused([&one, &two], paused).await, "who signed in is not paused");
        }
    }
}
