//! Finds the secret in what a user pastes for a link.
//!
//! Mail filters put links into addresses of their own and encode the `#`, once or twice; mail programs break lines; chats
//! add brackets, full stops and characters that cannot be seen. A user who copies such a link has the right one.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;

/// Filters behind one another encode once each.
const MAX_ENCODINGS: usize = 5;

/// A mail with a link has a few; more are not looked at.
const MAX_MARKS: usize = 32;

/// The number of runs of letters behind one mark that can be the secret.
const MAX_RUNS: usize = 32;

/// What `https://` and `http://` begin with in base64.
const ENCODED_SCHEMES: [&str; 2] = ["aHR0cHM6Ly", "aHR0cDovL"];

/// Finds the secret of a link in pasted text: the first text that `parse` accepts behind a `#`, however that is encoded.
/// Where several links were pasted, those to `page` are tried first, then the last of the others. Text without a `#` may be
/// the secret alone.
///
/// `page` is how the address ends in front of the `#`, such as `"/link"`; behind a `#` in it stands what the fragment
/// begins with, as in [`Site::before_secret`](password_reset::Site::before_secret).
///
/// ```
/// use password_reset_web::secret_in_link;
///
/// let parse = |secret: &str| (secret.len() == 8).then(|| secret.to_owned());
/// let filtered = "<https://safelinks.example/?url=https%3A%2F%2Ftoko.example%2Freset%2Flink%23k3J-9_xQ&data=05>.";
/// assert_eq!(secret_in_link(filtered, "/link", parse).as_deref(), Some("k3J-9_xQ"));
/// ```
///
/// # Contract
/// The secret consists of ASCII letters, digits, `-` and `_`. `parse` checks form and length exactly; the text around the
/// secret decides nothing.
pub fn secret_in_link<T>(pasted: &str, page: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    let readings = readings(pasted);
    let whole = readings.iter().find_map(|text| behind_marks(text, page, |rest| in_one_piece(rest, &parse)));
    whole.or_else(|| readings.iter().find_map(|text| behind_marks(text, page, |rest| in_pieces(rest, &parse))))
}

/// The text with all encodings of the known filters undone.
fn readings(pasted: &str) -> Vec<String> {
    // Quoted-printable breaks lines like this (RFC 2045 §6.7), and replies quote like this.
    let text = pasted.replace("=\r\n", "").replace("=\n", "").replace("\n>", "\n");
    let mut readings = vec![decoded(&text)];
    if let Some((_, v2)) = text.split_once("urldefense.proofpoint.com/v2/") {
        // Proofpoint's version 2 writes `-` for `%` and `_` for `/`.
        readings.push(decoded(&v2.replace('-', "%").replace('_', "/")));
    }
    if let Some((_, v3)) = text.split_once("/v3/__") {
        // Its version 3 writes `*` for every character that it took out.
        readings.push(decoded(v3).replace('*', "#"));
    }
    for scheme in ENCODED_SCHEMES {
        let from = text.find(scheme).and_then(|at| text.get(at..)).unwrap_or_default();
        let letters = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '-' | '_');
        let run = from.split(|letter| !letters(letter)).next().unwrap_or_default();
        let run = run.replace('-', "+").replace('_', "/");
        let indifferent = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let engine = GeneralPurpose::new(&alphabet::STANDARD, indifferent.with_decode_allow_trailing_bits(true));
        if let Ok(Ok(url)) = engine.decode(run).map(String::from_utf8) {
            readings.push(decoded(&url));
        }
    }
    readings
}

/// Undoes percent-encoding as often as it was done.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..MAX_ENCODINGS {
        let once = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if once == text {
            break;
        }
        text = once;
    }
    text
}

/// What `find` makes of the text behind each `#`, or of the whole text.
fn behind_marks<T>(text: &str, page: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
    let (path, start) = page.split_once('#').unwrap_or((page, ""));
    let behind = |of_page: bool| {
        let marks = text.rmatch_indices('#').filter_map(move |(at, _)| {
            let (before, rest) = text.split_at_checked(at)?;
            let rest = rest.trim_start_matches('#');
            let begun = rest.split_at_checked(start.len()).filter(|(begin, _)| begin.eq_ignore_ascii_case(start));
            match begun.filter(|_| leads_to(before, path)) {
                Some((_, behind)) => of_page.then_some(behind),
                None => (!of_page).then_some(rest),
            }
        });
        marks.take(MAX_MARKS)
    };
    behind(true).chain(behind(false)).find_map(&find).or_else(|| find(text))
}

fn leads_to(before: &str, page: &str) -> bool {
    let (before, page) = (before.trim_end_matches('/'), page.trim_end_matches('/'));
    let at = before.len().checked_sub(page.len());
    at.and_then(|at| before.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(page))
}

const fn is_of_secret(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
}

fn in_one_piece<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    let runs = text.split(|letter| !is_of_secret(letter)).filter(|run| !run.is_empty());
    runs.take(MAX_RUNS).find_map(|run| trimmed(run, &parse))
}

/// Joins what line breaks, spaces and characters that are not ASCII divide, up to the next other character.
fn in_pieces<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    let divides = |letter: char| letter.is_whitespace() || letter.is_control() || !letter.is_ascii();
    let mut joined = String::new();
    for piece in text.split(divides).filter(|piece| !piece.is_empty()).take(MAX_RUNS) {
        let run = piece.split(|letter| !is_of_secret(letter)).next().unwrap_or_default();
        joined.push_str(run);
        let found = trimmed(&joined, &parse);
        if found.is_some() || run.len() < piece.len() {
            return found;
        }
    }
    None
}

/// Dashes and underscores around a secret may belong to it or to the text.
fn trimmed<T>(run: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    let is_edge = |letter: char| matches!(letter, '-' | '_');
    let starts = std::iter::successors(Some(run), |run| run.strip_prefix(is_edge)).take(MAX_RUNS);
    starts
        .flat_map(|run| std::iter::successors(Some(run), |run| run.strip_suffix(is_edge)).take(MAX_RUNS))
        .find_map(parse)
}

#[cfg(test)]
mod tests;
