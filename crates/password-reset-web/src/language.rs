//! The language that a browser prefers.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use password_reset::{Languages, Locale};

/// The preferred language that these pages have, by `Accept-Language` (RFC 9110 §12.5.4).
pub(crate) fn wanted(headers: &HeaderMap, languages: &Languages) -> Option<Locale> {
    let mut best: Option<(u16, Locale)> = None;
    let ranges = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    for range in ranges.flat_map(|line| line.split(',')).take(64) {
        let mut parts = range.split(';').map(str::trim);
        let Some(locale) = parts.next().and_then(|tag| languages.parse(tag)) else { continue };
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
            ("id", Some(Locale::INDONESIAN)),
            // Java and Android still send the code that Indonesian had before 1989.
            ("in", Some(Locale::INDONESIAN)),
            ("in-ID", Some(Locale::INDONESIAN)),
            ("in_ID", Some(Locale::INDONESIAN)),
            ("IN-id;q=0.9, en;q=0.8", Some(Locale::INDONESIAN)),
            ("id_ID.UTF-8", Some(Locale::INDONESIAN)),
            ("ind", Some(Locale::INDONESIAN)),
            ("id-Latn-ID", Some(Locale::INDONESIAN)),
            ("eng-GB", Some(Locale::ENGLISH)),
            ("int, inh-RU, ina", None),
            ("id-ID,id;q=0.9,en;q=0.8", Some(Locale::INDONESIAN)),
            ("en;q=0.8, id;q=0.9", Some(Locale::INDONESIAN)),
            ("de, en-GB;q=0.1", Some(Locale::ENGLISH)),
            ("en, id", Some(Locale::ENGLISH)),
            ("id;q=0, en;q=0.001", Some(Locale::ENGLISH)),
            ("id;q=0", None),
            ("id;q=x, en;q=0.5", Some(Locale::ENGLISH)),
            (";;;,,,q=", None),
            ("ID", Some(Locale::INDONESIAN)),
            ("id-Latn", Some(Locale::INDONESIAN)),
            ("in-Latn-ID-u-nu-latn", Some(Locale::INDONESIAN)),
            ("id_ID", Some(Locale::INDONESIAN)),
            ("id-ID-x-lvariant-POSIX", Some(Locale::INDONESIAN)),
            ("in-ID, in;q=0.9, en-US;q=0.8, en;q=0.7", Some(Locale::INDONESIAN)),
            (" in-ID ; q=0.8 , en ; q=0.9", Some(Locale::ENGLISH)),
            ("en;Q=0.5, id;Q=0.9", Some(Locale::INDONESIAN)),
            ("en-ID", Some(Locale::ENGLISH)),
            ("en_US.UTF-8", Some(Locale::ENGLISH)),
            ("fr-CH, fr;q=0.9, in;q=0.5, *;q=0.1", Some(Locale::INDONESIAN)),
            ("iw, ji, no, nb-NO", None),
            ("ia, ie, ik, io, is, it", None),
        ];
        for (header, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(wanted(&headers, &Languages::default()), expected, "{header}");
        }
    }
}
