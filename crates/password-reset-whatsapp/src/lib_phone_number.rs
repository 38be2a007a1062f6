//! Phone numbers in the notations of all countries.

use password_reset::identity::BadIdentifier;
use password_reset::identity::MAX_IDENTIFIER_BYTES;
use password_reset::ports::PhoneReader;
use password_reset::{CallingCode, Identifier};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat};

/// Reads phone numbers by Google's rules for all countries (libphonenumber): trunk prefixes, international prefixes, digits
/// of other scripts. Refuses numbers that no country assigns.
///
/// Adds about half a megabyte to the program, and takes microseconds per number.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "written as a value: it has no settings")]
pub struct LibPhoneNumber;

impl PhoneReader for LibPhoneNumber {
    fn read(&self, typed: &str, home: Option<CallingCode>) -> Result<Identifier, BadIdentifier> {
        if typed.len() > MAX_IDENTIFIER_BYTES {
            return Err(BadIdentifier::TooLong);
        }
        // The library would convert letters to the digits of their keys, and drop extensions.
        if typed.chars().any(char::is_alphabetic) {
            return Err(BadIdentifier::NotAPhone);
        }
        let region = home.and_then(|home| PHONE_NUMBER_UTIL.get_region_for_country_code(home.number().into()));
        let international = |number: &PhoneNumber| number.format_as(PhoneNumberFormat::E164).into_owned();
        let parse = |text: &str| PhoneNumber::parse(text, region).map_err(|_why| BadIdentifier::NotAPhone);
        let identifier = Identifier::phone(&international(&parse(typed)?), None)?;
        // WhatsApp's forms of some numbers (+521…, +549…) are not assigned by the country; their other form is.
        let is_assigned = |number: String| parse(&number).is_ok_and(|number| number.is_valid());
        if identifier.same_numbers().into_iter().any(is_assigned) {
            Ok(identifier)
        } else {
            Err(BadIdentifier::NotAPhone)
        }
    }
}

#[cfg(test)]
mod tests {
    use password_reset::identity::BadIdentifier;
    use password_reset::ports::PhoneReader;
    use password_reset::{CallingCode, Identifier};
    use rlibphonenumber::PhoneNumberType;

    use super::{LibPhoneNumber, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat};

    #[test]
    fn numbers_are_read_by_the_rules_of_their_country() {
        for (home, typed, read) in [
            (62, "0812-3456-7890", "+6281234567890"),
            (62, "62 0812 3456 7890", "+6281234567890"),
            (62, "+62 (0)812 3456 7890", "+6281234567890"),
            (62, "٠٨١٢٣٤٥٦٧٨٩٠", "+6281234567890"),
            (62, "+65 8123 4567", "+6581234567"),
            (65, "8123 4567", "+6581234567"),
            (65, "001 62 812 3456 7890", "+6281234567890"),
            (44, "07400 123456", "+447400123456"),
            (1, "(202) 555-0123", "+12025550123"),
            (52, "+52 1 55 1234 5678", "+525512345678"),
            (54, "011 15-2345-6789", "+541123456789"),
            (54, "+54 9 11 2345 6789", "+541123456789"),
            (55, "+55 31 8765 4321", "+5531987654321"),
        ] {
            let identifier = LibPhoneNumber.read(typed, CallingCode::new(home));
            assert_eq!(identifier.map(|it| it.as_str().to_owned()), Ok(read.to_owned()), "{home} {typed}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let reader = LibPhoneNumber;
        for typed in [
            "",
            "0812",
            "ani@toko.example",
            "0812 3456 7890 ext. 5",
            "1-800-FLOWERS",
            "+999 812 3456 7890",
            "+62 999",
            "0812345678901234567",
            "0812\n3456\u{0}7890;tel=1",
        ] {
            assert!(reader.read(typed, Some(CallingCode::INDONESIA)).is_err(), "{typed:?}");
        }
        assert_eq!(reader.read(&"8".repeat(255), None).unwrap_err(), BadIdentifier::TooLong);
        // Without a home country only numbers with their country are read.
        assert_eq!(reader.read("0812 3456 7890", None), Err(BadIdentifier::NotAPhone));
        assert!(reader.read("+62 812 3456 7890", None).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(typed in "\\PC{0,80}", digits in "[+0-9 ()./;=-]{0,60}") {
            let reader = LibPhoneNumber;
            for typed in [typed, digits] {
                if let Ok(identifier) = reader.read(&typed, Some(CallingCode::INDONESIA)) {
                    proptest::prop_assert_eq!(reader.read(identifier.as_str(), None), Ok(identifier));
                }
            }
        }
    }

    #[test]
    fn the_core_knows_where_a_zero_is_dialled() {
        let mut seen = 0;
        for code in PHONE_NUMBER_UTIL.get_supported_calling_codes() {
            let region = PHONE_NUMBER_UTIL.get_region_for_country_code(code);
            let example = region.and_then(|region| {
                PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, PhoneNumberType::Mobile).ok()
            });
            let Some(example) = example else { continue };
            seen += 1;
            let e164 = example.format_as(PhoneNumberFormat::E164).into_owned();
            let home = CallingCode::new(code.try_into().unwrap()).unwrap();
            let national = e164.strip_prefix(&format!("+{code}")).unwrap();
            let zero = format!("0{national}");
            let library =
                PhoneNumber::parse(&zero, region).map(|it| it.format_as(PhoneNumberFormat::E164).into_owned());
            let of_the_example = Identifier::phone(&e164, None);
            let is_dialled = Identifier::phone(&zero, home) == of_the_example;
            assert_eq!(is_dialled, library.is_ok_and(|it| it == e164), "{code} {zero}");
            // Without a zero of its own such a number looks like one with its code.
            if !national.starts_with(&code.to_string()) {
                assert_eq!(Identifier::phone(national, home), of_the_example, "{code} {national}");
            }
            assert_eq!(Identifier::phone(&e164, home), of_the_example, "{code} {e164}");
        }
        assert!(seen > 200, "{seen}");
    }
}
