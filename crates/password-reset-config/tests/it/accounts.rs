//! What a file says of accounts.

use password_reset_config::{Settings, SettingsError};

use crate::{FILE, SECRETS};

fn read(several: &str) -> Result<Settings, SettingsError> {
    let text = format!("{FILE}\n[accounts]\nzone_column = \"zone\"\n{several}");
    crate::read(&text, &SECRETS)
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
