//! Numbers that WhatsApp writes in two ways.
//!
//! In three countries one telephone has two numbers in E.164 form, and WhatsApp may report the one that its owner does
//! not use. Both fold to one representative, so that they are one number wherever numbers are compared:
//!
//! | country | class | representative |
//! | --- | --- | --- |
//! | Mexico | `+52` and ten digits, `+521` and the same | the first: the 1 before mobile numbers went out of use in 2019 |
//! | Argentina | `+54` and ten digits, `+549` and the same | the first: the ten digits are one telephone, and 9 says mobile |
//! | Brazil | `+55`, area code, eight digits from 6 to 9; the same with a 9 before the eight | the second, which is dialled |
//!
//! Nothing else folds, and a class never holds numbers of two telephones: ten digits are the whole national number in
//! Mexico and Argentina, and fixed lines in Brazil begin with 2 to 5.

/// The representative of the class that a number in E.164 form is in; most numbers are alone in theirs.
pub(super) fn fold(number: &str) -> String {
    both(number).map_or_else(|| number.to_owned(), |[representative, _]| representative)
}

/// All numbers of the class, the representative first.
pub(super) fn class(number: &str) -> Vec<String> {
    both(number).map_or_else(|| vec![number.to_owned()], Vec::from)
}

fn both(number: &str) -> Option<[String; 2]> {
    if let Some(national) = number.strip_prefix("+52") {
        return ten_digits(national, '1').map(|ten| [format!("+52{ten}"), format!("+521{ten}")]);
    }
    if let Some(national) = number.strip_prefix("+54") {
        return ten_digits(national, '9').map(|ten| [format!("+54{ten}"), format!("+549{ten}")]);
    }
    let (area, subscriber) = number.strip_prefix("+55")?.split_at_checked(2)?;
    let eight = match subscriber.len() {
        8 => subscriber,
        9 => subscriber.strip_prefix('9')?,
        _ => return None,
    };
    // No area code has a zero in it.
    let is_mobile = !area.contains('0') && eight.starts_with(['6', '7', '8', '9']);
    is_mobile.then(|| [format!("+55{area}9{eight}"), format!("+55{area}{eight}")])
}

/// Ten digits, with or without another before them. None of the ten-digit numbers begins with that other.
fn ten_digits(national: &str, before: char) -> Option<&str> {
    let ten = match national.len() {
        10 => national,
        11 => national.strip_prefix(before)?,
        _ => return None,
    };
    (!ten.starts_with(['0', before])).then_some(ten)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, prop_oneof, proptest};

    use super::{class, fold};

    #[test]
    fn the_two_ways_of_writing_one_telephone_fold_to_one() {
        for (one, other, folded) in [
            ("+525512345678", "+5215512345678", "+525512345678"),
            ("+541123456789", "+5491123456789", "+541123456789"),
            ("+551187654321", "+5511987654321", "+5511987654321"),
            ("+553161234567", "+5531961234567", "+5531961234567"),
        ] {
            assert_eq!((fold(one).as_str(), fold(other).as_str()), (folded, folded));
            let mut both = vec![one.to_owned(), other.to_owned()];
            both.sort_by_key(|number| number != folded);
            assert_eq!((class(one), class(other)), (both.clone(), both));
        }
    }

    #[test]
    fn the_number_of_another_telephone_does_not_fold() {
        for alone in [
            "+551123456789",   // a fixed line in São Paulo; with a 9 before it, it is unassigned
            "+5511923456789",  // a mobile number; without the 9 it is a fixed line
            "+551155554444",   // a fixed line
            "+5511955554444",  // a mobile number; without the 9 it is that fixed line
            "+555087654321",   // no area code
            "+55118765432",    // too short
            "+55119876543210", // too long
            "+5255123456789",  // eleven digits, and the first is not the 1 of mobile numbers
            "+52155123456",    // nine digits after the 1
            "+521123456789",   // ten digits that begin with 1 are unassigned
            "+54112345678",    // too short
            "+549112345678",   // ten digits that begin with 9 are unassigned
            "+54911234567890", // too long
            "+6281234567890",
            "+62981234567890",
            "+12025550123",
            "+5215",
            "+55",
        ] {
            assert_eq!(fold(alone), alone);
            assert_eq!(class(alone), [alone]);
        }
    }

    proptest! {
        #[test]
        fn folding_is_settled_and_merges_nothing_but_classes(
            number in prop_oneof!["\\+5[245][0-9]{6,13}", "\\+5[245][0-9]{10,11}", "\\+[1-9][0-9]{7,14}"],
            other in prop_oneof!["\\+5[245][0-9]{10,11}", "\\+[1-9][0-9]{7,14}"],
        ) {
            let folded = fold(&number);
            prop_assert_eq!(fold(&folded), folded.clone());
            prop_assert!((9..=16).contains(&folded.len()));
            prop_assert!(class(&number).contains(&number));
            for alias in class(&number) {
                prop_assert_eq!(&fold(&alias), &folded);
                // The country stays, and so do the last eight digits.
                prop_assert_eq!(&alias[..3], &number[..3]);
                let (_, last) = number.split_at(number.len().saturating_sub(8));
                prop_assert!(alias.ends_with(last));
            }
            prop_assert_eq!(fold(&other) == folded, class(&number).contains(&other));
        }

        #[test]
        fn a_digit_that_differs_makes_another_number(number in "\\+5[245][0-9]{10,11}", at in 1_usize..13, digit in "[0-9]") {
            let mut changed = number.clone();
            if at < number.len() {
                changed.replace_range(at..=at, &digit);
            }
            // Same length: never one class, since the members of a class have different lengths.
            prop_assert_eq!(fold(&changed) == fold(&number), changed == number);
        }
    }
}
