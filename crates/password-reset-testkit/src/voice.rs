//! The words that texts for users avoid, so that every text has one word for one act.

/// Words and phrases that English texts avoid, and what stands in their place.
const ENGLISH: &[(&str, &str)] = &[
    ("ask again", "try again, send again"),
    ("ask for a reset", "request a password reset"),
    ("recovery", "password reset"),
    ("url", "link"),
    ("secret", "link, code"),
    ("token", "link, code"),
    ("otp", "code"),
    ("pin", "code"),
    ("factor", "two-step verification"),
    ("proof", "verification"),
    ("proofs", "two-step verification"),
    ("prove", "verify"),
    ("proved", "verified"),
    ("type", "enter"),
    ("typed", "entered"),
    ("channel", "way"),
    ("set a new password", "create a new password"),
    ("choose a new password", "create a new password"),
    ("save", "create"),
    ("undo", "lock"),
    ("disown", "lock"),
    ("freeze", "lock"),
    ("frozen", "locked"),
    ("log in", "sign in"),
    ("login", "sign-in"),
    ("logged in", "signed in"),
    ("e-mail", "email"),
    ("mail", "email"),
    ("mailbox", "email address"),
    ("telephone", "phone"),
    ("upper-case", "uppercase"),
    ("upper case", "uppercase"),
    ("lower-case", "lowercase"),
    ("lower case", "lowercase"),
    ("somebody", "someone"),
    ("anybody", "anyone"),
    ("everybody", "all devices"),
    ("nobody", "no one"),
    ("whoever", "anyone who"),
    ("the person", "you"),
    ("the user", "you"),
    ("the people", "an administrator, support"),
    ("please", "an order"),
    ("sorry", "what to do"),
    ("worth nothing", "no longer works"),
];

/// Phrases that are right although they contain a word of [`ENGLISH`].
const ENGLISH_ALLOWED: &[&str] = &[
    // A product's own words.
    "please check your email to change your password",
    "recovery code",
    "mail server",
    // Problem documents are for developers of clients.
    "form token",
];

/// As [`ENGLISH`], for Indonesian.
const INDONESIAN: &[(&str, &str)] = &[
    ("minta lagi", "coba lagi, kirim ulang"),
    ("reset", "atur ulang kata sandi"),
    ("password", "kata sandi"),
    ("link", "tautan"),
    ("url", "tautan"),
    ("token", "tautan, kode"),
    ("otp", "kode"),
    ("pin", "kode"),
    ("faktor", "verifikasi dua langkah"),
    ("bukti", "verifikasi"),
    ("ketik", "masukkan"),
    ("ketikkan", "masukkan"),
    ("diketik", "dimasukkan"),
    ("mengetik", "memasukkan"),
    ("bekukan", "kunci"),
    ("dibekukan", "dikunci"),
    ("sesi", "dikeluarkan"),
    ("login", "masuk"),
    ("log in", "masuk"),
    ("e-mail", "email"),
    ("mail", "email"),
    ("surat", "email"),
    ("telepon", "ponsel"),
    ("hp", "ponsel"),
    ("pengelola", "administrator, layanan bantuan"),
    ("peramban", "browser"),
    ("kuki", "cookie"),
    ("bita", "byte"),
    ("pernah bocor", "muncul dalam kebocoran data"),
    ("maaf", "perintah"),
];

/// As [`ENGLISH_ALLOWED`], for Indonesian.
const INDONESIAN_ALLOWED: &[&str] = &[
    // The kind of an identifier in problem documents, which are for developers of clients.
    "nomor telepon",
    "token formulirnya",
];

/// What a text for users should not say: each avoided word or phrase in it, with what stands in its place. Empty when the
/// text has the voice of the library. `language` is `en` or `id`; URLs are no part of the text.
///
/// ```
/// use password_reset_testkit::voice::avoided;
///
/// assert!(avoided("en", "Enter the code from the email.").is_empty());
/// assert_eq!(avoided("en", "Type the code from the e-mail."), ["type: enter", "e-mail: email"]);
/// ```
#[must_use]
pub fn avoided(language: &str, text: &str) -> Vec<String> {
    let (words, allowed) = if language == "id" { (INDONESIAN, INDONESIAN_ALLOWED) } else { (ENGLISH, ENGLISH_ALLOWED) };
    let mut plain = plain(text);
    for phrase in allowed {
        plain = plain.replace(&format!(" {phrase} "), " … ");
    }
    let mut found: Vec<String> = words
        .iter()
        .filter(|(word, _)| plain.contains(&format!(" {word} ")))
        .map(|(word, instead)| format!("{word}: {instead}"))
        .collect();
    if text.contains(';') {
        found.push(";: two sentences".to_owned());
    }
    found
}

/// The words of a text in lower case, with one space around each; without URLs.
fn plain(text: &str) -> String {
    let mut plain = " ".to_owned();
    for word in text.split_whitespace().filter(|word| !word.contains("://")) {
        for part in word.split(|letter: char| !letter.is_alphanumeric() && letter != '-') {
            if !part.is_empty() {
                plain.push_str(&part.to_lowercase());
                plain.push(' ');
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::avoided;

    #[test]
    fn words_are_found_whole_and_in_any_case() {
        assert_eq!(avoided("en", "“Nobody” may log in"), ["log in: sign in", "nobody: no one"]);
        assert_eq!(avoided("id", "Ketik kode ini"), ["ketik: masukkan"]);
        assert!(avoided("en", "Typewriters mailed pinning").is_empty());
        assert!(avoided("id", "Browser Anda").is_empty() && avoided("en", "Wait; then go").len() == 1);
    }

    #[test]
    fn urls_and_allowed_phrases_are_left_out() {
        assert!(avoided("en", "Open https://toko.example/reset/mail#token now").is_empty());
        assert!(avoided("en", "Use a recovery code.").is_empty());
        assert!(!avoided("en", "Account recovery").is_empty());
    }
}
