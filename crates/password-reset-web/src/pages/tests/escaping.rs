//! Text from clients never becomes markup.

use super::document::Document;
use super::samples::{PLAIN, Values, all, theme};

const CORPUS: [&str; 9] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus=alert(1) x='",
    "</title><svg onload=alert(1)>",
    "{{7*7}}{% include x %}${7*7}",
    "javascript:alert(1)",
    "&lt;b&gt;&amp;amp;",
    "--><!--<b>",
    "\u{202e}\u{0}kode\u{feff}",
];

#[test]
fn no_value_becomes_markup() {
    let shape = |page: &Document| -> Vec<(String, Vec<String>)> {
        let names =
            |element: &super::document::Element| element.attributes.iter().map(|(name, _)| name.clone()).collect();
        page.elements.iter().map(|element| (element.name.clone(), names(element))).collect()
    };
    let plain: Vec<_> = PLAIN.iter().map(|sample| shape(&Document::parse(&sample.html))).collect();
    for bad in CORPUS {
        let values = Values { site: bad, typed: bad, token: bad, reset: bad, message: bad };
        for (sample, plain) in all(&theme(&values), &values).iter().zip(&plain) {
            assert_eq!(&shape(&Document::parse(&sample.html)), plain, "{} with {bad}", sample.name);
        }
    }
}

#[test]
fn values_are_shown_as_they_were_typed() {
    for bad in &CORPUS[..8] {
        let values = Values { site: bad, typed: bad, token: bad, reset: bad, message: bad };
        let samples = all(&theme(&values), &values);
        let start = samples.iter().find(|sample| sample.name.starts_with("start email Some(Unreadable)")).unwrap();
        let page = Document::parse(&start.html);
        assert_eq!(page.field("identifier").unwrap().attribute("value"), Some(*bad));
        assert!(page.all("title").next().unwrap().text.ends_with(bad));
    }
}

#[test]
fn a_typed_placeholder_is_not_filled() {
    let values = Values { typed: "{typed}{n}", ..Values::PLAIN };
    for sample in all(&theme(&values), &values) {
        assert!(!sample.html.contains("{typed}{n}{n}") && !sample.html.contains("{{"), "{}", sample.name);
    }
}
