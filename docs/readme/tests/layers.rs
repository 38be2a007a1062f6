//! The folders of the core are layers, in the order in which the architecture lists them: none uses one above it.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The names in the first column of the table, files and folders alike, with the number of their row.
fn layers() -> BTreeMap<String, usize> {
    let text = std::fs::read_to_string(Path::new(ROOT).join("docs/architecture.md")).unwrap();
    let (_, table) = text.split_once("| folder of the core | contents |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let first = |row: &str| row.split('|').nth(1).unwrap_or_default().to_owned();
    let names = |row: String| -> Vec<String> {
        let quoted = row.split('`').skip(1).step_by(2).map(str::to_owned);
        quoted.map(|name| name.trim_end_matches(".rs").trim_end_matches('/').to_owned()).collect()
    };
    let numbered = rows.map(first).map(names).enumerate();
    numbered.flat_map(|(number, names)| names.into_iter().map(move |name| (name, number))).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.to_string_lossy().contains("tests");
        if path.is_dir() && !is_test {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") && !is_test {
            files.push(path);
        }
    }
    files
}

/// What a file uses of the rest of the crate, by the first part of each path; comments and unit tests aside.
fn used(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let names = lines.flat_map(|line| line.split("crate::").skip(1));
    names
        .map(|rest| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap().to_owned())
        .collect()
}

#[test]
fn no_folder_of_the_core_uses_one_above_it() {
    let (layers, source) = (layers(), Path::new(ROOT).join("crates/password-reset/src"));
    let mut wrong = Vec::new();
    for file in files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let top = inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        if top == "lib" {
            continue; // the root: it names everything
        }
        let Some(own) = layers.get(&top) else {
            wrong.push(format!("{top} is not in the table"));
            continue;
        };
        for used in used(&file) {
            if layers.get(&used).is_some_and(|layer| layer < own) {
                wrong.push(format!("{} uses {used}", inside.display()));
            }
        }
    }
    assert!(layers.len() > 15 && wrong.is_empty(), "{layers:?}: {wrong:#?}");
}
