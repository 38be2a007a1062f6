//! Two nodes that share nothing but the database: a browser that waits on one is woken by a message that the other hears.

use std::time::Duration;

use password_reset::inbound::{Assurance, InboundMessage, Received, Sender};
use password_reset::ports::{Changes, Clock, UserTable};
use password_reset::{
    CallingCode, Identifier, Inbound, Key, KeyRing, Locale, PasswordReset, Requested, ResetRequest, Site, Stage,
    Status, Worker,
};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_postgres_server::Server;
use password_reset_testkit::{FakeClock, RecordingNotifier};
use sqlx::PgPool;
use tokio::task::JoinHandle;

use crate::common::{World, noon, pool};
use crate::pooling;

const SERVICE: &str = "+6281100000000";
const PHONE: &str = "+6281200000001";
/// After which time a browser's wait looks by itself. Deadlines of calls sleep for other times.
const LOOKS_AFTER: Duration = Duration::from_secs(2);

struct Node {
    reset: PasswordReset,
    clock: FakeClock,
}

/// A node with pools, keys, a clock and memory of its own.
async fn node(world: &World, store: impl FnOnce(PostgresStore) -> PostgresStore) -> (Node, Worker) {
    node_on(&world.pool_with(2, &[]).await, store).await
}

async fn node_on(pool: &PgPool, store: impl FnOnce(PostgresStore) -> PostgresStore) -> (Node, Worker) {
    let accounts = PostgresAccounts::new(pool, UserTable::new("users").with_phone_column("phone"));
    let store = store(PostgresStore::new(pool).writing(accounts.clone()));
    store.migrate().await.unwrap();
    let key = |id, first: u8| Key::new(id, &(first..first + 32).collect::<Vec<u8>>()).unwrap();
    let keys = KeyRing::new(key("k1", 1), key("counters", 77));
    let clock = FakeClock::at(noon());
    let site = Site::new("Toko Contoh", "https://toko.example/reset");
    let (reset, worker) = PasswordReset::builder(accounts, store, keys, site)
        .notifier(RecordingNotifier::new())
        .inbound(Inbound::page_advances(SERVICE).unwrap())
        .clock(clock.clone())
        .phone_only()
        .build()
        .unwrap();
    (Node { reset, clock }, worker)
}

async fn world(server: &Server) -> World {
    let world = World::bare_of(server).await;
    world
        .run(
            "create table users (id bigint primary key, email text, password_hash text, phone text);
             insert into users values (1, 'ani@toko.example', 'old', '+6281200000001')",
        )
        .await;
    world
}

impl Node {
    /// Asks, and begins to wait. Returns when the wait has looked and gone to sleep: only a hint or a poll wakes it.
    async fn ask(&self) -> (Requested, JoinHandle<Status>) {
        let phone = Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
        let source: std::net::IpAddr = [203, 0, 113, 7].into();
        let asked = self.reset.request(ResetRequest::whatsapp_inbound(phone, source)).await.unwrap();
        let requester_token = password_reset::secret::RequesterToken::parse(asked.requester_token.expose()).unwrap();
        let mut watch = self.reset.watch(requester_token).await.unwrap().unwrap();
        assert_eq!(watch.seen(), Stage::Waiting);
        let waiting = tokio::spawn(async move { watch.changed().await.unwrap() });
        self.clock.until_asleep(LOOKS_AFTER).await;
        (asked, waiting)
    }

    async fn receive(&self, asked: &Requested) {
        let text = asked.challenge.as_ref().unwrap().text(Locale::INDONESIAN);
        let sender = Sender::phone(PHONE).unwrap();
        let message = InboundMessage::new(Assurance::Signed, sender, self.clock.now(), text);
        assert_eq!(self.reset.receive(message).await.unwrap(), Received::Proved);
    }
}

