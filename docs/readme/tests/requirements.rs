//! `docs/requirements.md` lists every requirement once, and the tests that it and `docs/invariants.md` name exist.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "test code")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const MAP: &str = "docs/requirements.md";
const STATES: [&str; 3] = ["shown", "partly", "not yet"];
const NONE: &str = "–";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn map() -> String {
    fs::read_to_string(root().join(MAP)).expect("the map is there")
}

/// The rows of all tables: the number of the line, and the cells.
fn rows(map: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    let lines = map.lines().enumerate().filter(|(_, line)| line.starts_with('|'));
    lines.map(|(at, line)| (at + 1, line.trim_matches(['|', ' ']).split(" | ").collect()))
}

/// Reads `R1`, `V1–V12`, and lists of such.
fn numbers(cell: &str, letter: char) -> Option<Vec<u32>> {
    let number = |text: &str| text.strip_prefix(letter)?.parse::<u32>().ok();
    let mut all = Vec::new();
    for part in cell.split(", ") {
        let (first, last) = part.split_once('–').unwrap_or((part, part));
        all.extend(number(first)?..=number(last)?);
    }
    Some(all)
}

/// Short names of files: rows of two cells in back-ticks.
fn short_names(map: &str) -> BTreeMap<&str, &str> {
    let quoted = |cell: &'_ str| cell.starts_with('`');
    let pairs = rows(map).filter(|(_, cells)| cells.len() == 2 && cells.iter().all(|cell| quoted(cell)));
    pairs.map(|(_, cells)| (cells[0].trim_matches('`'), cells[1].trim_matches('`'))).collect()
}

fn has_function(source: &str, function: &str) -> bool {
    let starts = format!("fn {function}");
    source.match_indices(&starts).any(|(at, _)| source[at + starts.len()..].starts_with(['(', '<']))
}

/// The fault of one name, if it has one.
fn fault_of(name: &str, short: &BTreeMap<&str, &str>) -> Option<String> {
    let (file, function) = name.split_once("::").map_or((name, None), |(file, function)| (file, Some(function)));
    let path = short.get(file).copied().unwrap_or(file);
    let Ok(source) = fs::read_to_string(root().join(path)) else { return Some(format!("there is no file {path}")) };
    let function = function.filter(|function| !has_function(&source, function))?;
    Some(format!("there is no `fn {function}` in {path}"))
}

/// All faults of the map.
fn faults(map: &str) -> Vec<String> {
    let short = short_names(map);
    let mut faults = Vec::new();
    let mut seen: BTreeMap<(char, u32), usize> = BTreeMap::new();
    let mut sums = [0; 3];
    for (line, cells) in rows(map) {
        let Some((letter, listed)) = ['R', 'V', 'W'].into_iter().find_map(|it| Some((it, numbers(cells[0], it)?)))
        else {
            continue;
        };
        for number in listed {
            *seen.entry((letter, number)).or_default() += 1;
        }
        let [_, _, state, names, missing] = cells[..] else {
            faults.push(format!("line {line}: there are {} cells, and not five", cells.len()));
            continue;
        };
        let Some(at) = STATES.iter().position(|known| *known == state) else {
            faults.push(format!("line {line}: {state:?} is none of {STATES:?}"));
            continue;
        };
        sums[at] += usize::from(letter == 'R');
        let found = names.split('`').skip(1).step_by(2).filter_map(|name| fault_of(name, &short));
        faults.extend(found.map(|fault| format!("line {line}: {fault}")));
        if (names == NONE) != (state == "not yet") || (missing == NONE) != (state == "shown") {
            faults.push(format!("line {line}: {state}, but shown by {names}, and missing is {missing}"));
        }
    }
    let wanted = (1..=180).map(|number| ('R', number)).chain((1..=134).map(|number| ('V', number)));
    for (letter, number) in wanted {
        match seen.remove(&(letter, number)) {
            Some(1) => {}
            Some(times) => faults.push(format!("{letter}{number} stands there {times} times")),
            None => faults.push(format!("{letter}{number} is missing")),
        }
    }
    // The kinds of what the world does to a message have rows of their own as far as they are shown.
    seen.retain(|(letter, number), times| *letter != 'W' || *times > 1 || !(1..=12).contains(number));
    faults.extend(seen.keys().map(|(letter, number)| format!("there is no {letter}{number}")));
    let sum = format!("**{} shown, {} partly, {} not yet.**", sums[0], sums[1], sums[2]);
    if !map.contains(&sum) {
        faults.push(format!("the sum is {sum}"));
    }
    faults
}

#[test]
fn every_named_test_exists_and_every_number_is_listed_once() {
    let faults = faults(&map());
    assert!(faults.is_empty(), "{MAP}:\n{}", faults.join("\n"));
}

#[test]
fn every_test_of_an_invariant_exists() {
    let (map, text) = (map(), fs::read_to_string(root().join("docs/invariants.md")).expect("the invariants are there"));
    let short = short_names(&map);
    let names =
        text.split('`').skip(1).step_by(2).filter(|name| name.contains("::") && !name.starts_with(char::is_uppercase));
    let faults: Vec<String> =
        names.filter(|name| *name != "flow::next").filter_map(|name| fault_of(name, &short)).collect();
    assert!(faults.is_empty(), "docs/invariants.md:\n{}", faults.join("\n"));
    for number in 1..=10 {
        assert!(text.contains(&format!("\n## I{number}. ")), "I{number} is missing");
    }
}

#[test]
fn faults_are_found() {
    let map = map();
    for (from, to, fault) in [
        ("::asking_changes_nothing_about_the_account`", "::asking_changes_nothing`", "no `fn asking_changes_nothing`"),
        ("tests/service/answers.rs`", "tests/service/gone.rs`", "there is no file"),
        ("`docs/decisions/0001-older", "`docs/decisions/0001-newer", "there is no file"),
        ("| R7 |", "| R8 |", "R7 is missing"),
        ("| R7 |", "| R8 |", "R8 stands there 2 times"),
        ("| R180 |", "| R181 |", "there is no R181"),
        ("| V131 |", "| V130 |", "V131 is missing"),
        ("| shown | `", "| soon | `", "none of"),
        ("| shown | `", "| partly | `", "the sum is"),
        ("| partly | `Cargo.toml` |", "| partly | – |", "but shown by –"),
    ] {
        assert!(map.contains(from), "{from}");
        let found = faults(&map.replacen(from, to, 1));
        assert!(found.iter().any(|found| found.contains(fault)), "{fault}: {found:?}");
    }
}
