//! Random walks of the game's acts, whose observations must be the same in memory, on SQLite and on Postgres.

use std::sync::Arc;

use password_reset::CallingCode;
use password_reset::ports::{ResetStore, UserTable};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_postgres_server::Server;
use password_reset_proofs::Dice;
use password_reset_sqlite::SqliteStore;
use password_reset_testkit::PlainHasher;
use sqlx::postgres::PgPoolOptions;

use crate::acts::{Act, Cut, Verb};
use crate::play::{Databases, MAIL, OLD, OWNER, PHONE, Play, Position, realm};
use crate::ports::Machine;
use crate::search::{Rules, may_rotate, plain_acts};

const LENGTH: usize = 24;

/// What was done, and what was seen of it.
pub(crate) type Walk = Vec<(Act, String)>;

async fn step(play: &mut Play, act: Act) -> String {
    let mut seen = play.act(act).await.unwrap_or_else(|violation| panic!("{violation}"));
    // How often a step is tried again depends on how fast the database is.
    seen.calls.sort_unstable();
    seen.calls.dedup();
    format!("{:?} {:?} {:?}", seen.outcomes, seen.mails, seen.calls)
}

/// A walk in memory.
pub(crate) async fn walk(rules: &Rules, machine: &Machine, dice: &mut Dice) -> Walk {
    let mut play = Play::resume(&rules.setting, machine, &Position::first(rules.left));
    let mut walk = Vec::new();
    let acts = plain_acts(rules);
    while walk.len() < LENGTH {
        let mut act = dice.pick(&acts);
        if !play.can(act.verb) || !may_rotate(&play, act) {
            continue;
        }
        // The calls of a worker's rows have no order, so there is no place in it at which it dies the same way everywhere.
        if rules.left.faults > 0 && dice.below(6) == 0 && act.verb != Verb::Works {
            act = act.cut(Cut::Crash(1 + usize::try_from(dice.below(8)).unwrap()));
        }
        // The worker has a turn after every act: of two rows in one turn either can take the last permit.
        for act in [act, Act::of(Verb::Works, 0)] {
            let seen = step(&mut play, act).await;
            walk.push((act, seen));
        }
    }
    walk
}

/// The same walk on other databases must show the same.
pub(crate) async fn replay(rules: &Rules, machine: &Machine, databases: Databases, walk: &Walk, on: &str) {
    machine.hasher.restart_at(0);
    let mut play = Play::on(&rules.setting, machine, databases, &Position::first(rules.left));
    for (at, (act, seen)) in walk.iter().enumerate() {
        let here = step(&mut play, *act).await;
        let so_far = || walk[..=at].iter().map(|(act, _)| *act).collect::<Vec<_>>();
        assert_eq!(here, *seen, "{on} shows the first, memory the second, at the end of {:#?}", so_far());
    }
}

fn users(boolean: &str, time: &str) -> String {
    let hash = PlainHasher::hash_of(OLD, 0);
    format!(
        "create table users (id text primary key, email text, username text, phone text, password_hash text,
             active {boolean} not null);
         create table sessions (user_id text, begun {time});
         insert into users values ('{OWNER}', '{MAIL}', 'ani', '{PHONE}', '{}', {});",
        hash.as_str(),
        if boolean == "bool" { "true" } else { "1" },
    )
}

fn user_table() -> UserTable {
    UserTable::new("users")
        .with_username_column("username")
        .with_phone_column("phone")
        .with_home_country(CallingCode::INDONESIA)
        .with_active_column("active")
        .with_sessions_table("sessions", "user_id")
        .with_sessions_begun_column("begun")
}

/// A file of its own; it goes with the second part.
pub(crate) async fn sqlite(writing: bool) -> (Databases, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.db");
    rusqlite::Connection::open(&file).unwrap().execute_batch(&users("integer", "integer")).unwrap();
    let store = SqliteStore::open(&file).unwrap();
    let accounts = store.accounts(user_table());
    store.migrate().await.unwrap();
    let store = if writing { store.writing(accounts.clone()) } else { store };
    (Databases { store: Arc::new(store).in_realm(&realm()), accounts: Arc::new(accounts), memory: None }, dir)
}

/// A database of its own; it goes with the second part.
pub(crate) async fn postgres(writing: bool) -> (Databases, password_reset_postgres_server::Database) {
    let database = Server::shared().unwrap().database().await.unwrap();
    let pool = PgPoolOptions::new().max_connections(4).connect_with(database.options()).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(users("bool", "timestamptz"))).execute(&pool).await.unwrap();
    let accounts = PostgresAccounts::new(&pool, user_table());
    let store = PostgresStore::new(&pool);
    store.migrate().await.unwrap();
    let store = if writing { store.writing(accounts.clone()) } else { store };
    (Databases { store: Arc::new(store).in_realm(&realm()), accounts: Arc::new(accounts), memory: None }, database)
}
