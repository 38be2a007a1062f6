//! `kill -9` at every call of every port, on a real SQLite file, and a restart (I7).
//!
//! The test starts itself as a child that runs a whole reset and stops before or after the n-th call. The parent kills it
//! there, opens the same files as the next start of the application would, and everything must finish.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use password_reset::async_trait;
use password_reset::message::MessageBody;
use password_reset::ports::{Accounts, Delivery, Notifier, ResetStore};
use password_reset::secret::{GrantToken, LinkToken};
use password_reset::{ContactKind, Identifier, Message, NewPassword, PasswordReset, Proof, ResetRequest, Site, Worker};
use password_reset_sqlite::{SqliteAccounts, SqliteStore};
use password_reset_testkit::{
    FakeClock, Fault, Faults, FaultyAccounts, FaultyNotifier, FaultyStore, Hook, PlainHasher, sample,
};
use rusqlite::Connection;

const EMAIL: &str = "ani@toko.example";
const OLD: &str = "an old and long password";
const NEW: &str = "quiet umbrella festival 92";
const HERE: &str = "the child waits to be killed";

/// Where the accounts are: in the database and transaction of the resets, or in a file of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Together,
    Apart,
}

/// The files of the application: databases, sent emails, and the browser's cookie.
struct World {
    folder: PathBuf,
    kind: Kind,
}

struct Running {
    users: PathBuf,
    resets: PathBuf,
    reset: PasswordReset,
    worker: Worker,
    clock: FakeClock,
}

impl World {
    fn mails(&self) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(self.folder.join("mails")).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        lines.map(|(id, link)| (id.to_owned(), link.to_owned())).collect()
    }

    fn link(&self) -> Option<String> {
        self.mails().into_iter().rev().map(|(_, link)| link).find(|link| link != "notice")
    }

    fn cookie(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.join("cookie")).ok()
    }

    /// Starts the application at a time, with faults.
    async fn start(&self, minutes: u64, faults: &Faults) -> Running {
        let resets = self.folder.join("resets.db");
        let users = if self.kind == Kind::Together { resets.clone() } else { self.folder.join("users.db") };
        let db = Connection::open(&users).unwrap();
        db.execute_batch("create table if not exists users (id integer primary key, email text, password_hash text)")
            .unwrap();
        let insert = "insert into users values (7, ?1, ?2) on conflict do nothing";
        db.execute(insert, (EMAIL, PlainHasher::hash_of(OLD, 0).as_str())).unwrap();
        // A killed process loses nothing that the system has; only a power cut would.
        let store = SqliteStore::open_with(&resets, "pragma synchronous = normal").unwrap();
        let accounts = match self.kind {
            Kind::Together => store.accounts("users"),
            Kind::Apart => SqliteAccounts::open(&users, "users").unwrap(),
        };
        let store = if self.kind == Kind::Together { store.writing(accounts.clone()) } else { store };
        store.migrate().await.unwrap();
        let clock = FakeClock::at(start() + Duration::from_secs(60 * minutes));
        let mail = FileNotifier { file: self.folder.join("mails") };
        let accounts: Arc<dyn Accounts> = Arc::new(accounts);
        let store: Arc<dyn ResetStore> = Arc::new(store);
        let notifier: Arc<dyn Notifier> = Arc::new(mail);
        let (reset, worker) = PasswordReset::builder(
            FaultyAccounts::new(accounts, faults),
            FaultyStore::new(store, faults),
            sample::keys(),
            Site::new("Toko Contoh", "https://toko.example/reset"),
        )
        .notifier(FaultyNotifier::new(notifier, faults))
        .clock(clock.clone())
        .hash_pool(PlainHasher::unsalted().pool())
        .build()
        .unwrap();
        Running { users, resets, reset, worker, clock }
    }
}

impl Running {
    async fn ask(&self) {
        let source: std::net::IpAddr = [203, 0, 113, 7].into();
        let request = ResetRequest::email_link(Identifier::email(EMAIL).unwrap(), source);
        self.reset.request(request).await.unwrap();
        self.worker.run_once().await.unwrap();
    }

    async fn prove(&self, world: &World) -> GrantToken {
        let link = LinkToken::parse(&world.link().expect("a mail with a link")).unwrap();
        self.reset.verify(Proof::Link(link)).await.expect("the link opens").into_token()
    }

    async fn set(&self, token: GrantToken) {
        let grant = self.reset.verify(Proof::Grant(token)).await.expect("the grant holds");
        self.reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await.expect("the password is set");
    }

    fn password(&self) -> String {
        let db = Connection::open(&self.users).unwrap();
        let hash: String = db.query_row("select password_hash from users", [], |row| row.get(0)).unwrap();
        hash.rsplit('$').next().unwrap().to_owned()
    }

