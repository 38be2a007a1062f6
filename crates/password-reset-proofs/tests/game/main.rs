//! A stranger plays against the owner of an account, and a search looks for a run in which the owner loses.
//!
//! The search is exhaustive within bounds and runs the production code: the verbs of two nodes, the worker, the purge, and the
//! in-memory store, with a clock, random bytes and a hasher that make every run repeatable. From each position it does every act
//! that the rules of the game allow, and in each position that it has not seen before it checks the invariants of
//! `docs/invariants.md`, with the owner alone finishing from there. A crash is a verb that ends before one of its calls of the
//! databases, a race a verb that another node does in the middle of one.
//!
//! Each search prints how many positions it saw and how deep. `GAME_POSITIONS=1000000 GAME_DEPTH=2 GAME_WALKS=500 cargo test -p
//! password-reset-proofs --test game` sees more positions than the check, of runs that are two acts longer, and replays more
//! random walks on SQLite and Postgres.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::arithmetic_side_effects, reason = "test code")]

mod acts;
mod broken;
mod jobs;
mod play;
mod ports;
mod properties;
mod replay;
mod rules;
mod search;

use password_reset_proofs::Dice;

use crate::broken::Broken;
use crate::ports::Machine;
use crate::replay::{postgres, replay, sqlite, walk};
use crate::rules::{inbound, keys, nodes, strangers, times};
use crate::search::{Rules, play_out, say};

/// The owner does not lose.
fn owner_wins(rules: Rules) {
    let searched = play_out(&rules.deeper());
    assert!(searched.violation.is_none(), "{:#?}", searched.violation);
    // A search that ends too early shows nothing.
    assert!(searched.positions > 100, "{} positions", searched.positions);
}

/// A broken variant loses by the property.
fn loses(mut rules: Rules, broken: Broken, property: &str) {
    rules.setting.broken = broken;
    let (violation, run) = play_out(&rules).violation.expect("the variant was not caught");
    assert!(violation.starts_with(property), "{violation}\n{run:#?}");
}

#[test]
fn strangers_who_flood_and_guess_do_not_get_in_the_way() {
    owner_wins(strangers());
}

#[test]
fn at_all_times_strangers_see_the_same_and_the_owner_finishes() {
    owner_wins(times());
}

#[test]
fn crashes_and_races_of_two_nodes_lose_nothing() {
    owner_wins(nodes(false));
}

#[test]
fn crashes_and_races_lose_nothing_where_the_store_writes_the_accounts() {
    owner_wins(nodes(true));
}

#[test]
fn messages_that_come_late_or_twice_prove_what_they_proved() {
    owner_wins(inbound());
}

#[test]
fn a_key_that_is_rotated_costs_the_owner_nothing() {
    owner_wins(keys());
}

/// Walks of each game, `GAME_WALKS` of each, or so many as the check has time for.
async fn replayed(on: &str) {
    let walks = std::env::var("GAME_WALKS").ok().and_then(|walks| walks.parse().ok()).unwrap_or(20);
    let machine = Machine::new();
    let mut acts = 0;
    for rules in [strangers(), times(), nodes(false), nodes(true), inbound(), keys()] {
        for seed in 0..walks {
            let walk = walk(&rules, &machine, &mut Dice::new(seed)).await;
            acts += walk.len();
            if on == "SQLite" {
                let (databases, _dir) = sqlite(rules.setting.writing).await;
                replay(&rules, &machine, databases, &walk, on).await;
            } else {
                let (databases, _database) = postgres(rules.setting.writing).await;
                replay(&rules, &machine, databases, &walk, on).await;
            }
        }
    }
    say(&format!("game: {acts} acts of {} walks show the same in memory and on {on}", 6 * walks));
}

#[tokio::test]
async fn walks_show_the_same_on_sqlite() {
    replayed("SQLite").await;
}

#[tokio::test]
async fn walks_show_the_same_on_postgres() {
    replayed("Postgres").await;
}

#[test]
fn one_counter_for_both_proofs_is_caught() {
    loses(strangers(), Broken::SharedCounter, "I4");
}

#[test]
fn a_purge_by_expires_at_is_caught() {
    loses(times(), Broken::PurgeByExpiresAt, "I5");
}

#[test]
fn deciding_that_a_name_is_ambiguous_before_eligibility_is_caught() {
    loses(times(), Broken::AmbiguousFirst, "I10");
}

#[test]
fn consuming_the_reset_before_the_hash_is_caught() {
    loses(nodes(false), Broken::ConsumeBeforeHash, "I7");
}

#[test]
fn checking_and_then_writing_is_caught() {
    loses(nodes(false), Broken::CheckThenWrite, "I");
}

#[test]
fn counting_after_comparing_is_caught() {
    let mut rules = nodes(false);
    rules.setting.code_attempts = 1;
    loses(rules, Broken::CountAfterCompare, "I4, every guess counts");
}
