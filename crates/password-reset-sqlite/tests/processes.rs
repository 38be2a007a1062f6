//! Several processes on one file: this program starts itself, so it has no test harness.
//!
//! The children migrate at once; then, round by round, each tries to set its own password with its own reset of the same
//! account, all released by one line on their standard input. Exactly one may win, and its hash must be the account's
//! (I2).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "test code"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, Utc};
use password_reset::flow::{CloseReason, Reset, State};
use password_reset::ports::{
    Accounts, Attempt, AttemptKind, Attempted, Digest, Opened, PermitTaken, Quota, ResetStore,
};
use password_reset::{AccountId, PasswordHash, ResetId};
use password_reset_sqlite::{SqliteAccounts, SqliteStore};
use password_reset_testkit::sample;

const CHILDREN: usize = 4;
const ROUNDS: usize = 40;
const TRIES_EACH: u32 = 10;
const LIMIT: u32 = 5;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("--child"), Some(file)) => child(Path::new(&file)).await,
        _ => {
            parent().await;
            println!("test several_processes_on_one_file ... ok");
        }
    }
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn open(file: &Path) -> (SqliteAccounts, SqliteStore) {
    let store = SqliteStore::open(file).unwrap();
    let accounts = store.accounts("users");
    (accounts.clone(), store.writing(accounts))
}

async fn verified(store: &SqliteStore) -> Reset {
    let reset = sample::verified(&"1".into(), noon());
    assert_eq!(store.open(&reset, None, None, &[]).await.unwrap(), Opened::Stored);
    reset
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> [u8; 16] {
    std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
}

/// The next line on standard input, or `None` at its end.
fn next_line() -> Option<String> {
    let mut line = String::new();
    let length = std::io::stdin().read_line(&mut line).unwrap();
    (length > 0).then(|| line.trim_end().to_owned())
}

/// Answers every line: `migrate`; `ready <reset>`, then `go`; `count <reset>`; `take <reset>`.
async fn child(file: &Path) {
    let (accounts, store) = open(file);
    while let Some(line) = next_line() {
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match *words {
            ["migrate"] => store.migrate().await.map_or_else(|error| format!("{error:?}"), |()| "done".to_owned()),
            ["ready", id] => {
                // What the step needs was read before the others are let go.
                let reset = store.load(ResetId::from_bytes(from_hex(id))).await.unwrap().unwrap().reset;
                let was = accounts.load(&AccountId::new("1")).await.unwrap().unwrap();
                println!("ready");
                assert_eq!(next_line().as_deref(), Some("go"));
                let new = PasswordHash::new(format!("hash of {id}"));
                let step = sample::apply_with(&reset, was, new, noon());
                format!("{:?}", store.transition(&step).await.unwrap())
            }
            ["count", id] => {
                let id = ResetId::from_bytes(from_hex(id));
                let mut counted = 0;
                for _ in 0..TRIES_EACH {
                    let answer = store.attempt(&Attempt::new(id, AttemptKind::Code, LIMIT)).await.unwrap();
                    counted += u32::from(matches!(answer, Attempted::Counted { .. }));
                }
                counted.to_string()
            }
            ["take", id] => {
                let mut key = [0; 32];
                key[..16].copy_from_slice(&from_hex(id));
                let quota = Quota::new(Digest::from_bytes(key), LIMIT, Duration::from_secs(60), noon());
                let mut taken = 0;
                for _ in 0..TRIES_EACH {
                    let answer = store.take_permit(&quota).await.unwrap();
                    taken += u32::from(matches!(answer, PermitTaken::Granted { .. }));
                }
                taken.to_string()
            }
            _ => panic!("not a command: {line}"),
        };
        println!("{answer}");
    }
}

struct Racer {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Racer {
    fn start(file: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let command = command.arg("--child").arg(file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, to, from }
    }

    fn notify(&mut self, line: &str) {
        writeln!(self.to, "{line}").unwrap();
        self.to.flush().unwrap();
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "a child ended");
        line.trim_end().to_owned()
    }
}

async fn parent() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.db");
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch(
            "create table users (id integer primary key, email text, password_hash text);
             insert into users values (1, 'ana@toko.example', 'old')",
        )
        .unwrap();
    let mut racers: Vec<Racer> = (0..CHILDREN).map(|_| Racer::start(&file)).collect();
    racers.iter_mut().for_each(|racer| racer.notify("migrate"));
    for racer in &mut racers {
        assert_eq!(racer.answer(), "done");
    }

    let (accounts, store) = open(&file);
    for round in 0..ROUNDS {
        let mut resets = Vec::new();
        for _ in 0..CHILDREN {
            resets.push(verified(&store).await);
        }
        for (racer, reset) in racers.iter_mut().zip(&resets) {
            racer.notify(&format!("ready {}", hex(reset.id().as_bytes())));
        }
        for racer in &mut racers {
            assert_eq!(racer.answer(), "ready");
        }
        racers.iter_mut().for_each(|racer| racer.notify("go"));
        let answers: Vec<String> = racers.iter_mut().map(Racer::answer).collect();
        let winners: Vec<usize> = (0..CHILDREN).filter(|child| answers[*child].starts_with("Finished")).collect();
        assert_eq!(winners.len(), 1, "round {round}: {answers:?}");
        let account = accounts.load(&AccountId::new("1")).await.unwrap().unwrap();
        let expected = PasswordHash::new(format!("hash of {}", hex(resets[winners[0]].id().as_bytes())));
        assert_eq!(account.hash().map(PasswordHash::as_str), Some(expected.as_str()));
        for (child, reset) in resets.iter().enumerate() {
            let state = store.load(reset.id()).await.unwrap().unwrap().reset.state();
            let lost = State::Closed(CloseReason::OtherResetWon);
            assert_eq!(state, if child == winners[0] { State::PasswordSet } else { lost });
        }
        // No more attempts are counted, nor permits given, than there are, whichever process asks.
        let tried = hex(verified(&store).await.id().as_bytes());
        for command in ["count", "take"] {
            racers.iter_mut().for_each(|racer| racer.notify(&format!("{command} {tried}")));
            let granted: u32 = racers.iter_mut().map(|racer| racer.answer().parse::<u32>().unwrap()).sum();
            assert_eq!(granted, LIMIT, "{command} in round {round}");
        }
    }
    for racer in racers {
        let Racer { mut child, to, from } = racer;
        drop((to, from));
        assert!(child.wait().unwrap().success());
    }
}
