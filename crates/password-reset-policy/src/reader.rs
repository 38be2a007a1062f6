//! Parses a policy file.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use password_reset::PasswordPolicy;
use password_reset::hashing::Normalization;
use password_reset::policy::{Blocklist, PolicyError, Rule, RuleKind};
use toml::de::{DeTable, DeValue};

use crate::error::{Fault, PolicyFileError};

const PRESET: &str = "preset";
const NORMALIZATION: &str = "normalization";
const BLOCKLIST: &str = "blocklist";

type Preset = (&'static str, fn() -> PasswordPolicy);

const PRESETS: [Preset; 5] = [
    ("nist_800_63b", PasswordPolicy::nist_800_63b),
    ("four_classes", PasswordPolicy::four_classes),
    ("asvs_5", PasswordPolicy::asvs_5),
    ("bssn", PasswordPolicy::bssn),
    ("pci_dss_4", PasswordPolicy::pci_dss_4),
];

/// A key with its position and value.
struct Entry<'a> {
    at: Range<usize>,
    value: &'a DeValue<'a>,
    value_at: Range<usize>,
}

/// Reads a policy from a TOML file.
///
/// # Errors
/// When the file cannot be read or is invalid; the error has all faults, each with its line.
pub fn read_file(path: impl AsRef<Path>) -> Result<PasswordPolicy, PolicyFileError> {
    let path = path.as_ref();
    let name = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => read_text(&name, &text),
        Err(error) => Err(PolicyFileError::unread(name, error)),
    }
}

/// Reads a policy from the text of a TOML file; errors show `name` as its name.
///
/// # Errors
/// When the text is invalid; the error has all faults, each with its line.
pub fn read_text(name: &str, text: &str) -> Result<PasswordPolicy, PolicyFileError> {
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().unwrap_or_default();
        PolicyFileError::wrong(name, vec![Fault::new(text, &at, None, error.message())])
    })?;
    let entries: BTreeMap<&str, Entry<'_>> = document
        .get_ref()
        .iter()
        .map(|(key, value)| {
            let entry = Entry { at: key.span(), value: value.get_ref(), value_at: value.span() };
            (key.get_ref().as_ref(), entry)
        })
        .collect();
    let mut faults = Vec::new();
    let mut wrong = |key: &str, at: &Range<usize>, reason: String| {
        faults.push(Fault::new(text, at, Some(key), reason));
    };
    for (key, entry) in &entries {
        if ![PRESET, NORMALIZATION, BLOCKLIST].contains(key) && kind(key).is_none() {
            wrong(key, &entry.at, format!("unknown key: use one of {}", keys()));
        }
    }
    let mut policy = PasswordPolicy::from_rules([]);
    if let Some(entry) = entries.get(PRESET) {
        match entry.value.as_str().and_then(preset) {
            Some(preset) => policy = preset(),
            None => {
                let allowed = names(PRESETS.map(|(name, _)| name));
                wrong(PRESET, &entry.value_at, format!("must be one of {allowed}"));
            }
        }
    }
    if let Some(entry) = entries.get(NORMALIZATION) {
        let read = |name| Normalization::ALL.iter().copied().find(|it| it.code() == name);
        match entry.value.as_str().and_then(read) {
            Some(read) => policy = policy.with_normalization(read),
            None => {
                let allowed = names(Normalization::ALL.iter().map(|form| form.code()));
                wrong(NORMALIZATION, &entry.value_at, format!("must be one of {allowed}"));
            }
        }
    }
    if let Some(entry) = entries.get(BLOCKLIST) {
        match blocklist(entry.value) {
            Some(list) => policy = policy.with_blocklist(list),
            None => {
                wrong(BLOCKLIST, &entry.value_at, "must be a list of strings, like [\"one\", \"two\"]".to_owned());
            }
        }
    }
    for &kind in RuleKind::ALL {
        if let Some(entry) = entries.get(kind.code()) {
            match rule(kind, entry.value) {
                Ok(Some(rule)) => policy = policy.with(rule),
                Ok(None) => policy = policy.without(kind),
                Err(reason) => wrong(kind.code(), &entry.value_at, reason),
            }
        }
    }
    if !faults.is_empty() {
        return Err(PolicyFileError::wrong(name, faults));
    }
    policy.validate().map_err(|error| {
        // A missing rule has no position: point to the preset, or to the start of the file.
        let key = error.rule().code();
        let at = entries.get(key).map(|entry| entry.value_at.clone());
        let at = at.or_else(|| entries.get(PRESET).map(|entry| entry.value_at.clone())).unwrap_or_default();
        let reason = match error {
            PolicyError::Missing { .. } => "is required: add it, or start from a preset".to_owned(),
            PolicyError::OutOfRange { least, most, .. } => {
                format!("must be a number from {least} to {most}, because of the other rules")
            }
            PolicyError::UnusedBlocklist { .. } => "must be true where there is a blocklist".to_owned(),
            other => other.to_string(),
        };
        PolicyFileError::wrong(name, vec![Fault::new(text, &at, Some(key), reason)])
    })?;
    Ok(policy)
}

fn kind(key: &str) -> Option<RuleKind> {
    RuleKind::ALL.iter().copied().find(|kind| kind.code() == key)
}

fn preset(name: &str) -> Option<fn() -> PasswordPolicy> {
    PRESETS.into_iter().find(|(known, _)| *known == name).map(|(_, preset)| preset)
}

/// The rule of a key; `None` to leave it out.
fn rule(kind: RuleKind, value: &DeValue<'_>) -> Result<Option<Rule>, String> {
    if value.as_bool() == Some(false) {
        return Ok(None);
    }
    let Some(range) = kind.range() else {
        let rule = (value.as_bool() == Some(true)).then(|| Rule::new(kind, None)).flatten();
        return rule.map(Some).ok_or_else(|| "must be true or false".to_owned());
    };
    let number = value.as_integer().and_then(|number| u16::from_str_radix(number.as_str(), number.radix()).ok());
    let rule = number.filter(|number| range.contains(number)).and_then(|number| Rule::new(kind, Some(number)));
    rule.map(Some).ok_or_else(|| {
        format!("must be a number from {} to {}, or false to disable the rule", range.start(), range.end())
    })
}

fn blocklist(value: &DeValue<'_>) -> Option<Blocklist> {
    let values: Option<Vec<&str>> = value.as_array()?.iter().map(|value| value.get_ref().as_str()).collect();
    values.map(Blocklist::new)
}

fn keys() -> String {
    let rules = RuleKind::ALL.iter().copied().map(RuleKind::code);
    names([PRESET, NORMALIZATION, BLOCKLIST].into_iter().chain(rules))
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}
