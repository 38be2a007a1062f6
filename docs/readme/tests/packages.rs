//! Each published crate is complete for a registry and for a documentation host.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder, name and manifest of each crate that a registry gets.
fn published() -> Vec<(PathBuf, String, Table)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let manifest: Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
        let package = manifest["package"].as_table().unwrap();
        if !package.contains_key("publish") {
            let name = package["name"].as_str().unwrap().to_owned();
            found.push((folder, name, manifest));
        }
    }
    assert!(found.len() >= 10, "{} published crates", found.len());
    found
}

fn words(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

#[test]
fn manifests_say_what_a_registry_shows() {
    for (_, name, manifest) in published() {
        let package = &manifest["package"];
        for key in ["description", "license", "rust-version", "readme", "keywords", "categories"] {
            assert!(package.get(key).is_some(), "{name} has no {key}");
        }
        let (keywords, categories) = (words(&package["keywords"]), words(&package["categories"]));
        let is_short = |keyword: &&str| keyword.len() <= 20 && keyword.is_ascii();
        assert!((1..=5).contains(&keywords.len()) && keywords.iter().all(is_short), "{name}: keywords {keywords:?}");
        assert!((1..=5).contains(&categories.len()), "{name}: categories {categories:?}");
        if manifest.contains_key("features") {
            let docs = package.get("metadata").and_then(|it| it.get("docs")?.get("rs")?.get("all-features"));
            assert_eq!(docs, Some(&Value::Boolean(true)), "{name} has features that its documentation would not show");
        }
    }
}

#[test]
fn licences_are_in_each_package() {
    for (folder, name, _) in published() {
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let (ours, theirs) = (fs::read(root().join(licence)).unwrap(), fs::read(folder.join(licence)));
            assert_eq!(theirs.ok(), Some(ours), "{name} has another {licence} than the repository");
        }
    }
}

/// A registry refuses a crate that depends, for its tests too, on one of a version that is not there yet.
#[test]
fn crates_can_be_published_one_after_another() {
    let all = published();
    let needs = |manifest: &Table| -> Vec<String> {
        let named = |kind: &str| manifest.get(kind).and_then(Value::as_table).cloned().unwrap_or_default();
        let tests = named("dev-dependencies").into_iter().filter(|(_, it)| {
            let is_path_alone = it.get("path").is_some() && it.get("version").is_none();
            !is_path_alone
        });
        let all = named("dependencies").into_iter().chain(tests).map(|(name, _)| name);
        all.filter(|name| name.starts_with("password-reset")).collect()
    };
    let mut there: Vec<&str> = Vec::new();
    while there.len() < all.len() {
        let can_go = |(_, name, manifest): &&(PathBuf, String, Table)| {
            !there.contains(&name.as_str()) && needs(manifest).iter().all(|needed| there.contains(&needed.as_str()))
        };
        let next = all.iter().find(can_go);
        there.push(&next.unwrap_or_else(|| panic!("a cycle, or what is not published, behind {there:?}")).1);
    }
}

/// Of a crate whose types stand in public items every breaking version is a breaking version of ours, so each is a decision.
#[test]
fn public_items_have_types_of_few_other_crates() {
    const ALLOWED: [(&str, &[&str]); 11] = [
        ("password-reset", &["argon2", "chrono", "serde_core"]), // serde_core: what the derives of serde name
        ("password-reset-actix", &["actix_web"]),
        ("password-reset-axum", &["axum", "axum_core", "http", "tower_service"]),
        ("password-reset-policy", &["serde_json"]),
        ("password-reset-postgres", &["chrono", "sqlx_postgres"]),
        ("password-reset-http-api", &["bytes", "http", "url", "zeroize"]),
        ("password-reset-mail", &["chrono", "http"]),
        ("password-reset-sqlite", &["chrono"]),
        ("password-reset-testkit", &["chrono", "mockall", "predicates_core", "tracing_core", "tracing_subscriber"]),
        ("password-reset-web", &["bytes", "http", "http_body", "hyper", "tokio", "tower_service"]),
        ("password-reset-whatsapp", &["bytes", "chrono", "http"]),
    ];
    for (_, name, _) in published() {
        let list = fs::read_to_string(root().join(format!("docs/public-api/{name}.txt"))).unwrap();
        let named = list.lines().next().and_then(|line| line.strip_prefix("types of other crates:")).unwrap();
        let allowed = ALLOWED.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, allowed)| allowed);
        for other in named.split(',').map(str::trim).filter(|other| !other.starts_with("password_reset")) {
            assert!(other.is_empty() || allowed.contains(&other), "{name} has a type of {other} in a public item");
        }
    }
}

/// A host of packages shows a README without the repository around it.
#[test]
fn readmes_link_to_nothing_outside_their_package() {
    for (folder, name, _) in published() {
        let text = fs::read_to_string(folder.join("README.md")).unwrap();
        let targets = text.match_indices("](").map(|(at, _)| text[at + 2..].split(')').next().unwrap());
        for target in targets {
            assert!(
                target.starts_with("https://") || target.starts_with('#'),
                "{name}/README.md links to {target}, which works in the repository or on a documentation host alone"
            );
        }
    }
}
