//! What a file says of accounts.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::path::Path;

use password_reset_config::{Settings, SettingsError};

const FILE: &str = r#"
[site]
name = "Toko Contoh"
url = "https://toko.example/reset"

[database]
url = "sqlite:app.db"

[accounts]
zone_column = "zone"
"#;

fn read(several: &str) -> Result<Settings, SettingsError> {
    let keys = "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,counters:QEECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let of = |name: &str| (name == "PASSWORD_RESET_KEYS").then(|| keys.to_owned());
    Settings::read("test.toml", &format!("{FILE}{several}"), Path::new(""), &of)
}

#[test]
fn what_several_accounts_get_is_one_of_three_words() {
    for (line, shown) in [
        ("", "several: Nothing"),
        ("several = \"nothing\"", "several: Nothing"),
        ("several = \"mail_each\"", "several: MailEach"),
        ("several = \"mail_list\"", "several: MailList"),
    ] {
        let settings = format!("{:?}", read(line).unwrap());
        assert!(settings.contains(shown) && settings.contains("zone: Some(\"zone\")"), "{line}: {settings}");
    }
    let error = read("several = \"all\"").unwrap_err().to_string();
    assert!(error.contains("accounts.several") && error.contains("mail_list"), "{error}");
}
