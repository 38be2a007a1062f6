//! What a file and the environment may say, and how faults are named.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::path::Path;
use std::time::Duration;

use password_reset_config::{Settings, SettingsError};

const KEYS: &str =
    "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,counters:QEECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const FILE: &str = r#"
[site]
name = "Toko Contoh"
url = "https://toko.example/reset"

[database]
url = "sqlite:app.db"

[mail]
from = "no-reply@toko.example"

[lifetimes]
link = "45m"
"#;

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let of = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Settings::read("test.toml", text, Path::new(""), &of)
}

const SECRETS: [(&str, &str); 2] =
    [("PASSWORD_RESET_KEYS", KEYS), ("SMTP_URL", "smtps://app:swordfish@mail.example:465")];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    SECRETS.iter().chain(more).copied().collect()
}

#[test]
fn the_environment_wins_over_the_file() {
    let settings = read(FILE, &SECRETS).unwrap();
    assert_eq!((settings.site().name(), settings.lifetimes().link), ("Toko Contoh", Duration::from_secs(45 * 60)));
    let variables = with(&[
        ("PASSWORD_RESET_SITE_NAME", "Warung"),
        ("PASSWORD_RESET_LIFETIMES_LINK", "1h"),
        ("PASSWORD_RESET_PAGES_TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2"),
    ]);
    let settings = read(FILE, &variables).unwrap();
    assert_eq!((settings.site().name(), settings.lifetimes().link), ("Warung", Duration::from_secs(60 * 60)));
    assert_eq!(settings.trusted_proxies(), ["10.0.0.1", "10.0.0.2"]);
}

/// All at once, each with what to write.
#[test]
fn what_is_missing_is_named_with_what_to_write() {
    let error = read("[mail]\nfrom = \"no-reply@toko.example\"", &[]).unwrap_err();
    let names: Vec<&str> = error.faults().iter().map(|fault| fault.setting.as_str()).collect();
    assert_eq!(names, ["site.name", "site.url", "keys", "database.url", "mail.url"]);
    let said = error.to_string();
    assert!(
        said.contains(
            "site.name: it is missing: write name = \"Toko Contoh\" in [site], or set PASSWORD_RESET_SITE_NAME"
        ),
        "{said}"
    );
    assert!(said.contains("keys: it is missing: set PASSWORD_RESET_KEYS, or write keys_file"), "{said}");
    assert!(said.contains("mail.url: it is missing: set SMTP_URL, or write url_file"), "{said}");
}

#[test]
fn an_unknown_setting_is_refused_by_name() {
    for (more, name) in [
        (
            "[pages]\nproxies = []",
            "pages.proxies: there is no such setting: use one of pages.contact_url, pages.language,",
        ),
        ("[page]\nlanguage = \"en\"", "page.language: there is no such section"),
        ("[retention]\nrests = \"1d\"", "retention.rests"),
    ] {
        let error = read(&format!("{FILE}\n{more}"), &SECRETS).unwrap_err().to_string();
        assert!(error.starts_with(name) && error.lines().count() == 1, "{error}");
    }
    let error = read(&format!("sight = 1\n{FILE}"), &SECRETS).unwrap_err().to_string();
    assert!(error.starts_with("sight: "), "{error}");
}

#[test]
fn what_has_another_form_is_refused_by_name() {
    for (setting, value, said) in [
        ("[lifetimes]\ncode", "10", "lifetimes.code: write a time with its unit"),
        ("[limits]\ncode_attempts", "\"5\"", "limits.code_attempts: write a whole number"),
        ("[limits]\nmessage_burst", "-1", "limits.message_burst: write a whole number"),
        ("[pages]\ntrusted_proxies", "\"10.0.0.1\"", "pages.trusted_proxies: write a list of texts"),
        ("[pages]\nlanguage", "\"fr\"", "pages.language: unknown language"),
        ("[hash]\nmemory_kib", "1024", "hash.memory_kib: argon2: `memory_kib` is out of range"),
        ("[accounts]\nsessions_table", "\"sessions\"", "accounts.sessions_table: "),
        ("[canary]\nemail", "\"canary@toko.example\"", "canary.email: say where"),
    ] {
        let text = FILE.replace("[lifetimes]\nlink = \"45m\"\n", "");
        let error = read(&format!("{text}\n{setting} = {value}"), &SECRETS).unwrap_err().to_string();
        assert!(error.starts_with(said) && error.lines().count() == 1, "{error}");
    }
    let error = read("[site\nname", &SECRETS).unwrap_err().to_string();
    assert!(error.starts_with("test.toml: line 1 is not TOML"), "{error}");
}