/// The process of the one connection that listens, once it does.
async fn listener(world: &World, other_than: i32) -> i32 {
    let listening = "select pid from pg_stat_activity \
                     where datname = current_database() and query ilike 'listen%' and state = 'idle' and pid <> $1";
    loop {
        let found = sqlx::query_scalar(listening).bind(other_than).fetch_optional(&world.pool).await.unwrap();
        if let Some(pid) = found {
            return pid;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_one_node_hears_wakes_those_who_wait_on_another() {
    let world = world(Server::shared().unwrap()).await;
    let ((here, worker), (there, _)) = (node(&world, |store| store).await, node(&world, |store| store).await);
    // No time passes, so nothing looks by itself: what wakes is the hint.
    let running = tokio::spawn(worker.run());
    let mut cut = 0;
    for round in 0..3 {
        cut = listener(&world, cut).await;
        let (asked, mut waiting) = here.ask().await;
        // What strangers say there is heard and forgotten.
        for said in ["", "x", "'; drop table users --", "00000000-0000-0000-0000-000000000000"] {
            sqlx::query("select pg_notify('password_reset', $1)").bind(said).execute(&world.pool).await.unwrap();
        }
        there.receive(&asked).await;
        let woken = tokio::time::timeout(Duration::from_secs(60), &mut waiting).await;
        assert_eq!(woken.expect("the hint wakes").unwrap().stage, Stage::Proved, "round {round}");
        // The connection that listens is cut, and comes back by itself.
        sqlx::query("select pg_terminate_backend($1)").bind(cut).execute(&world.pool).await.unwrap();
    }
    running.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_hints_a_poll_sees_it() {
    let world = world(Server::shared().unwrap()).await;
    let deaf = |store: PostgresStore| store.not_listening();
    let ((here, worker), (there, _)) = (node(&world, deaf).await, node(&world, |store| store).await);
    let running = tokio::spawn(worker.run());
    let (asked, mut waiting) = here.ask().await;
    there.receive(&asked).await;
    let unheard = tokio::time::timeout(Duration::from_millis(300), &mut waiting).await;
    assert!(unheard.is_err(), "no hint came, and no time has passed");
    let clock = here.clock.clone();
    let passing = async move {
        for _ in 0..5 {
            clock.until_asleep(LOOKS_AFTER).await;
            clock.advance(Duration::from_secs(1));
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        seen = waiting => assert_eq!(seen.unwrap().stage, Stage::Proved),
        () = passing => {}
    }
    running.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_pooler_a_connection_of_its_own_hears_it() {
    let world = world(Server::private().unwrap()).await;
    let options = pooling::start(&world.database.options(), 3).await;
    let (one, other) = (pool(options.clone(), 2).await, pool(options, 2).await);
    let directly = |store: PostgresStore| store.listening_on(world.database.options());
    let ((here, worker), (there, _)) = (node_on(&one, directly).await, node_on(&other, directly).await);
    let running = tokio::spawn(worker.run());
    listener(&world, 0).await;
    let (asked, waiting) = here.ask().await;
    there.receive(&asked).await;
    let woken = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    assert_eq!(woken.expect("the hint wakes").unwrap().stage, Stage::Proved);
    running.abort();
}

#[tokio::test]
async fn a_store_that_cannot_listen_says_so_and_is_asked_again() {
    let world = World::new().await;
    let nowhere = world.database.options().database("not_here");
    let store = world.store().listening_on(nowhere);
    for _ in 0..2 {
        store.changed().await.unwrap_err();
    }
    let message_received = world.store();
    let notifying = async {
        listener(&world, 0).await;
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        sqlx::query("select pg_notify('password_reset', $1)").bind(id).execute(&world.pool).await.unwrap();
        id
    };
    let (changed, said) = tokio::join!(message_received.changed(), notifying);
    assert_eq!(changed.unwrap().to_string(), said);
}

/// A store may be dropped where no runtime is.
#[test]
fn dropping_a_store_that_listened_needs_no_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(async {
        let world = World::bare().await;
        let store = world.store();
        let message_received = tokio::time::timeout(Duration::from_millis(500), store.changed()).await;
        assert!(message_received.is_err());
        store
    });
    drop(runtime);
    drop(store);
}
