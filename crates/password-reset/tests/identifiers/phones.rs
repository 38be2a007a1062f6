//! Phone numbers as people and applications write them.

use password_reset::identity::BadIdentifier;
use password_reset::{CallingCode, Identifier};

use super::phone;

#[test]
fn one_number_has_one_form() {
    for typed in [
        "081234567890",
        "81234567890",
        "6281234567890",
        "+6281234567890",
        "006281234567890",
        "+62 (0) 812-3456-7890",
        "+62 (0)81234567890",
        "(0)81234567890",
        "0062 (0) 81234567890",
        "62 (0) 812 3456 7890",
        "+62081234567890",
        "6200081234567890",
        "0812.3456.7890",
        " 0812 3456 7890\t",
        "(0812) 3456-7890",
        "+62\u{a0}812\u{a0}34567890",
    ] {
        assert_eq!(phone(typed).as_deref(), Ok("+6281234567890"), "{typed}");
    }
    assert_eq!(phone("+1 202 555 0123").as_deref(), Ok("+12025550123"));
    assert_eq!(phone("+39 06 1234 5678").as_deref(), Ok("+390612345678"), "Italy dials the zero");
    let singapore = CallingCode::new(65).unwrap();
    assert_eq!(Identifier::phone("8123 4567", singapore).unwrap().as_str(), "+6581234567");
    assert_eq!((CallingCode::new(0), CallingCode::new(1000)), (None, None));
}

/// Eight digits of Norway, Denmark, Singapore, Tunisia or Hong Kong are the whole number, also where they begin as the country's code.
#[test]
fn a_number_that_begins_as_the_code_of_its_country_has_it_in_front_nevertheless() {
    for (home, typed, number) in [
        (47, "47123456", "+4747123456"),
        (47, "47 12 34 56", "+4747123456"),
        (47, "4747123456", "+4747123456"),
        (45, "45123456", "+4545123456"),
        (65, "6512 3456", "+6565123456"),
        (65, "6581234567", "+6581234567"),
        (216, "21 612 345", "+21621612345"),
        (216, "21621612345", "+21621612345"),
        (852, "85212345", "+85285212345"),
        (852, "85291234567", "+85291234567"),
        (7, "701 234 5678", "+77012345678"),
        (7, "77012345678", "+77012345678"),
        // Numbers of these have five digits, so eight are a whole one.
        (290, "29023456", "+29023456"),
        (685, "68523456", "+68523456"),
        // A zero is dialled in front of others.
        (62, "62812345", "+62812345"),
    ] {
        let home = CallingCode::new(home).unwrap();
        assert_eq!(Identifier::phone(typed, home).unwrap().as_str(), number, "{typed} at {home:?}");
    }
}

#[test]
fn what_is_no_number_is_refused() {
    assert_eq!(phone(""), Err(BadIdentifier::Empty));
    for typed in [
        "budi",
        "+",
        "0",
        "00",
        "1234",
        "+6212",
        "+62812345678901234",
        "+0812345678",
        "++6281234567890",
        "+62+81234567890",
        "6281234567890,6281234567891",
        "6281234567890;ext=5",
        "6281234567890 x5",
        "[\"6281234567890\"]",
        "٠٨١٢x٣٤٥٦٧٨٩٠",
        "²²²²²²²²²²",
        "+62812345(0)67890",
        "0812(0)34567890",
        "+62(0)(0)81234567890",
        "6281234567890e0",
        "0x6281234567",
        "6281234567890/",
    ] {
        assert_eq!(phone(typed), Err(BadIdentifier::NotAPhone), "{typed}");
    }
}

#[test]
fn a_number_names_the_same_number_with_its_country_however_it_is_stored() {
    let typed = Identifier::phone("08123456789", CallingCode::INDONESIA).unwrap();
    for stored in ["+628123456789", "00628123456789", "+62 812-3456-789"] {
        assert!(typed.names(stored), "{stored}");
    }
    // Never by suffix, and never without a country: a table that leaves it out has a home country.
    for stored in
        ["", "+628123456780", "+18123456789", "+62998123456789", "3456789", "budi", "628123456789", "08123456789"]
    {
        assert!(!typed.names(stored), "{stored}");
    }
}

#[test]
fn numbers_that_whatsapp_writes_in_two_ways_are_one() {
    let mexico = CallingCode::new(52).unwrap();
    for typed in ["55 1234 5678", "+52 1 55 1234 5678", "5215512345678", "+52 (0) 55 1234 5678"] {
        assert_eq!(Identifier::phone(typed, mexico).unwrap().as_str(), "+525512345678", "{typed}");
    }
    let typed = Identifier::phone("+52 55 1234 5678", CallingCode::INDONESIA).unwrap();
    assert_eq!(typed.same_numbers(), ["+525512345678", "+5215512345678"]);
    for stored in ["+525512345678", "+5215512345678"] {
        assert!(typed.names(stored), "{stored}");
    }
    assert!(!typed.names("+5215512345679") && !typed.names("+525512345679"));
    let typed = Identifier::phone("08123456789", CallingCode::INDONESIA).unwrap();
    assert_eq!(typed.same_numbers(), ["+628123456789"]);
    assert_eq!(Identifier::username("+5215512345678").unwrap().same_numbers(), ["+5215512345678"]);
}