/// Out of the file, out of errors, out of `Debug`.
#[test]
fn secrets_stand_in_no_file_and_no_output() {
    let variables = with(&[("DATABASE_URL", "postgres://app:opensesame@db/app")]);
    let shown = format!("{:?}", read(FILE, &variables).unwrap());
    assert!(!shown.contains("swordfish") && !shown.contains("opensesame") && !shown.contains("AAECAwQF"), "{shown}");
    for (from, to, named) in [
        (
            "[mail]\n",
            "[mail]\nurl = \"smtps://app:hunter2@mail\"\n",
            "mail.url: it is a secret and has no place here: set SMTP_URL",
        ),
        (
            "[site]\n",
            "keys = \"a:hunter2\"\n[site]\n",
            "keys: it is a secret and has no place here: set PASSWORD_RESET_KEYS",
        ),
        (
            "sqlite:app.db",
            "postgres://app:hunter2@db/app",
            "database.url: it has a password, which has no place here: set DATABASE_URL",
        ),
    ] {
        let error = read(&FILE.replace(from, to), &SECRETS).unwrap_err().to_string();
        assert!(error.starts_with(named) && !error.contains("hunter2"), "{error}");
    }
    let error = read(FILE, &[("PASSWORD_RESET_KEYS", "hunter2"), SECRETS[1]]).unwrap_err().to_string();
    assert!(error.starts_with("keys: invalid key entry") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_secret_comes_from_the_file_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("keys"), format!("{KEYS}\n")).unwrap();
    let text = format!("keys_file = \"keys\"\n{FILE}");
    let settings = Settings::read("test.toml", &text, folder.path(), &|name| {
        (name == "SMTP_URL").then(|| SECRETS[1].1.to_owned())
    });
    assert_eq!(settings.unwrap().keys().expose(), KEYS);
    let gone = Settings::read("test.toml", &text, Path::new("/nowhere"), &|_| None).unwrap_err().to_string();
    assert!(gone.starts_with("keys_file: /nowhere/keys cannot be read"), "{gone}");
}

/// The service is built from settings alone.
#[tokio::test]
async fn a_service_is_built_from_settings() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("app.db").display());
    let made = rusqlite_table(folder.path());
    assert!(made, "the user table");
    let settings = read(FILE, &with(&[("DATABASE_URL", &url)])).unwrap();
    let database = settings.connect().await.unwrap();
    assert!(database.check().await.is_err(), "nothing is migrated");
    database.migrate().await.unwrap();
    let (reset, _worker) = settings.builder(&database).unwrap().build().unwrap();
    assert!(reset.health().await.problems().is_empty());
    assert_eq!(reset.site().base_url(), "https://toko.example/reset");
    let long = with(&[("DATABASE_URL", &url), ("PASSWORD_RESET_LIFETIMES_LINK", "48h")]);
    let refused = read(FILE, &long).unwrap().builder(&database).unwrap().build().unwrap_err().to_string();
    assert!(refused.starts_with("lifetimes.link: "), "{refused}");
}

fn rusqlite_table(folder: &Path) -> bool {
    let connection = rusqlite::Connection::open(folder.join("app.db")).unwrap();
    let table = "create table users (id integer primary key, email text, password_hash text);
                 create index users_email on users (lower(email));";
    connection.execute_batch(table).is_ok()
}

/// The README lists each setting, and the variables of those that have another name.
#[test]
fn the_readme_lists_every_setting() {
    let readme = include_str!("../README.md");
    let mut sections = std::collections::BTreeSet::new();
    for name in
        readme.lines().filter(|line| line.starts_with("| `")).flat_map(|line| line.split('`').skip(1).step_by(2))
    {
        if let Some((section, _)) =
            name.split_once('.').filter(|(section, _)| section.bytes().all(|byte| byte.is_ascii_lowercase()))
        {
            sections.insert(section.to_owned());
        }
    }
    for section in sections {
        let error = read(&format!("{FILE}\n[{section}_]\nnone = 1"), &SECRETS).unwrap_err().to_string();
        assert!(error.contains("there is no such section"), "{error}");
        let known = match read(&format!("{}\n[{section}]\nnone = 1", file_without(&section)), &SECRETS) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{section}"),
        };
        let said = known.lines().find(|line| line.starts_with(&format!("{section}.none"))).unwrap().to_owned();
        let names = said.rsplit("use one of ").next().unwrap();
        for name in names.split(", ") {
            let name = name.trim();
            let of_secret = name.strip_suffix("_file").filter(|_| !readme.contains(&format!("`{name}`")));
            assert!(readme.contains(&format!("`{}`", of_secret.unwrap_or(name))), "{name} is not in the README");
        }
    }
}

fn file_without(section: &str) -> String {
    let mut skips = false;
    let kept = FILE.lines().filter(|line| {
        if line.starts_with('[') {
            skips = *line == format!("[{section}]");
        }
        !skips
    });
    kept.collect::<Vec<_>>().join("\n")
}
