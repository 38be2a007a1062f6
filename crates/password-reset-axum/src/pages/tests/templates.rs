//! Templates of an application, and addresses.

use std::sync::Arc;

use password_reset::Locale;

use crate::pages::{Brand, DonePage, ExpiredPage, Look, LookError, RenderError, Shell, Templates};

#[derive(Debug)]
struct OwnDone;

impl Templates for OwnDone {
    fn done(&self, page: &DonePage<'_>) -> Result<String, RenderError> {
        Ok(format!("own {}", page.shell.look.site()))
    }

    fn expired(&self, _: &ExpiredPage<'_>) -> Result<String, RenderError> {
        Err(RenderError::new("no such template"))
    }
}

fn look(mount: &str) -> Look {
    Look::new("Toko Contoh", mount, &Brand::new()).unwrap()
}

#[test]
fn an_application_replaces_one_page_and_keeps_the_others() {
    let look = look("").with_templates(Arc::new(OwnDone));
    let shell = Shell::new(&look, Locale::English, "/done");
    assert_eq!(DonePage { shell }.render().unwrap(), "own Toko Contoh");
    let cancelled = crate::pages::CancelledPage { shell }.render().unwrap();
    assert!(cancelled.starts_with("<!doctype html>"));
}

#[test]
fn a_page_that_cannot_be_written_is_an_error() {
    let look = look("").with_templates(Arc::new(OwnDone));
    let error = ExpiredPage { shell: Shell::new(&look, Locale::English, "/expired") }.render().unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no such template");
}

#[test]
fn addresses_know_the_mount_path() {
    for (mount, ask, ask_by, wait) in
        [("", "/", "/?by=email", "/wait"), ("/reset", "/reset", "/reset?by=email", "/reset/wait")]
    {
        let look = look(mount);
        assert_eq!([look.url(""), look.url("?by=email"), look.url("/wait")], [ask, ask_by, wait]);
    }
}

#[test]
fn the_other_language_is_of_the_same_page_and_reset() {
    let look = look("/reset");
    let shell = Shell::new(&look, Locale::English, "/wait").with_form("token", Some("r7Kd02"));
    assert_eq!(shell.in_language(Locale::Indonesian), "/reset/wait?reset=r7Kd02&lang=id");
    let shell = Shell::new(&look, Locale::English, "?by=username");
    assert_eq!(shell.in_language(Locale::Indonesian), "/reset?by=username&lang=id");
}

#[test]
fn addresses_that_lead_astray_are_refused() {
    let bad = [
        "",
        "sign-in",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "http://a.example",
        "https://",
        "/a b",
        "/a\n",
    ];
    for url in bad {
        let refused = LookError::Address { setting: "sign_in_url" };
        assert_eq!(look("").with_sign_in_url(url).unwrap_err(), refused, "{url}");
        assert!(look("").with_contact_url(url).is_err(), "{url}");
    }
    for url in ["/sign-in", "https://toko.example/sign-in"] {
        assert_eq!(look("").with_sign_in_url(url).unwrap().sign_in_url(), Some(url));
    }
    assert!(look("").with_contact_url("mailto:bantuan@toko.example").is_ok());
}
