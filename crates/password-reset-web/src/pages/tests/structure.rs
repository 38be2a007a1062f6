//! The structure that every page shares.

use std::collections::HashSet;

use password_reset::Site;

use super::document::{Document, Element};
use super::samples::{PLAIN, Values, theme};
use crate::pages::assets::SCRIPTS;
use crate::pages::{Brand, Theme};

fn each(check: impl Fn(&str, &str, &Document)) {
    for sample in PLAIN.iter() {
        check(&sample.name, &sample.html, &Document::parse(&sample.html));
    }
}

#[test]
fn every_page_parses_without_errors() {
    each(|name, _, page| assert!(page.errors.is_empty(), "{name}: {:?}", page.errors));
}

#[test]
fn every_page_has_language_title_and_heading() {
    for sample in PLAIN.iter() {
        let page = Document::parse(&sample.html);
        let html = page.all("html").next().unwrap();
        assert_eq!(html.attribute("lang"), Some(sample.locale.tag()), "{}", sample.name);
        let heading = page.all("h1").next().unwrap().shown();
        let title = page.all("title").next().unwrap().shown();
        assert_eq!(page.all("h1").count(), 1, "{}", sample.name);
        assert!(title.ends_with(&format!("{heading} · Toko Contoh")), "{}: {title}", sample.name);
        assert_eq!(page.all("main").count(), 1, "{}", sample.name);
    }
}

#[test]
fn every_page_opts_out_of_search_and_referrers() {
    each(|name, _, page| {
        let meta = |wanted: &str| {
            let found = page.all("meta").find(|meta| meta.attribute("name") == Some(wanted));
            found.and_then(|meta| meta.attribute("content")).unwrap_or_default().to_owned()
        };
        assert!(meta("robots").contains("noindex"), "{name}");
        assert_eq!(meta("referrer"), "no-referrer", "{name}");
        // Users can enlarge the text.
        assert_eq!(meta("viewport"), "width=device-width, initial-scale=1", "{name}");
        assert!(!page.all("meta").any(|meta| meta.has("http-equiv")), "{name}: pages must not reload by themselves");
    });
}

#[test]
fn ids_are_unique_and_references_resolve() {
    each(|name, _, page| {
        let mut seen = HashSet::new();
        for id in page.elements.iter().filter_map(|element| element.attribute("id")) {
            assert!(seen.insert(id), "{name}: two of {id}");
        }
        for element in &page.elements {
            for attribute in ["for", "aria-describedby", "aria-labelledby", "aria-controls"] {
                for id in element.attribute(attribute).unwrap_or_default().split_whitespace() {
                    assert!(seen.contains(id), "{name}: {attribute}={id} does not resolve");
                }
            }
            if let Some(id) = element.attribute("href").and_then(|href| href.strip_prefix('#')) {
                assert!(seen.contains(id), "{name}: #{id} does not resolve");
            }
        }
    });
}

#[test]
fn no_script_and_no_style_is_inline() {
    each(|name, _, page| {
        for element in &page.elements {
            let named = |attribute: &(String, String)| attribute.0 == "style" || attribute.0.starts_with("on");
            assert!(!element.attributes.iter().any(named), "{name}: {}", element.name);
            assert_ne!(element.name, "style", "{name}");
            if element.name == "script" {
                assert!(element.has("src") && element.text.is_empty(), "{name}");
            }
        }
    });
}

#[test]
fn pages_load_nothing_from_other_origins() {
    each(|name, html, page| {
        for element in &page.elements {
            for attribute in ["href", "src", "srcset", "action", "data-events", "data-status", "data-new", "data-check"]
            {
                let Some(url) = element.attribute(attribute) else { continue };
                let ours = url.starts_with('/') && !url.starts_with("//");
                let within = url.starts_with('#') && attribute == "href";
                let whatsapp = url.starts_with("https://wa.me/") && element.name == "a";
                assert!(ours || within || whatsapp, "{name}: {attribute}={url}");
                if whatsapp {
                    assert_eq!(element.attribute("rel"), Some("noopener noreferrer"), "{name}");
                }
            }
        }
        let elsewhere = html.matches("://").count();
        let allowed = html.matches("https://wa.me/").count()
            + html.matches(" https:// ").count()
            + html.matches("\u{2066}https://\u{2069}").count();
        assert_eq!(elsewhere, allowed, "{name}");
    });
}

#[test]
fn every_asset_of_a_page_exists() {
    let theme = theme(&Values::PLAIN);
    for sample in PLAIN.iter() {
        for url in sample.html.split('"').filter(|part| part.starts_with("/reset/assets/")) {
            let asset = theme.asset(url.trim_start_matches("/reset/assets/")).unwrap_or_else(|| panic!("{url}"));
            assert!(!asset.bytes.is_empty(), "{url}");
        }
    }
}

