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
            let english = format!("asks that neither the current password nor the {least} before it are used again");
            let indonesian =
                format!("meminta agar kata sandi sekarang dan {least} kata sandi sebelumnya tidak dipakai lagi");
            return pick(locale, english, indonesian);
        }
        Wish::MaxAge(days) => {
            let english = format!(
                "asks for a change after {days} days at the latest where the password is the only factor, or for access \
                 that is decided anew from what is known about it"
            );
            let indonesian = format!(
                "meminta penggantian paling lambat setelah {days} hari jika kata sandi satu-satunya faktor, atau akses \
                 yang selalu dinilai kembali"
            );
            return pick(locale, english, indonesian);
        }
        Wish::SomeMinLength => {
            ("asks that the number of characters is regulated", "meminta agar jumlah karakter diatur")
        }
        Wish::NoClasses => {
            ("asks that no kinds of characters are prescribed", "meminta agar jenis karakter tidak ditentukan")
        }
        Wish::LetterAndDigit => ("asks for letters and digits", "meminta huruf dan angka"),
        Wish::SomeMix => {
            ("asks that the mix of kinds of characters is regulated", "meminta agar kombinasi jenis karakter diatur")
        }
        Wish::NotCommon => ("asks that common passwords are refused", "meminta agar kata sandi yang umum ditolak"),
        Wish::NotBreached => (
            "asks that passwords known from data breaches are refused",
            "meminta agar kata sandi yang pernah bocor ditolak",
        ),
        Wish::NotContext => (
            "asks that words of the account and the service are refused",
            "meminta agar kata-kata tentang akun dan layanan ditolak",
        ),
        Wish::NoMaxAge => (
            "asks that a password stays valid until it is changed",
            "meminta agar kata sandi tetap berlaku sampai diganti",
        ),
        Wish::SomeMaxAge => (
            "asks that the time for which a password is valid is regulated",
            "meminta agar masa berlaku kata sandi diatur",
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
                format!("it asks for a change after {days} days"),
                format!("diminta diganti setelah {days} hari"),
            );
        }
        (Found::Number(number), Wish::MaxLength(_)) => {
            return pick(locale, format!("it allows {number}"), format!("hanya {number} yang diperbolehkan"));
        }
        (Found::Number(number), _) => {
            return pick(locale, format!("it asks for {number}"), format!("yang diminta {number}"));
        }
        (Found::Classes(classes), _) => return of_classes(classes, locale),
        (Found::History { current: true, earlier: 0 }, _) => {
            ("it refuses the current one alone", "hanya yang sekarang yang ditolak")
        }
        (Found::History { current: true, earlier }, _) => {
            let english = format!("it refuses the current one and {earlier} before it");
            return pick(locale, english, format!("yang ditolak hanya yang sekarang dan {earlier} sebelumnya"));
        }
        (Found::History { current: false, earlier: 0 }, _) => ("it refuses none", "tidak ada yang ditolak"),
        (Found::History { current: false, earlier }, _) => {
            let english = format!("it refuses {earlier} before the current one, and not that");
            return pick(locale, english, format!("yang ditolak hanya {earlier} sebelum yang sekarang"));
        }
        (Found::Normalization(Normalization::Nfc), _) => {
            ("it brings them to normalisation form C", "kata sandi diubah ke bentuk normal C")
        }
        (Found::Normalization(_), _) => {
            ("it takes them as they were typed", "kata sandi dipakai persis seperti diketik")
        }
        (Found::Nothing, _) => ("it has no such rule", "aturan seperti itu tidak ada"),
    };
    pick(locale, english, indonesian).to_owned()
}

fn of_classes(classes: Classes, locale: Locale) -> String {
    let names: Vec<&str> = classes
        .kinds()
        .map(|kind| match kind {
            RuleKind::Upper => pick(locale, "an upper-case letter", "huruf besar"),
            RuleKind::Lower => pick(locale, "a lower-case letter", "huruf kecil"),
            RuleKind::Letter => pick(locale, "a letter", "huruf"),
            RuleKind::Digit => pick(locale, "a digit", "angka"),
            _ => pick(locale, "a symbol", "simbol"),
        })
        .collect();
    let names = names.join(", ");
    pick(locale, format!("it asks for {names}"), format!("yang diminta: {names}"))
}
