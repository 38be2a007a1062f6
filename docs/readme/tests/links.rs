//! Links between the documents lead somewhere, and the files that CONTRIBUTING.md names are there.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The documents of the repository; those of packages stand alone.
fn documents() -> Vec<PathBuf> {
    let folders = ["", "docs", "docs/guide", "docs/decisions"].map(|folder| root().join(folder));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let found: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|kind| kind == "md")).collect();
    assert!(found.len() > 40, "{} documents", found.len());
    found
}

/// The text without its programs, in which `](` means something else.
fn prose(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.split("```").step_by(2).collect()
}

/// The name that a host gives to a heading.
fn anchors(file: &Path) -> Vec<String> {
    let text = prose(file);
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept = |letter: &char| letter.is_alphanumeric() || *letter == '-' || *letter == '_' || *letter == ' ';
    headings.map(|line| line.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for file in documents() {
        let text = prose(&file);
        let targets = text.match_indices("](").map(|(at, _)| text[at + 2..].split(')').next().unwrap());
        for target in targets.filter(|target| !target.contains("://")) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let to = if path.is_empty() { file.clone() } else { file.parent().unwrap().join(path) };
            if !to.exists() || !(anchor.is_empty() || anchors(&to).iter().any(|it| it == anchor)) {
                wrong.push(format!("{}: {target}", file.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_that_contributors_look_for_are_there() {
    let text = prose(&root().join("CONTRIBUTING.md"));
    let (_, rest) = text.split_once("## How to add").unwrap();
    let crates = root().join("crates");
    let (mut named, mut missing) = (0, Vec::new());
    for word in rest.split('`').skip(1).step_by(2) {
        let is_path = !word.starts_with("target") && word.contains('/') && !word.contains(' ') && !word.contains(':');
        if is_path {
            named += 1;
            let short = crates.join(format!("password-reset-{word}"));
            let places = [root().join(word), crates.join(word), short, crates.join("password-reset").join(word)];
            let inside = crates.join("password-reset/src").join(word);
            if !places.iter().chain([&inside]).any(|place| place.exists()) {
                missing.push(word);
            }
        }
    }
    assert!(missing.is_empty(), "CONTRIBUTING.md names {missing:#?}");
    assert!(named > 30, "{named} files");
}
