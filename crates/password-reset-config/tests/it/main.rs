//! What settings may say, how faults are named, and what is built from them.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::path::Path;

use password_reset_config::{Settings, SettingsError};

mod accounts;
#[cfg(feature = "pages")]
mod app_links;
mod gateway;
mod settings;

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

/// What this file needs besides.
const SECRETS: [(&str, &str); 2] =
    [("PASSWORD_RESET_KEYS", KEYS), ("SMTP_URL", "smtps://app:swordfish@mail.example:465")];

/// Reads a file of this folder with these variables.
fn read_in(folder: &Path, text: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let of = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Settings::read("test.toml", text, folder, &of)
}

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    read_in(Path::new(""), text, variables)
}

/// Makes the user table in the database of the folder.
fn users(folder: &Path) {
    let table = "create table users (id integer primary key, email text, password_hash text);
                 create index users_email on users (lower(email));";
    rusqlite::Connection::open(folder.join("app.db")).unwrap().execute_batch(table).unwrap();
}
