//! Phone numbers that a table stores without their country.

use password_reset::ports::{Accounts, Changed, PasswordChange};
use password_reset::{Account, CallingCode, Contact, Identifier};

use super::{AccountSpec, AccountsFixture};
use crate::sample::{self, noon};

const THAILAND: u16 = 66;

fn home(code: u16) -> Option<CallingCode> {
    CallingCode::new(code)
}

/// What the tables store, where they are at home, and the one number in E.164 form that finds it.
const ROWS: &[(u16, &str, Option<&str>)] = &[
    (THAILAND, "0812345678", Some("+66812345678")),
    (THAILAND, "66812345678", Some("+66812345678")),
    (THAILAND, "+66812345678", Some("+66812345678")),
    (THAILAND, "+62812345678", Some("+62812345678")),
    (THAILAND, "62812345678", None),
    (THAILAND, "812345678", None),
    (THAILAND, "081-234-5678", None),
    (THAILAND, "081 234 5678", None),
    (62, "0812345678", Some("+62812345678")),
    (62, "66812345678", None),
    // No country.
    (0, "+66812345678", Some("+66812345678")),
    (0, "0812345678", None),
    (0, "66812345678", None),
    // No zero is dialled in front of these.
    (65, "81234567", Some("+6581234567")),
    // No country assigns this one. It is not the number without the zero.
    (65, "081234567", Some("+65081234567")),
    // Its first digits are not the code of the country.
    (65, "65123456", Some("+6565123456")),
    (47, "47123456", Some("+4747123456")),
    (1, "2025550123", Some("+12025550123")),
    (1, "12025550123", Some("+12025550123")),
    // The zero is a digit of these.
    (39, "0612345678", Some("+390612345678")),
    (39, "+390612345678", Some("+390612345678")),
    (225, "0123456789", Some("+2250123456789")),
    // WhatsApp writes these in two ways.
    (52, "5512345678", Some("+525512345678")),
];

/// A stored number without a country is one of the home country, and none where there is no home country: no person of
/// another country is found by it.
pub async fn a_number_without_a_country_is_one_of_the_home_country(fixture: &impl AccountsFixture) {
    for code in [THAILAND, 62, 0, 65, 47, 1, 39, 225, 52] {
        let accounts = fixture.accounts_at(home(code));
        assert_eq!(accounts.home_country(), home(code));
    }
    for (code, stored, number) in ROWS {
        let id = fixture.create(AccountSpec::active().email(sample::email()).phone(*stored)).await;
        let accounts = fixture.accounts_at(home(*code));
        let was = accounts.load(&id).await.unwrap().unwrap();
        let phones: Vec<_> = was.contacts().iter().filter(|contact| contact.value().starts_with('+')).collect();
        let expected: Vec<_> = number.iter().map(|number| Contact::phone(*number)).collect();
        assert_eq!(phones, expected.iter().collect::<Vec<_>>(), "{stored} at {code}");
        for other in ["+66812345678", "+62812345678", "+6581234567", "+12025550123", "+390612345678", "+39612345678"] {
            let found = accounts.find(&Identifier::phone(other, None).unwrap()).await.unwrap();
            let is_found = found.iter().any(|account| account.id() == &id);
            assert_eq!(is_found, *number == Some(other), "{stored} at {code}, asked for {other}");
        }
        // The service of the same country reads what the requester types as the table reads its rows.
        if number.is_some() {
            let typed = Identifier::phone(stored, accounts.home_country()).unwrap();
            let found = accounts.find(&typed).await.unwrap();
            assert!(found.contains(&was), "{stored} at {code}, typed as it is stored");
            assert_eq!(Identifier::phone(number.unwrap(), None), Ok(typed), "an inbound message of it");
        }
        let change = PasswordChange::new(was, sample::hash(), noon());
        assert_eq!(accounts.set_password(&change).await.unwrap(), Changed::Updated, "{stored} at {code}");
    }
}

/// Two rows that are one number in two written forms are both found, for then nothing is sent. Without the home
/// country the one that leaves its country out is no number.
pub async fn one_number_in_two_forms_is_ambiguous(fixture: &impl AccountsFixture) {
    let national = fixture.create(AccountSpec::active().phone("0812345678")).await;
    let whole = fixture.create(AccountSpec::active().phone("+66812345678")).await;
    let typed = Identifier::phone("+66812345678", None).unwrap();
    let mut both = vec![national, whole.clone()];
    both.sort();
    for (code, expected) in [(THAILAND, both), (0, vec![whole.clone()]), (62, vec![whole])] {
        let found = fixture.accounts_at(home(code)).find(&typed).await.unwrap();
        let mut ids: Vec<_> = found.iter().map(Account::id).cloned().collect();
        ids.sort();
        assert_eq!(ids, expected, "{code}");
    }
}

/// A change that was checked for a number is not made once the row has another, whatever the form of either.
pub async fn a_number_that_changed_is_stale(fixture: &impl AccountsFixture) {
    let id = fixture.create(AccountSpec::active().phone("0812345678")).await;
    let was = fixture.accounts_at(home(THAILAND)).load(&id).await.unwrap().unwrap();
    let change = PasswordChange::new(was, sample::hash(), noon());
    // The same digits are another number in another country.
    let elsewhere = fixture.accounts_at(home(62));
    assert_eq!(elsewhere.set_password(&change).await.unwrap(), Changed::Conflict);
    assert_eq!(fixture.accounts_at(home(THAILAND)).set_password(&change).await.unwrap(), Changed::Updated);
}
