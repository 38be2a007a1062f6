//! What an inbound message costs the database, statement by statement.
//!
//! A test binary of its own, with one test: statements are counted for the whole process.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "test code")]

use std::path::Path;

use password_reset::inbound::{Assurance, InboundMessage, Received, Sender};
use password_reset::ports::UserTable;
use password_reset::{
    CallingCode, ContactKind, Identifier, Inbound, Key, KeyRing, Locale, PasswordReset, ResetRequest, Site,
};
use password_reset_sqlite::SqliteStore;
use password_reset_testkit::{FakeClock, Log, RecordingNotifier};
use tracing::Level;

const SERVICE: &str = "+6281100000000";
const ANI: &str = "+6281200000001";

/// What was logged of every statement that was carried out.
struct Statements(Log);

impl Statements {
    /// Those since the last time, by verb and table.
    fn take(&self) -> Vec<String> {
        let log = self.0.take();
        let statement = |text: &str| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let table = words.iter().find(|word| word.starts_with("password_reset_") || **word == "users")?;
            Some(format!("{} {}", words.first()?, table.trim_start_matches("password_reset_")))
        };
        let texts = log.lines().filter_map(|line| line.split_once("password_reset_sqlite::statement: text=\""));
        texts.filter_map(|(_, text)| statement(&text.replace("\\\"", " "))).collect()
    }
}

struct App {
    reset: PasswordReset,
    worker: password_reset::Worker,
    clock: FakeClock,
}

impl App {
    async fn new(file: &Path, inbound: Inbound) -> Self {
        let store = SqliteStore::open(file).unwrap();
        let accounts = store.accounts(UserTable::new("users").with_phone_column("phone"));
        let store = store.writing(accounts.clone());
        store.migrate().await.unwrap();
        let key = |id: &str, first: u8| Key::new(id, &(first..first + 32).collect::<Vec<u8>>()).unwrap();
        let keys = KeyRing::new(key("tests", 1), key("counters", 101));
        let clock = FakeClock::default();
        let (reset, worker) =
            PasswordReset::builder(accounts, store, keys, Site::new("Toko Contoh", "https://toko.example/reset"))
                .inbound(inbound)
                .notifier(RecordingNotifier::new())
                .notifier(RecordingNotifier::reaching(ContactKind::Phone))
                .clock(clock.clone())
                .build()
                .unwrap();
        Self { reset, worker, clock }
    }

    /// Asks, and returns the text to send.
    async fn ask(&self) -> String {
        let phone = Identifier::phone(ANI, CallingCode::INDONESIA).unwrap();
        let source: std::net::IpAddr = [192, 0, 2, 1].into();
        let asked = self.reset.request(ResetRequest::whatsapp_inbound(phone, source)).await.unwrap();
        self.worker.run_once().await.unwrap();
        asked.challenge.unwrap().text(Locale::ENGLISH)
    }

    async fn receive(&self, sender: Sender, text: &str) -> Received {
        let now = password_reset::ports::Clock::now(&self.clock);
        let message = InboundMessage::new(Assurance::Signed, sender, now, text);
        self.reset.receive(message).await.unwrap()
    }
}

#[tokio::test]
async fn chat_costs_nothing_a_stray_code_one_read_and_a_match_three_reads_and_one_write() {
    let log = Log::default();
    tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false).with_writer(log.clone()).init();
    let statements = Statements(log);

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.db");
    let users = "create table users (id integer primary key, email text, phone text, password_hash text); \
                 insert into users values (7, 'ani@toko.example', '+6281200000001', null);";
    rusqlite::Connection::open(&file).unwrap().execute_batch(users).unwrap();
    let app = App::new(&file, Inbound::page_advances(SERVICE).unwrap()).await;
    let ani = || Sender::phone_and_id(ANI, "ID.13491208650000000001").unwrap();
    let text = app.ask().await;
    assert!(statements.take().len() > 5, "asking costs some: they are counted");

    for chat in ["halo", "Selamat pagi, apakah stok masih ada?", "kode", "kodeK7MX2Q kodeK7MX2Q", &"kode".repeat(9_000)]
    {
        for _ in 0..100 {
            assert_eq!(app.receive(ani(), chat).await, Received::NoCode);
        }
    }
    assert_eq!(statements.take(), Vec::<String>::new(), "chat");

    let stray = Sender::phone("+6281200000002").unwrap();
    assert!(matches!(app.receive(stray, &text).await, Received::Ignored(_)));
    assert_eq!(statements.take(), ["select resets"], "a code from a sender who did not ask");

    assert_eq!(app.receive(ani(), &text).await, Received::Proved);
    assert_eq!(
        statements.take(),
        [
            // The reset; the account as it is; what is known of the sender.
            "select resets",
            "select users",
            "select senders",
            // One write, a transaction with all that belongs to the step.
            "update resets",
            "insert audit",
            "delete senders",
            "insert senders",
            "delete quotas",
        ],
        "a match"
    );

    for _ in 0..3 {
        assert!(matches!(app.receive(ani(), &text).await, Received::Ignored(_)));
        assert_eq!(
            statements.take(),
            ["select resets", "select users"],
            "the same again: the reset has an account by now"
        );
    }

    // A mode that replies counts the reply, too.
    let app = App::new(&file, Inbound::type_back(SERVICE).unwrap()).await;
    let text = app.ask().await;
    statements.take();
    assert_eq!(app.receive(Sender::phone(ANI).unwrap(), &text).await, Received::MessageReceived);
    let reads = ["select resets", "select users", "select senders"];
    let writes = ["insert quotas", "update resets", "insert audit", "insert senders", "delete quotas"];
    assert_eq!(statements.take(), [&reads[..], &writes].concat());
}
