//! Which sentence of a report says what.

use password_reset::Language;
use password_reset::hashing::Normalization;
use password_reset::policy::RuleKind;

use super::{Found, Wish};

pub(super) fn asks(wish: Wish, language: &Language) -> String {
    let (key, n) = match wish {
        Wish::MinLength(least) => ("standard-asks-min-length", least),
        Wish::MaxLength(least) => ("standard-asks-max-length", least),
        Wish::NotEarlier(least) => ("standard-asks-history", least),
        Wish::MaxAge(days) => ("standard-asks-max-age", days),
        Wish::SomeMinLength => ("standard-asks-some-min-length", 0),
        Wish::NoClasses => ("standard-asks-no-classes", 0),
        Wish::LetterAndDigit => ("standard-asks-letter-and-digit", 0),
        Wish::SomeMix => ("standard-asks-some-mix", 0),
        Wish::NotCommon => ("standard-asks-not-common", 0),
        Wish::NotBreached => ("standard-asks-not-breached", 0),
        Wish::NotContext => ("standard-asks-not-context", 0),
        Wish::NoMaxAge => ("standard-asks-no-max-age", 0),
        Wish::SomeMaxAge => ("standard-asks-some-max-age", 0),
        Wish::Normalization(Normalization::Nfc) => ("standard-asks-nfc", 0),
        Wish::Normalization(_) => ("standard-asks-as-typed", 0),
    };
    language.fill(key, &[("n", n.into())])
}

pub(super) fn has(wish: Wish, found: &Found, language: &Language) -> String {
    let (key, n) = match (found, wish) {
        (Found::Number(days), Wish::MaxAge(_) | Wish::NoMaxAge | Wish::SomeMaxAge) => ("standard-has-max-age", *days),
        (Found::Number(number), Wish::MaxLength(_)) => ("standard-has-max-length", *number),
        (Found::Number(number), _) => ("standard-has-number", *number),
        (Found::Classes(classes), _) => return of_classes(classes, language),
        (Found::History { current: true, earlier: 0 }, _) => ("standard-has-only-current", 0),
        (Found::History { current: true, earlier }, _) => ("standard-has-current-and-earlier", *earlier),
        (Found::History { current: false, earlier: 0 }, _) => ("standard-has-no-history", 0),
        (Found::History { current: false, earlier }, _) => ("standard-has-only-earlier", *earlier),
        (Found::Normalization(Normalization::Nfc), _) => ("standard-has-nfc", 0),
        (Found::Normalization(_), _) => ("standard-has-as-typed", 0),
        (Found::Nothing, _) => ("standard-has-nothing", 0),
    };
    language.fill(key, &[("n", n.into())])
}

fn of_classes(classes: &[RuleKind], language: &Language) -> String {
    let name = |kind: &RuleKind| match kind {
        RuleKind::Upper => language.text("standard-class-upper"),
        RuleKind::Lower => language.text("standard-class-lower"),
        RuleKind::Letter => language.text("standard-class-letter"),
        RuleKind::Digit => language.text("standard-class-digit"),
        _ => language.text("standard-class-symbol"),
    };
    let join = |first: String, second: String| {
        language.fill("list-join", &[("first", (&first).into()), ("second", (&second).into())])
    };
    let names = classes.iter().map(name).reduce(join).unwrap_or_default();
    language.fill("standard-has-classes", &[("classes", (&names).into())])
}
