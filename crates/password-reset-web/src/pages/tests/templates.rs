//! An application's own templates, and addresses.

use password_reset::{Locale, Site};

use crate::pages::{
    Brand, CancelledPage, DonePage, ExpiredPage, ExpiredPurpose, Layout, RenderError, Templates, Theme, ThemeError,
};

#[derive(Debug)]
struct OwnDone;

impl Templates for OwnDone {
    fn done(&self, page: &DonePage<'_>) -> Result<String, RenderError> {
        Ok(format!("own {}", page.layout.theme.site()))
    }

    fn expired(&self, _: &ExpiredPage<'_>) -> Result<String, RenderError> {
        Err(RenderError::new("no such template"))
    }
}

fn theme(mount: &str) -> Theme {
    Theme::new(&Site::new("Toko Contoh", "https://toko.example"), mount, &Brand::new()).unwrap()
}

#[test]
fn an_application_replaces_one_page_and_keeps_the_others() {
    let theme = theme("");
    let layout = Layout::new(&theme, Locale::ENGLISH, "/done");
    assert_eq!(OwnDone.done(&DonePage { layout }).unwrap(), "own Toko Contoh");
    assert!(OwnDone.cancelled(&CancelledPage { layout }).unwrap().starts_with("<!doctype html>"));
}

#[test]
fn a_render_error_keeps_its_source() {
    let theme = theme("");
    let error = OwnDone
        .expired(&ExpiredPage {
            layout: Layout::new(&theme, Locale::ENGLISH, "/expired"),
            purpose: ExpiredPurpose::Reset,
        })
        .unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no such template");
}

#[test]
fn addresses_begin_with_the_mount_path() {
    for (mount, start, start_by, wait) in
        [("", "/", "/?by=email", "/wait"), ("/reset", "/reset", "/reset?by=email", "/reset/wait")]
    {
        let theme = theme(mount);
        assert_eq!([theme.url(""), theme.url("?by=email"), theme.url("/wait")], [start, start_by, wait]);
    }
}

#[test]
fn language_links_keep_the_page_and_the_reset() {
    let theme = theme("/reset");
    let layout = Layout::new(&theme, Locale::ENGLISH, "/wait").with_form("token", Some("r7Kd02"));
    assert_eq!(layout.in_language(Locale::INDONESIAN), "/reset/wait?reset=r7Kd02&lang=id");
    let layout = Layout::new(&theme, Locale::ENGLISH, "?by=username");
    assert_eq!(layout.in_language(Locale::INDONESIAN), "/reset?by=username&lang=id");
}

#[test]
fn unsafe_addresses_are_refused() {
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
        let refused = ThemeError::Address { setting: "sign_in_url" };
        assert_eq!(theme("").with_sign_in_url(url).unwrap_err(), refused, "{url}");
        assert!(theme("").with_contact_url(url).is_err(), "{url}");
    }
    for url in ["/sign-in", "https://toko.example/sign-in"] {
        assert_eq!(theme("").with_sign_in_url(url).unwrap().sign_in_url(), Some(url));
    }
    assert!(theme("").with_contact_url("mailto:bantuan@toko.example").is_ok());
}
