//! Two worlds that differ in one account look the same to a stranger.
//!
//! Each case runs one script of a stranger in two worlds with the same clock and the same randomness, in which the account
//! that the stranger names is something else in each, and its owner does other things. All that the stranger sees must be
//! equal to the byte: answers of every verb, pages and cookies, the API, events, and messages to all recipients but the target.
//!
//! `TWO_WORLDS_STEPS=5000000 cargo test -p password-reset-proofs --test two_worlds` takes more steps than the default, and
//! `TWO_WORLDS_SEED=7` begins elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::arithmetic_side_effects, clippy::needless_pass_by_value, reason = "test code")]
#![allow(clippy::future_not_send, reason = "every case runs on one thread")]

mod browser;
mod owner;
mod script;
mod stranger;
mod world;

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use password_reset::{HashPool, InboundMode, SeveralAccounts, UndeliveredCodes};
use password_reset_proofs::Dice;
use password_reset_testkit::PlainHasher;
use tokio::runtime::Runtime;

use crate::script::{Step, script};
use crate::world::{Planted, Setting, Target, World};

/// Steps of one case: enough for what one reset has to do with another, few enough to be read.
const LENGTH: usize = 150;

/// A seed, and the two settings that it draws.
fn settings(seed: u64, planted: Planted) -> [Setting; 2] {
    let mut dice = Dice::new(seed);
    let mode = dice.pick(&[InboundMode::PageAdvances, InboundMode::TypeBack, InboundMode::ContinueOnPhone]);
    let writing = dice.chance(50);
    let several_accounts = dice.pick(&[SeveralAccounts::Nothing, SeveralAccounts::MailEach, SeveralAccounts::MailList]);
    let undelivered_codes = dice.pick(&[UndeliveredCodes::Nothing, UndeliveredCodes::Mail]);
    let first = dice.pick(&[Target::Absent, dice.clone().pick(&Target::ALL)]);
    let mut setting = |target| {
        let owner = dice.chance(70).then(|| dice.draw());
        Setting { target, owner, mode, writing, several_accounts, undelivered_codes, planted }
    };
    let one = setting(first);
    let second = Dice::new(seed ^ 0x5555).pick(&Target::ALL);
    [one, setting(second)]
}

/// Where the worlds first differ: the act, and what was seen in each.
type Difference = (usize, [String; 2]);

async fn compare(settings: [Setting; 2], script: &[Step], pool: &HashPool) -> Option<Difference> {
    let [one, other] = settings;
    let (mut one, mut other) = (World::new(one, pool), World::new(other, pool));
    for (at, step) in script.iter().enumerate() {
        let seen = [one.step(*step).await, other.step(*step).await];
        if seen[0] != seen[1] {
            return Some((at, seen));
        }
    }
    None
}

/// Takes acts out as long as the worlds still differ.
fn shortened(runtime: &Runtime, settings: [Setting; 2], mut script: Vec<Step>, pool: &HashPool) -> Vec<Step> {
    let differs = |script: &[Step]| runtime.block_on(compare(settings, script, pool));
    let mut piece = script.len() / 2;
    while piece > 0 {
        let mut from = 0;
        while from < script.len() {
            let mut shorter = script.clone();
            shorter.drain(from..(from + piece).min(script.len()));
            match differs(&shorter) {
                Some((at, _)) => {
                    shorter.truncate(at + 1);
                    script = shorter;
                }
                None => from += piece,
            }
        }
        piece /= 2;
    }
    script
}

/// Runs one case. The error is a report to be read: seed, worlds, the shortened script, and the difference.
fn case(runtime: &Runtime, seed: u64, planted: Planted, pool: &HashPool) -> Result<usize, String> {
    let settings = settings(seed, planted);
    let script = script(&mut Dice::new(seed ^ 0xaaaa_aaaa), LENGTH);
    let Some((at, _)) = runtime.block_on(compare(settings, &script, pool)) else { return Ok(script.len()) };
    let script = shortened(runtime, settings, script[..=at].to_vec(), pool);
    let (_, [one, other]) = runtime.block_on(compare(settings, &script, pool)).expect("the short script differs");
    let acts: Vec<String> = script.iter().map(|step| format!("  {:?}", step.act)).collect();
    Err(format!(
        "seed {seed}: a stranger tells these worlds apart\n{:?}\n{:?}\n{}\n--- in the one\n{one}\n--- in the other\n{other}",
        settings[0],
        settings[1],
        acts.join("\n")
    ))
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Runs cases on every processor until there were so many steps, or worlds differ.
fn search(first: u64, steps: u64, planted: Planted) -> Result<u64, String> {
    let (next, done, stop) = (AtomicU64::new(first), AtomicU64::new(0), AtomicBool::new(false));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let run = || {
            let (runtime, pool) = (runtime(), PlainHasher::unsalted().pool());
            while done.load(Ordering::Relaxed) < steps && !stop.load(Ordering::Relaxed) {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                match case(&runtime, seed, planted, &pool) {
                    Ok(length) => {
                        done.fetch_add(u64::try_from(length).unwrap(), Ordering::Relaxed);
                    }
                    Err(report) => {
                        stop.store(true, Ordering::Relaxed);
                        return Err(report);
                    }
                }
            }
            Ok(())
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        running.into_iter().try_for_each(|thread| thread.join().unwrap())
    })?;
    Ok(done.into_inner())
}

#[test]
fn a_stranger_cannot_tell_two_worlds_apart() {
    let (first, steps) = (setting("TWO_WORLDS_SEED", 1), setting("TWO_WORLDS_STEPS", 100_000));
    let done = search(first, steps, Planted::Nothing).unwrap_or_else(|report| panic!("{report}"));
    // Not through `println!`, which the harness would keep.
    writeln!(std::io::stdout(), "two worlds: {done} steps from seed {first}, and no difference").unwrap();
}

/// Searches until a fault that was put in on purpose is found, and returns the report.
fn found(planted: Planted) -> String {
    search(1, 50_000, planted).expect_err("the fault is found")
}

#[test]
fn a_purge_by_the_expiry_of_a_message_is_found() {
    let report = found(Planted::PurgeByExpiry);
    assert!(report.contains("Status") || report.contains("Watch"), "{report}");
}

#[test]
fn a_planted_leak_is_found() {
    let report = found(Planted::Header);
    assert!(report.contains("x-message: sent"), "{report}");
}
