//! Whether the time of an answer tells whether there is an account: request, status, code and landing page for accounts that
//! are known, unknown, disabled and capped, on SQLite and Postgres.
//!
//! The kinds are measured in turns, in another order each time. `unknown again` shows what chance does; `planted` is 50 µs
//! slower on purpose, and must be found.
//!
//! `cargo bench -p benches --bench equal_times` measures 10,000 rounds of each, `-- 20000` more, `-- sqlite` or `-- postgres`
//! one engine alone. `-- write` puts the result and the plot into `docs/`.
#![allow(clippy::disallowed_methods, reason = "benches measure real time")]

mod plot;
mod site;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use benches::database::{CONNECTIONS, Database};
use benches::statistics::{Effect, RankTest, effect, rank_test};
use benches::{asked, engines, measures};

use crate::site::Site;

const ROUNDS: usize = 10_000;
/// What a difference that must be found costs.
const PLANTED: Duration = Duration::from_micros(50);
/// A comparison is a finding when it is as unlikely as this, and the effect is not zero.
const UNLIKELY: f64 = 0.001;

/// What is named. All others are compared with the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Unknown,
    UnknownAgain,
    Known,
    Disabled,
    Capped,
    Planted,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Unknown, Self::UnknownAgain, Self::Known, Self::Disabled, Self::Capped, Self::Planted];

    const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::UnknownAgain => "unknown again",
            Self::Known => "known",
            Self::Disabled => "disabled",
            Self::Capped => "capped",
            Self::Planted => "planted 50 µs",
        }
    }
}

/// What is asked.
const OPERATIONS: [&str; 4] = ["request", "status", "code", "landing page"];

/// One kind beside the unknown account.
pub(crate) struct Comparison {
    engine: &'static str,
    operation: &'static str,
    kind: Kind,
    effect: Effect,
    test: RankTest,
}

impl Comparison {
    pub(crate) fn name(&self) -> String {
        format!("{}, {}: {}", self.engine, self.operation, self.kind.name())
    }

    pub(crate) fn is_found(&self) -> bool {
        self.test.p < UNLIKELY && (self.effect.low > 0.0 || self.effect.high < 0.0)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let rounds = rounds.unwrap_or(if measures() { ROUNDS } else { 8 });
    let mut comparisons = Vec::new();
    for engine in engines() {
        let database = Database::open(engine, CONNECTIONS, true).await?;
        comparisons.extend(measure(&database, rounds).await?);
    }
    let table = table(&comparisons, rounds)?;
    println!("{table}");
    if asked("write") {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        std::fs::write(docs.join("equal-times.svg"), plot::svg(&comparisons)?)?;
        std::fs::write(docs.join("equal-times.md"), table)?;
    }
    if measures()
        && let Some(missed) = comparisons.iter().find(|one| one.kind == Kind::Planted && !one.is_found())
    {
        bail!("the planted difference was not found: {}; measure longer, on a quiet machine", missed.name());
    }
    Ok(())
}

async fn measure(database: &Database, rounds: usize) -> Result<Vec<Comparison>> {
    let site = Site::open(database, rounds).await?;
    let mut times: BTreeMap<(usize, Kind), Vec<f64>> = BTreeMap::new();
    // The first rounds fill caches and are thrown away.
    let warming = rounds / 20;
    for round in 0..rounds + warming {
        for at in 0..Kind::ALL.len() {
            // Every kind comes at every place, after every other.
            let place = if round.is_multiple_of(2) { at } else { Kind::ALL.len() - 1 - at };
            let kind = Kind::ALL[(place * (1 + 4 * (round / 2 % 2)) + round) % Kind::ALL.len()];
            let taken = site.visit(kind, round).await?;
            if round >= warming {
                for (operation, time) in taken.into_iter().enumerate() {
                    times.entry((operation, kind)).or_default().push(time.as_secs_f64() * 1e6);
                }
            }
        }
    }
    let mut comparisons = Vec::new();
    for (operation, name) in OPERATIONS.into_iter().enumerate() {
        let base = &times[&(operation, Kind::Unknown)];
        for kind in Kind::ALL.into_iter().skip(1) {
            let other = &times[&(operation, kind)];
            let (effect, test) = (effect(base, other), rank_test(base, other));
            comparisons.push(Comparison { engine: database.name(), operation: name, kind, effect, test });
        }
    }
    Ok(comparisons)
}

/// The time of one call, with what is planted in it.
async fn timed<T>(kind: Kind, call: impl Future<Output = Result<T>>) -> Result<(T, Duration)> {
    let start = Instant::now();
    let answer = call.await?;
    if kind == Kind::Planted {
        let called = start.elapsed();
        while start.elapsed() < called + PLANTED {
            std::hint::spin_loop();
        }
    }
    Ok((answer, start.elapsed()))
}

fn table(comparisons: &[Comparison], rounds: usize) -> Result<String> {
    let mut text = format!(
        "# Equal times\n\n\
         Written by `cargo bench -p benches --bench equal_times -- write`: the time of an answer for each kind of account beside\n\
         that for an unknown one, {rounds} times each, in turns. The effect is the median of the paired differences, with the\n\
         interval of 95 % around it; p is that of the rank test of Mann and Whitney, and \"longer\" how often one is slower than\n\
         one of an unknown account. Found is what has p below {UNLIKELY} and an interval without zero. `unknown again` shows what\n\
         chance does, and the planted 50 µs must be found.\n\n\
         ![the effects as intervals](equal-times.svg)\n\n\
         | engine, operation: kind | effect in µs | from | to | longer | p | found |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n"
    );
    for one in comparisons {
        let (effect, test) = (one.effect, one.test);
        let found = if one.is_found() { "yes" } else { "no" };
        writeln!(
            text,
            "| {} | {:.1} | {:.1} | {:.1} | {:.3} | {:.2e} | {found} |",
            one.name(),
            effect.median,
            effect.low,
            effect.high,
            test.longer,
            test.p
        )?;
    }
    Ok(text)
}
