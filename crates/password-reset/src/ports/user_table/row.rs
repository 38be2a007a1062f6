//! A row of the user table, as an account.

use std::fmt;

use crate::identity::account::{Account, AccountStatus, Contact, MAX_EARLIER_HASHES};
use crate::identity::identifier::{CallingCode, Identifier, IdentifierKind};
use crate::identity::password_hash::PasswordHash;
use crate::identity::stored::stored_number;

/// What a store reads of a row of the user table, with `None` for null and for columns that are not named.
#[derive(Default)]
#[allow(clippy::exhaustive_structs, reason = "stores fill in every field")]
pub struct UserRow {
    /// The id as text; bytes in lower-case hex.
    pub id: String,
    /// The address as the table has it.
    pub email: Option<String>,
    /// The same, if it is confirmed and not empty.
    pub email_contact: Option<String>,
    /// The username.
    pub username: Option<String>,
    /// The phone number as the table has it.
    pub phone: Option<String>,
    /// The same, if it is confirmed and not empty.
    pub phone_contact: Option<String>,
    /// The present hash.
    pub password_hash: Option<String>,
    /// Earlier hashes, one a line.
    pub earlier_hashes: Option<String>,
    /// The name by which messages address the owner.
    pub name: Option<String>,
    /// The language tag; one that is not a tag is left out.
    pub locale: Option<String>,
    /// The name of the zone.
    pub zone: Option<String>,
    /// Whether the account is active and not disabled.
    pub is_active: bool,
}

/// Shows nothing but the id: the rest are addresses and hashes.
impl fmt::Debug for UserRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRow").field("id", &self.id).finish_non_exhaustive()
    }
}

impl UserRow {
    /// Whether an identifier names this row. A database's collation may find more than were meant; what decides is this
    /// one comparison of all stores.
    #[must_use]
    pub fn is_named_by(&self, identifier: &Identifier, home: Option<CallingCode>) -> bool {
        match identifier.kind() {
            IdentifierKind::Email => self.email.as_deref().is_some_and(|stored| identifier.names(stored)),
            IdentifierKind::Username => self.username.as_deref().is_some_and(|stored| identifier.names(stored)),
            _ => {
                let number = self.phone.as_deref().and_then(|stored| stored_number(stored, home));
                number.is_some_and(|number| identifier.names(&number))
            }
        }
    }

    /// The account of this row.
    #[must_use]
    pub fn account(self, home: Option<CallingCode>) -> Account {
        let status = if self.is_active { AccountStatus::Active } else { AccountStatus::Disabled };
        let mut account = Account::new(self.id, status);
        if let Some(email) = self.email_contact {
            account = account.with_contact(Contact::email(email));
        }
        if let Some(phone) = self.phone_contact.and_then(|stored| stored_number(&stored, home)) {
            account = account.with_contact(Contact::phone(phone));
        }
        if let Some(hash) = self.password_hash {
            account = account.with_hash(PasswordHash::new(hash));
        }
        let earlier = self.earlier_hashes.unwrap_or_default();
        account = earlier
            .lines()
            .take(MAX_EARLIER_HASHES.into())
            .map(PasswordHash::new)
            .fold(account, Account::with_earlier_hash);
        if let Some(locale) = self.locale.and_then(|tag| tag.parse().ok()) {
            account = account.with_locale(locale);
        }
        if let Some(username) = self.username {
            account = account.with_username(username);
        }
        if let Some(name) = self.name {
            account = account.with_name(name);
        }
        if let Some(zone) = self.zone {
            account = account.with_zone(zone);
        }
        account
    }
}

#[cfg(test)]
mod tests {
    use super::UserRow;
    use crate::identity::identifier::{CallingCode, Identifier};

    /// A database may find rows by its own collation: without case, or without accents.
    #[test]
    fn a_row_is_named_by_what_the_library_takes_for_equal() {
        let text = |text: &str| Some(text.to_owned());
        let row = |email: &str, username: &str, phone: &str| UserRow {
            email: text(email),
            username: text(username),
            phone: text(phone),
            ..UserRow::default()
        };
        let home = Some(CallingCode::INDONESIA);
        let typed = [
            Identifier::email("ana@toko.example").unwrap(),
            Identifier::username("ana").unwrap(),
            Identifier::phone("+62812000001", home).unwrap(),
        ];
        let named = |row: &UserRow| typed.each_ref().map(|identifier| row.is_named_by(identifier, home));
        assert_eq!(named(&row("Ana@TOKO.example", "ana", "0812000001")), [true; 3]);
        assert_eq!(named(&row("\u{e1}na@toko.example", "Ana", "0812000002")), [false; 3]);
        assert_eq!(named(&row("ana@toko.example.id", "\u{e1}na", "12812000001")), [false; 3]);
        assert_eq!(named(&UserRow::default()), [false; 3]);
    }

    #[test]
    fn debug_shows_no_address_and_no_hash() {
        let text = |of: &str| Some(format!("secret {of}"));
        let row = UserRow {
            id: "7".to_owned(),
            email: text("email"),
            email_contact: text("email"),
            username: text("username"),
            phone: text("phone"),
            phone_contact: text("phone"),
            password_hash: text("hash"),
            earlier_hashes: text("hash"),
            name: text("name"),
            locale: text("locale"),
            zone: text("zone"),
            is_active: true,
        };
        let shown = format!("{row:?}");
        assert!(shown.contains('7') && !shown.contains("secret"), "{shown}");
    }
}
