//! The language that a browser prefers.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use password_reset::Locale;

/// The preferred language that these pages have, by `Accept-Language` (RFC 9110 §12.5.4).
pub(crate) fn wanted(headers: &HeaderMap) -> Option<Locale> {
    let mut best: Option<(u16, Locale)> = None;
    let ranges = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    for range in ranges.flat_map(|line| line.split(',')).take(64) {
        let mut parts = range.split(';').map(str::trim);
        let Some(locale) = parts.next().and_then(|tag| tag.parse().ok()) else { continue };
        let weight = parts.find_map(|part| part.strip_prefix(['q', 'Q'])?.strip_prefix('=')).map_or(1_000, thousandths);
        // Of equal weights the first wins.
        if weight > best.map_or(0, |(best, _)| best) {
            best = Some((weight, locale));
        }
    }
    best.map(|(_, locale)| locale)
}

/// `0.8` is 800; anything that is not a weight is 0.
fn thousandths(weight: &str) -> u16 {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let fraction_fits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "1" => 1_000,
        "0" if fraction_fits => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_preferred_language_that_the_pages_have() {
        let table = [
            ("", None),
            ("de", None),
            ("*", None),
            ("id", Some(Locale::Indonesian)),
            // Java and Android still send the code that Indonesian had before 1989.
            ("in", Some(Locale::Indonesian)),
            ("in-ID", Some(Locale::Indonesian)),
            ("in_ID", Some(Locale::Indonesian)),
            ("IN-id;q=0.9, en;q=0.8", Some(Locale::Indonesian)),
            ("id_ID.UTF-8", Some(Locale::Indonesian)),
            ("ind", Some(Locale::Indonesian)),
            ("id-Latn-ID", Some(Locale::Indonesian)),
            ("eng-GB", Some(Locale::English)),
            ("int, inh-RU, ina", None),
            ("id-ID,id;q=0.9,en;q=0.8", Some(Locale::Indonesian)),
            ("en;q=0.8, id;q=0.9", Some(Locale::Indonesian)),
            ("de, en-GB;q=0.1", Some(Locale::English)),
            ("en, id", Some(Locale::English)),
            ("id;q=0, en;q=0.001", Some(Locale::English)),
            ("id;q=0", None),
            ("id;q=x, en;q=0.5", Some(Locale::English)),
            (";;;,,,q=", None),
            ("ID", Some(Locale::Indonesian)),
            ("id-Latn", Some(Locale::Indonesian)),
            ("in-Latn-ID-u-nu-latn", Some(Locale::Indonesian)),
            ("id_ID", Some(Locale::Indonesian)),
            ("id-ID-x-lvariant-POSIX", Some(Locale::Indonesian)),
            ("in-ID, in;q=0.9, en-US;q=0.8, en;q=0.7", Some(Locale::Indonesian)),
            (" in-ID ; q=0.8 , en ; q=0.9", Some(Locale::English)),
            ("en;Q=0.5, id;Q=0.9", Some(Locale::Indonesian)),
            ("en-ID", Some(Locale::English)),
            ("en_US.UTF-8", Some(Locale::English)),
            ("fr-CH, fr;q=0.9, in;q=0.5, *;q=0.1", Some(Locale::Indonesian)),
            ("iw, ji, no, nb-NO", None),
            ("ia, ie, ik, io, is, it", None),
        ];
        for (header, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(wanted(&headers), expected, "{header}");
        }
    }
}
