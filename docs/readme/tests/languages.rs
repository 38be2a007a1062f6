//! The files of the languages have the sentences that the code says, and no others.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ENGLISH: &str = include_str!("../../../crates/password-reset/texts/en.ftl");
/// Where the name of a field stands for a key, so that the list of the fields uses none.
const FIELDS: &str = "pages/texts.rs";
/// They look like keys, and are words of others.
const NO_KEYS: [&str; 4] = ["delivery-status", "message-id", "not-using-dummy-passcode", "reply-to"];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates").canonicalize().unwrap()
}

/// The files below a folder that are compiled into a crate, or read by it as a template.
fn sources(folder: &Path, to: &mut Vec<(PathBuf, String)>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "tests" | "benches") {
            sources(&path, to);
        } else if matches!(path.extension().and_then(|kind| kind.to_str()), Some("rs" | "html")) && name != "tests.rs" {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            to.push((path, code.to_owned()));
        }
    }
}

/// What the code says of keys.
struct Code {
    text: String,
    /// What stands in quotes.
    literals: BTreeSet<String>,
    /// What a key of a literal is followed by: `"{key}-subject"`.
    ends: Vec<String>,
}

impl Code {
    fn read() -> Self {
        let mut files = Vec::new();
        sources(&crates(), &mut files);
        assert!(files.len() > 300, "{} files", files.len());
        let said = files.into_iter().filter(|(path, _)| !path.ends_with(FIELDS)).map(|(_, text)| text);
        let text = said.collect::<Vec<_>>().join("\n");
        // Odd and even do not matter: what stands between two quotes may also be code, and looks like no key.
        let literals: BTreeSet<String> = text.split('"').map(str::to_owned).collect();
        let ends = literals.iter().filter_map(|literal| literal.strip_prefix("{key}")).map(str::to_owned).collect();
        Self { text, literals, ends }
    }

    fn says(&self, key: &str) -> bool {
        let of_a_literal = |end: &String| key.strip_suffix(end.as_str()).is_some_and(|key| self.literals.contains(key));
        self.literals.contains(key) || self.ends.iter().any(of_a_literal) || self.makes(key)
    }

    /// The keys of which the code makes a part.
    fn makes(&self, key: &str) -> bool {
        match key.split_once('-') {
            Some(("page", field)) => self.has_field(&field.replace('-', "_")),
            Some(("month", month)) => month.parse().is_ok_and(|month: u8| (1..=12).contains(&month)),
            Some(("rule", rule)) => self.literals.contains(&rule.replace('-', "_")),
            _ => false,
        }
    }

    fn has_field(&self, name: &str) -> bool {
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        self.text
            .match_indices(&format!(".{name}"))
            .any(|(at, found)| !self.text[at + found.len()..].starts_with(is_letter))
    }
}

fn keys() -> BTreeSet<&'static str> {
    let keys = ENGLISH.lines().filter(|line| line.starts_with(|letter: char| letter.is_ascii_lowercase()));
    keys.map(|line| line.split_once(" =").unwrap().0).collect()
}

#[test]
fn the_code_says_every_sentence() {
    let code = Code::read();
    let unused: Vec<&str> = keys().into_iter().filter(|key| !code.says(key)).collect();
    assert_eq!(
        unused, [""; 0],
        "sentences that nothing says: take them out of every file in crates/password-reset/texts"
    );
}

/// A key that is misspelt is an empty sentence.
#[test]
fn every_sentence_that_the_code_names_is_there() {
    let (code, keys) = (Code::read(), keys());
    let first = |key: &str| key.split_once('-').map(|(first, _)| first.to_owned());
    let firsts: BTreeSet<String> = keys.iter().filter_map(|key| first(key)).collect();
    let looks_like_one = |literal: &&String| {
        literal.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && first(literal).is_some_and(|first| firsts.contains(&first))
            && !NO_KEYS.contains(&literal.as_str())
    };
    let named: Vec<&String> = code.literals.iter().filter(looks_like_one).collect();
    assert!(named.len() > 100, "{named:?}");
    let is_there =
        |key: &str| keys.contains(key) || code.ends.iter().any(|end| keys.contains(format!("{key}{end}").as_str()));
    let unknown: Vec<&&String> = named.iter().filter(|key| !is_there(key)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