#[test]
fn assets_load_nothing_from_other_origins() {
    let theme = Theme::new(&Site::new("Toko Contoh", "https://toko.example"), "", &Brand::new()).unwrap();
    for source in SCRIPTS.iter().map(|(source, _)| *source).chain(["reset.css"]) {
        let url = theme.asset_url(source).unwrap();
        let asset = theme.asset(url.trim_start_matches("/assets/")).unwrap();
        let text = std::str::from_utf8(&asset.bytes).unwrap();
        for bad in ["://", "url(", "@import", "import ", "eval(", "innerHTML", "document.write", "Function("] {
            assert!(!text.contains(bad), "{source}: {bad}");
        }
    }
}

#[test]
fn names_of_assets_change_with_their_content() {
    let url = |brand: &Brand| {
        Theme::new(&Site::new("Toko Contoh", "https://toko.example/reset"), "/reset", brand)
            .unwrap()
            .asset_url("reset.css")
            .unwrap()
    };
    assert_eq!(url(&Brand::new()), url(&Brand::new()));
    assert_ne!(url(&Brand::new()), url(&Brand::new().accent("#123a8c")));
}

#[test]
fn every_control_has_a_name() {
    each(|name, _, page| {
        for input in page.all("input").filter(|input| input.attribute("type") != Some("hidden")) {
            let id = input.attribute("id");
            let labelled = page.all("label").any(|label| label.has("for") && label.attribute("for") == id);
            assert!(labelled || input.has("aria-label"), "{name}: {:?}", input.attributes);
        }
        for control in page.all("button").chain(page.all("a")).chain(page.all("summary")) {
            assert!(!control.shown().is_empty(), "{name}: {:?}", control.attributes);
        }
        for image in page.all("img") {
            assert!(!image.attribute("alt").unwrap_or_default().is_empty(), "{name}");
        }
        for image in page.all("svg") {
            let named = image.attribute("role") == Some("img") && image.has("aria-label");
            assert!(named || image.attribute("aria-hidden") == Some("true"), "{name}");
        }
        assert!(page.elements.iter().any(|element| element.attribute("role") == Some("status")), "{name}");
    });
}

#[test]
fn no_field_restricts_pasting_or_typing() {
    each(|name, _, page| {
        for input in page.all("input") {
            for attribute in ["maxlength", "pattern", "readonly", "disabled"] {
                let for_managers = input.attribute("name") == Some("username") && attribute == "readonly";
                assert!(for_managers || !input.has(attribute), "{name}: {attribute}");
            }
            if input.attribute("type") != Some("hidden") && input.attribute("type") != Some("checkbox") {
                assert!(input.has("autocomplete"), "{name}: {:?}", input.attributes);
            }
        }
        assert!(!page.all("button").any(|button| button.has("disabled")), "{name}");
    });
}

#[test]
fn errors_have_a_summary_that_takes_the_focus() {
    each(|name, _, page| {
        let title = page.all("title").next().unwrap().shown();
        let failed = ["Error:", "Kesalahan:", "Ralat:", "خطأ:"].iter().any(|error| title.starts_with(error));
        let summary = page.elements.iter().find(|element| element.attribute("class") == Some("summary"));
        if failed {
            let summary = summary.unwrap_or_else(|| panic!("{name}"));
            assert_eq!(summary.attribute("role"), Some("alert"), "{name}");
            assert!(summary.has("autofocus") && summary.attribute("tabindex") == Some("-1"), "{name}");
        }
        if !failed {
            assert!(summary.is_none(), "{name}");
            assert!(!page.elements.iter().any(|element| element.has("aria-invalid")), "{name}");
        }
    });
}

#[test]
fn an_invalid_field_has_its_error_beside_it() {
    each(|name, _, page| {
        for input in page.all("input").filter(|input| input.attribute("aria-invalid") == Some("true")) {
            let about = input.attribute("aria-describedby").unwrap_or_default();
            let words = about.split_whitespace().filter_map(|id| page.by_id(id)).map(Element::shown);
            assert!(words.collect::<String>().len() > 10, "{name}");
        }
    });
}

#[test]
fn every_page_links_to_itself_in_the_other_language() {
    for sample in PLAIN.iter() {
        let page = Document::parse(&sample.html);
        let other = if sample.locale.tag() == "en" { "id" } else { "en" };
        let link = page.all("a").find(|a| a.attribute("hreflang") == Some(other)).unwrap();
        assert!(link.attribute("href").unwrap().ends_with(&format!("lang={other}")), "{}", sample.name);
        assert!(link.ancestors.contains(&"nav".to_owned()), "{}", sample.name);
    }
}
