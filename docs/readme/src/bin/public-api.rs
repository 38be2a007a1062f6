//! Compares the public items of crates with the lists in `docs/public-api`, or writes these. `scripts/public-api` calls it.
//!
//! `public-api [--update] LISTS JSON…`, with the folder of the lists, and what rustdoc wrote about each crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

fn main() -> anyhow::Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_update = arguments.first().is_some_and(|first| first == "--update");
    arguments.drain(..usize::from(is_update));
    let [lists, described @ ..] = arguments.as_slice() else { bail!("public-api [--update] LISTS JSON…") };

    let mut differences = 0;
    for json in described.iter().map(Path::new) {
        let stem = json.file_stem().and_then(|stem| stem.to_str()).context("a crate's JSON file")?;
        let file = PathBuf::from(lists).join(format!("{}.txt", stem.replace('_', "-")));
        let now = list(stem, json)?;
        if let Some(docs) = fs::read_to_string(json)?.split("\"docs\":\"").skip(1).find(|docs| cites_a_number(docs)) {
            let docs: String = docs.chars().take(200).collect();
            bail!("{stem}: R and I numbers mean nothing on a documentation host, say it in words: {docs}…");
        }
        if is_update {
            fs::write(&file, now)?;
        } else {
            let before = fs::read_to_string(&file).unwrap_or_default();
            differences += report(&file, &before, &now);
        }
    }
    if differences > 0 {
        bail!(
            "the public items changed: look at each line, say so in CHANGELOG.md, and run scripts/public-api --update"
        );
    }
    Ok(())
}

/// The crates whose types are part of this one's API, and its public items, one a line.
fn list(name: &str, json: &Path) -> anyhow::Result<String> {
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .with_context(|| format!("{}: written by another rustdoc than rust-toolchain.toml names?", json.display()))?;
    let items = api.to_string();
    let others = other_crates(name, &items).into_iter().collect::<Vec<_>>().join(", ");
    // What mockall writes for each mock follows from the port, which is in the list of the core.
    let is_listed = |item: &&str| !item.contains("::mocks::") || item.starts_with("pub struct ");
    let items = items.lines().filter(is_listed).collect::<Vec<_>>().join("\n");
    Ok(format!("types of other crates: {others}\n\n{items}\n"))
}

fn other_crates<'a>(name: &str, items: &'a str) -> BTreeSet<&'a str> {
    let is_path = |character: char| character.is_alphanumeric() || character == '_' || character == ':';
    let paths = items.split(|character| !is_path(character)).filter_map(|word| word.split_once("::"));
    let crates = paths.map(|(head, _)| head).filter(|head| head.starts_with(|first: char| first.is_ascii_lowercase()));
    crates.filter(|head| !["alloc", "core", "std", "crate", name].contains(head)).collect()
}

/// Whether the documentation of an item names a requirement or an invariant by its number. `docs` is a text of JSON, and what
/// follows it.
fn cites_a_number(docs: &str) -> bool {
    let docs = docs.replace("\\\\", " ").replace("\\\"", " ");
    let docs = docs.split('"').next().unwrap_or_default();
    docs.split(|letter: char| !letter.is_alphanumeric()).any(|word| {
        let digits = word.strip_prefix(['R', 'I']).unwrap_or_default();
        (1..=3).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// Prints the lines in one of two lists, and counts them.
fn report(file: &Path, before: &str, now: &str) -> usize {
    let (was, is): (BTreeSet<&str>, BTreeSet<&str>) = (before.lines().collect(), now.lines().collect());
    let lines =
        was.difference(&is).map(|line| format!("- {line}")).chain(is.difference(&was).map(|line| format!("+ {line}")));
    let mut count = 0;
    for line in lines {
        if count == 0 {
            println!("{}", file.display());
        }
        println!("{line}");
        count += 1;
    }
    count
}
