//! Phone numbers.

mod alias;
mod country;

pub use self::country::CallingCode;
use super::{BadIdentifier, MAX_IDENTIFIER_BYTES, MAX_TYPED_BYTES};
use crate::identity::typed::{digit, is_divider};

/// Converts `08…`, `8…`, `62…`, `+62…`, `0062…` and `+62 (0) 8…`, with spaces, dots, dashes and brackets, to `+628…`,
/// and unifies numbers that WhatsApp writes in two ways. Without a home country, only `+62…` and `0062…`.
pub(super) fn normalize(typed: &str, home: Option<CallingCode>) -> Result<String, BadIdentifier> {
    international(typed, home).map(|number| alias::fold(&number))
}

/// The numbers of the same telephone as a normalised one, itself first.
pub(super) fn same(number: &str) -> Vec<String> {
    alias::class(number)
}

fn international(typed: &str, home: Option<CallingCode>) -> Result<String, BadIdentifier> {
    // Each message to the service brings its sender's number like this.
    if home.is_none() && is_e164(typed) {
        return Ok(typed.to_owned());
    }
    if typed.len() > MAX_TYPED_BYTES {
        return Err(BadIdentifier::TooLong);
    }
    let typed = plain(typed);
    if typed.is_empty() {
        return Err(BadIdentifier::Empty);
    }
    if typed.len() > MAX_IDENTIFIER_BYTES {
        return Err(BadIdentifier::TooLong);
    }
    let without_zero = without_bracketed_zero(&typed)?;
    let (international, rest) = match without_zero.trim_start_matches('(').strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, without_zero.as_str()),
    };
    let mut digits = String::with_capacity(rest.len());
    for letter in rest.chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            '.' | '(' | ')' => {}
            _ => return Err(BadIdentifier::NotAPhone),
        }
    }
    let abroad = if international { Some(digits.as_str()) } else { digits.strip_prefix("00") };
    let number = if let Some(number) = abroad {
        home.map_or_else(|| number.to_owned(), |home| without_national_zero(number, home))
    } else if let Some(home) = home {
        at_home(&digits, home)
    } else {
        return Err(BadIdentifier::NotAPhone);
    };
    let number = format!("+{number}");
    if is_e164(&number) { Ok(number) } else { Err(BadIdentifier::NotAPhone) }
}

/// A number as it is dialled in its own country, or with that country's code and no plus.
fn at_home(digits: &str, home: CallingCode) -> String {
    let code = home.number().to_string();
    match digits.strip_prefix('0') {
        Some(national) if home.dials_a_zero() => format!("{code}{national}"),
        None if digits.starts_with(&code) && home.fits_with_code(digits.len()) => without_national_zero(digits, home),
        _ => format!("{code}{digits}"),
    }
}

/// The digits as ASCII, with the signs between them that may mean something.
fn plain(typed: &str) -> String {
    let plain = |letter: char| match letter {
        '\u{207a}' | '\u{fe62}' | '\u{ff0b}' => Some('+'),
        '\u{ff08}' | '[' | '{' => Some('('),
        '\u{ff09}' | ']' | '}' => Some(')'),
        '\u{ff0e}' | '\u{2024}' | '\u{66b}' | '\u{66c}' => Some('.'),
        letter if is_divider(letter) => None,
        letter => Some(digit(letter).unwrap_or(letter)),
    };
    let plain: String = typed.chars().filter_map(plain).collect();
    without_scheme(&plain).unwrap_or(plain)
}

/// The number of a link, as address books and chats copy it.
fn without_scheme(plain: &str) -> Option<String> {
    let lower = plain.to_ascii_lowercase();
    let after =
        |text: &'_ str, fronts: &[&str]| fronts.iter().find_map(|front| text.strip_prefix(front).map(str::to_owned));
    let number = |text: &str| {
        let number = text.split(['?', '&', ';', '#']).next().unwrap_or_default();
        number.strip_prefix("%2b").map_or_else(|| number.to_owned(), |number| format!("+{number}"))
    };
    if let Some(dialled) = after(&lower, &["tel:", "sms:", "callto:"]) {
        return Some(number(&dialled));
    }
    let chat = lower.strip_prefix("https://").unwrap_or(&lower);
    let fronts = [
        "wa.me/",
        "api.whatsapp.com/send?phone=",
        "api.whatsapp.com/send/?phone=",
        "whatsapp://send?phone=",
        "whatsapp:",
    ];
    let number = number(&after(chat, &fronts)?);
    // WhatsApp's links have the country's code, and no plus.
    Some(if number.starts_with(['0', '+']) { number } else { format!("+{number}") })
}

/// Whether [`normalize`] writes a number like this.
pub(super) fn is_normal(text: &str) -> bool {
    is_e164(text) && alias::fold(text) == text
}

/// `+` and 8 to 15 digits, the first not zero.
fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0')
    })
}

/// The national zero in brackets is not dialled after a country's code: `+62 (0) 812…` is `+62 812…`. In any other
/// place its meaning is unknown.
fn without_bracketed_zero(typed: &str) -> Result<String, BadIdentifier> {
    let Some((before, after)) = typed.split_once("(0)") else {
        return Ok(typed.to_owned());
    };
    let country = before.bytes().filter(u8::is_ascii_digit).count();
    let most = if before.starts_with("00") { 5 } else { 3 };
    if country <= most && !after.contains("(0)") {
        Ok(format!("{before}{after}"))
    } else {
        Err(BadIdentifier::NotAPhone)
    }
}

/// Many type `+62 0812…` for `+62 812…`.
fn without_national_zero(digits: &str, home: CallingCode) -> String {
    let code = home.number().to_string();
    match digits.strip_prefix(&code) {
        Some(national) if home.dials_a_zero() => format!("{code}{}", national.trim_start_matches('0')),
        _ => digits.to_owned(),
    }
}
