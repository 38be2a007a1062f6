//! No promise is forgotten: every case of a suite is in the macro that makes tests of it.

use std::collections::BTreeSet;

const MACROS: &str = include_str!("../src/suites.rs");
const SUITES: &[(&str, &str)] = &[
    ("accounts", include_str!("../src/suites/accounts.rs")),
    ("candidates", include_str!("../src/suites/candidates.rs")),
    ("export", include_str!("../src/suites/export.rs")),
    ("feed", include_str!("../src/suites/feed.rs")),
    ("notifier", include_str!("../src/suites/notifier.rs")),
    ("numbers", include_str!("../src/suites/numbers.rs")),
    ("tasks", include_str!("../src/suites/tasks.rs")),
    ("realms", include_str!("../src/suites/realms.rs")),
    ("rotation", include_str!("../src/suites/rotation.rs")),
    ("senders", include_str!("../src/suites/senders.rs")),
    ("races", include_str!("../src/suites/races.rs")),
    ("service", include_str!("../src/suites/service.rs")),
    ("steps", include_str!("../src/suites/steps.rs")),
    ("store", include_str!("../src/suites/store.rs")),
    ("upkeep", include_str!("../src/suites/upkeep.rs")),
    ("user_table", include_str!("../src/suites/user_table.rs")),
    ("writing", include_str!("../src/suites/writing.rs")),
];

/// The names of the public functions of a suite.
fn cases(source: &str) -> BTreeSet<&str> {
    let names = source.lines().filter_map(|line| line.strip_prefix("pub async fn "));
    names.filter_map(|rest| rest.split(['(', '<']).next()).collect()
}

/// The names that the macros list for a suite.
fn listed(suite: &str) -> BTreeSet<&'static str> {
    let start = format!("__cases!($fixture, {suite}:");
    let list = MACROS.split_once(&start).map_or("", |(_, rest)| rest);
    list.split_once(");").map_or("", |(list, _)| list).split_whitespace().collect()
}

#[test]
fn every_case_is_in_its_macro() {
    for (suite, source) in SUITES {
        let cases = cases(source);
        assert!(!cases.is_empty(), "{suite} has no cases: is it written in another way?");
        assert_eq!(cases, listed(suite), "the cases of {suite}");
    }
}

#[test]
fn every_suite_is_looked_at() {
    let modules: BTreeSet<&str> =
        MACROS.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(modules, SUITES.iter().map(|(suite, _)| *suite).collect());
}
