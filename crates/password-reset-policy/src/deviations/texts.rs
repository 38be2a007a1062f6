//! The sentences of a report, in every language.

use password_reset::Locale;
use password_reset::hashing::Normalization;
use password_reset::policy::RuleKind;

use super::{Classes, Found, Wish};

fn pick<T>(locale: Locale, english: T, indonesian: T) -> T {
    match locale {
        Locale::Indonesian => indonesian,
        _ => english,
    }
}

pub(super) fn asks(wish: Wish, locale: Locale) -> String {
    let (english, indonesian) = match wish {
        Wish::MinLength(least) => {
            let english = format!("asks for at least {least} characters");
            return pick(locale, english, format!("meminta paling sedikit {least} karakter"));
        }
        Wish::MaxLength(least) => {
            let english = format!("asks that at least {least} characters are allowed");
            return pick(locale, english, format!("meminta agar paling sedikit {least} karakter diperbolehkan"));
        }
        Wish::NotEarlier(least) => {
            let english = format!("asks that the current password and the {least} before it are not reused");
            let indonesian = format!("meminta agar kata sandi saat ini dan {least} sebelumnya tidak dipakai lagi");
            return pick(locale, english, indonesian);
        }
        Wish::MaxAge(days) => {
            let english = format!(
                "asks for a change at least every {days} days where the password is the only factor, or for access to be \
                 reassessed continuously"
            );
            let indonesian = format!(
                "meminta penggantian setidaknya setiap {days} hari jika kata sandi adalah satu-satunya faktor, atau \
                 penilaian akses secara terus-menerus"
            );
            return pick(locale, english, indonesian);
        }
        Wish::SomeMinLength => {
            ("asks that the number of characters is defined", "meminta agar jumlah karakter ditetapkan")
        }
        Wish::NoClasses => {
            ("asks that no character types are required", "meminta agar jenis karakter tidak diwajibkan")
        }
        Wish::LetterAndDigit => ("asks for letters and numbers", "meminta huruf dan angka"),
        Wish::SomeMix => {
            ("asks that the mix of character types is defined", "meminta agar kombinasi jenis karakter ditetapkan")
        }
        Wish::NotCommon => ("asks that common passwords are refused", "meminta agar kata sandi yang umum ditolak"),
        Wish::NotBreached => (
            "asks that passwords from data breaches are refused",
            "meminta agar kata sandi dari kebocoran data ditolak",
        ),
        Wish::NotContext => (
            "asks that passwords based on the account or the service are refused",
            "meminta agar kata sandi dari data akun atau nama layanan ditolak",
        ),
        Wish::NoMaxAge => (
            "asks that a password stays valid until it is changed",
            "meminta agar kata sandi tetap berlaku sampai diganti",
        ),
        Wish::SomeMaxAge => (
            "asks that the time for which a password is valid is defined",
            "meminta agar masa berlaku kata sandi ditetapkan",
        ),
        Wish::Normalization(Normalization::Nfc) => (
            "asks that passwords are brought to Unicode normalisation form C",
            "meminta agar kata sandi diubah ke bentuk normal Unicode C",
        ),
        Wish::Normalization(_) => (
            "asks that passwords are verified exactly as they were typed",
            "meminta agar kata sandi diperiksa persis seperti diketik",
        ),
    };
    pick(locale, english, indonesian).to_owned()
}

pub(super) fn has(wish: Wish, found: Found, locale: Locale) -> String {
    let (english, indonesian) = match (found, wish) {
        (Found::Number(days), Wish::MaxAge(_) | Wish::NoMaxAge | Wish::SomeMaxAge) => {
            return pick(
                locale,
                format!("the policy requires a change after {days} days"),
                format!("kebijakan ini mewajibkan penggantian setelah {days} hari"),
            );
        }
        (Found::Number(number), Wish::MaxLength(_)) => {
            return pick(
                locale,
                format!("the policy allows {number}"),
                format!("kebijakan ini hanya memperbolehkan {number}"),
            );
        }
        (Found::Number(number), _) => {
            return pick(locale, format!("the policy requires {number}"), format!("kebijakan ini mewajibkan {number}"));
        }
        (Found::Classes(classes), _) => return of_classes(classes, locale),
        (Found::History { current: true, earlier: 0 }, _) => {
            ("the policy refuses only the current password", "hanya kata sandi saat ini yang ditolak")
        }
        (Found::History { current: true, earlier }, _) => {
            let english = format!("the policy refuses only the current password and {earlier} before it");
            return pick(locale, english, format!("yang ditolak hanya kata sandi saat ini dan {earlier} sebelumnya"));
        }
        (Found::History { current: false, earlier: 0 }, _) => ("the policy refuses none", "tidak ada yang ditolak"),
        (Found::History { current: false, earlier }, _) => {
            let english = format!("the policy refuses the {earlier} before the current one, but not the current one");
            return pick(locale, english, format!("yang ditolak hanya {earlier} sebelum kata sandi saat ini"));
        }
        (Found::Normalization(Normalization::Nfc), _) => {
            ("the policy brings them to normalisation form C", "kata sandi diubah ke bentuk normal C")
        }
        (Found::Normalization(_), _) => {
            ("the policy takes them as they were typed", "kata sandi dipakai persis seperti diketik")
        }
        (Found::Nothing, _) => ("the policy has no such rule", "kebijakan ini tidak punya aturan itu"),
    };
    pick(locale, english, indonesian).to_owned()
}

fn of_classes(classes: Classes, locale: Locale) -> String {
    let names: Vec<&str> = classes
        .kinds()
        .map(|kind| match kind {
            RuleKind::Upper => pick(locale, "an uppercase letter", "huruf besar"),
            RuleKind::Lower => pick(locale, "a lowercase letter", "huruf kecil"),
            RuleKind::Letter => pick(locale, "a letter", "huruf"),
            RuleKind::Digit => pick(locale, "a number", "angka"),
            _ => pick(locale, "a symbol", "simbol"),
        })
        .collect();
    let names = names.join(", ");
    pick(locale, format!("the policy requires {names}"), format!("kebijakan ini mewajibkan: {names}"))
}
