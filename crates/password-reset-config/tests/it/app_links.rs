//! The applications on phones that settings name.

use password_reset_config::{Settings, SettingsError};

use crate::{FILE, SECRETS};

const FINGERPRINT: &str =
    "14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5";

fn read(pages: &str) -> Result<Settings, SettingsError> {
    crate::read(&format!("{FILE}\n[pages]\n{pages}"), &SECRETS)
}

#[test]
fn applications_on_phones_are_named_or_there_is_no_file() {
    assert!(read("").unwrap().app_links().unwrap().is_none());
    let android = format!("android_package = \"example.toko.app\"\nandroid_fingerprints = [\"{FINGERPRINT}\"]\n");
    let links = read(&android).unwrap().app_links().unwrap().unwrap();
    assert!(links.android_file().unwrap().contains("\"example.toko.app\""));
    assert_eq!((links.apple_file(), links.host()), (None, "toko.example"));
    let both = format!("{android}apple_apps = [\"A1B2C3D4E5.example.toko.app\"]");
    let links = read(&both).unwrap().app_links().unwrap().unwrap();
    assert!(links.android_file().is_some() && links.apple_file().unwrap().contains("/reset/link"));
}

#[test]
fn an_application_that_is_none_is_refused_by_its_setting() {
    for (pages, setting) in [
        ("android_package = \"example.toko.app\"".to_owned(), "pages.android_fingerprints: write the SHA-256"),
        (format!("android_fingerprints = [\"{FINGERPRINT}\"]"), "pages.android_package: write the package"),
    ] {
        let error = read(&pages).unwrap_err().to_string();
        assert!(error.starts_with(setting) && error.lines().count() == 1, "{error}");
    }
    for (pages, setting) in [
        ("android_package = \"toko\"\nandroid_fingerprints = [\"x\"]", "pages.android_package: app_links: `toko`"),
        ("apple_apps = [\"example.toko.app\"]", "pages.apple_apps: app_links: `example.toko.app`"),
    ] {
        let error = read(pages).unwrap().app_links().unwrap_err().to_string();
        assert!(error.starts_with(setting), "{error}");
    }
}