    fn states(&self) -> Vec<(String, i64)> {
        let db = Connection::open(&self.resets).unwrap();
        let mut statement = db.prepare("select state, tasks from password_reset_resets order by id").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

/// The child: a whole reset, with a stop at one call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_reset_in_a_process_of_its_own() {
    // Without the variables it runs to its end, in a folder of its own.
    let temporary = tempfile::tempdir().unwrap();
    let folder = std::env::var("KILL_FOLDER").map_or(temporary.path().to_owned(), PathBuf::from);
    let kind = if std::env::var("KILL_KIND").as_deref() == Ok("Apart") { Kind::Apart } else { Kind::Together };
    let call = std::env::var("KILL_CALL").map_or(usize::MAX, |call| call.parse().unwrap());
    let wait: Hook = Arc::new(|| {
        println!("\n{HERE}");
        std::io::stdout().flush().unwrap();
        loop {
            std::thread::park();
        }
    });
    let after = std::env::var("KILL_AFTER").is_ok();
    let faults = Faults::at(call, if after { Fault::RunAfter(wait) } else { Fault::RunBefore(wait) });
    let world = World { folder, kind };
    let running = world.start(0, &faults).await;
    running.ask().await;
    let token = running.prove(&world).await;
    std::fs::write(world.folder.join("cookie"), token.expose()).unwrap();
    running.set(token).await;
    running.worker.run_once().await.unwrap();
    assert_eq!(running.password(), NEW);
    assert_eq!(running.states(), [("password_set".to_owned(), 0)]);
}

/// Starts the child, and kills it where it stops. `false` when it ran to its end, because there is no such call.
fn killed(world: &World, call: usize, after: bool) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["a_whole_reset_in_a_process_of_its_own", "--exact", "--nocapture"])
        .env("KILL_FOLDER", &world.folder)
        .env("KILL_KIND", format!("{:?}", world.kind))
        .env("KILL_CALL", call.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if after {
        command.env("KILL_AFTER", "1");
    }
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let stopped = lines.any(|line| line.unwrap() == HERE);
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(stopped || status.success(), "{:?}: the child failed at call {call}", world.kind);
    stopped
}

/// The next start of the application: the worker runs, and the owner continues.
async fn restart(world: &World, what: &str) {
    let running = world.start(4, &Faults::none()).await;
    running.worker.run_once().await.unwrap();
    let before = running.password();
    assert!(before == OLD || before == NEW, "{what}: half a password");
    if before == OLD {
        if world.link().is_none() {
            // The request itself was lost without an answer, so the requester tries again.
            running.ask().await;
        }
        let token = match world.cookie() {
            Some(cookie) => GrantToken::parse(&cookie).unwrap(),
            None => running.prove(world).await,
        };
        running.set(token).await;
    }
    running.clock.advance(Duration::from_secs(10 * 60));
    running.worker.run_once().await.unwrap();
    assert_eq!(running.password(), NEW, "{what}");
    let states = running.states();
    assert!(states.iter().all(|(_, tasks)| *tasks == 0), "{what}: {states:?}");
    assert_eq!(states.iter().filter(|(state, _)| state == "password_set").count(), 1, "{what}: {states:?}");
    // A message that is sent again after a crash is the same message.
    let mut mails = world.mails();
    mails.sort();
    mails.dedup();
    let (notices, links): (Vec<_>, Vec<_>) = mails.into_iter().partition(|(_, link)| link == "notice");
    assert_eq!((notices.len(), links.len()), (1, 1), "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_at_any_call_leaves_what_the_next_one_finishes() {
    let mut kills = 0;
    for kind in [Kind::Together, Kind::Apart] {
        for after in [false, true] {
            for call in 1.. {
                let temporary = tempfile::tempdir().unwrap();
                let world = World { folder: temporary.path().to_owned(), kind };
                if !killed(&world, call, after) {
                    break;
                }
                kills += 1;
                let when = if after { "after" } else { "before" };
                restart(&world, &format!("{kind:?}, killed {when} call {call}")).await;
            }
        }
    }
    println!("{kills} kills");
    assert!(kills >= 80, "only {kills} kills");
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000).unwrap()
}

/// A notifier whose mailbox is a file, which survives the process.
#[derive(Debug)]
struct FileNotifier {
    file: PathBuf,
}

#[async_trait]
impl Notifier for FileNotifier {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        let what = match message.body() {
            MessageBody::Link(reset) => reset.link.expose().rsplit_once('#').unwrap().1.to_owned(),
            _ => "notice".to_owned(),
        };
        append(&self.file, &format!("{:?} {what}\n", message.id()));
        Delivery::Delivered
    }
}

fn append(file: &Path, line: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
    file.write_all(line.as_bytes()).unwrap();
}
