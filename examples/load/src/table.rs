//! The table.

use std::time::Duration;

use crate::Engine;
use crate::run::Outcome;
use crate::scenario::Scenario;

pub const HEAD: &str = "\
| scenario | on | owners who succeed | s until the new password: half, last | longest answer, s | strangers a second | resets requested a second: accepted, refused | MiB before, most | descriptors | log lines: warnings, all | rows, audit rows | MiB of the database |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |";

pub fn line(scenario: &Scenario, engine: Engine, outcome: &Outcome) -> String {
    let on = match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "Postgres",
    };
    let (tried, took) = (outcome.tried(), &outcome.took);
    let half = seconds(took.get(took.len() / 2));
    let away = match outcome.away {
        Duration::ZERO => String::new(),
        away => format!(" for {} s", seconds(Some(&away))),
    };
    let seconds_long = outcome.lasted.as_secs_f64();
    let each_second = |count: u64| count as f64 / seconds_long;
    format!(
        "| {}{away} | {on} | {} of {tried} | {half}, {} | {} | {:.0} | {:.0}, {:.0} | {:.0}, {:.0} | {} | {}, {} | {}, {} | {:.1} |",
        scenario.name,
        took.len(),
        seconds(took.last()),
        seconds(Some(&outcome.longest_answer)),
        each_second(outcome.strange),
        each_second(outcome.accepted),
        each_second(outcome.refused),
        outcome.memory.0,
        outcome.memory.1,
        outcome.descriptors,
        outcome.warnings().count(),
        outcome.lines.len(),
        outcome.growth.resets,
        outcome.growth.audit,
        outcome.growth.bytes as f64 / 1024.0 / 1024.0,
    )
}

fn seconds(time: Option<&Duration>) -> String {
    time.map(|time| format!("{:.2}", time.as_secs_f64())).unwrap_or_default()
}
