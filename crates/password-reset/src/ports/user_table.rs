//! The application's user table, by the names of its columns, for stores that read it as it is.

mod row;

pub use self::row::UserRow;

use crate::identity::account::{Contact, ContactKind};
use crate::identity::identifier::{CallingCode, Identifier, IdentifierKind};
use crate::identity::password_change::PasswordChange;
use crate::identity::password_hash::PasswordHash;
use crate::identity::stored::stored_forms;

/// The application's own user table, by the names of its columns.
///
/// It has the columns `id`, `email` and `password_hash`, unless the `with_` methods name others; everything else is left out
/// until it is named. Columns are read as follows:
///
/// * The id may be an integer, text, bytes or, on Postgres, a UUID; bytes are an [`AccountId`](crate::AccountId) in
///   lower-case hex. It must be the primary key, or unique by itself.
/// * An e-mail address is found whatever the case of its ASCII letters, in the form the person typed or, for domains in
///   other scripts, in their native form. `create index users_email_lower on users (lower(email))` keeps that from
///   reading the whole table.
/// * A username is found byte for byte.
/// * A phone number is stored as `+628…`, digits only. With [a home country](Self::with_home_country) its numbers may also
///   be `628…` or `08…`. Other forms are not contacts.
/// * A column that says yes or no is *no* when it is null, `0`, empty, `false`, `f`, `no`, `n` or `off`, and *yes*
///   otherwise: a flag or the time since when will do.
/// * The password hash is text; null means that the account has none yet.
///
/// ```
/// use password_reset::CallingCode;
/// use password_reset::ports::UserTable;
///
/// let users = UserTable::new("customers")
///     .with_email_column("mail")
///     .with_email_confirmed_column("mail_confirmed_at")
///     .with_phone_column("phone")
///     .with_home_country(CallingCode::INDONESIA)
///     .with_sessions_table("sessions", "customer_id");
/// # assert_eq!(users.email, "mail");
/// ```
///
/// A table whose columns have these names already needs its own name alone, so the stores take a text too.
///
/// What a table cannot say (several addresses, sessions elsewhere) is said by an own [`Accounts`](super::Accounts) that calls the
/// store's for the rest.
///
/// # Security
/// Without [`with_email_confirmed_column`](Self::with_email_confirmed_column) every address in the table counts as
/// confirmed by its owner, and so does every phone number without
/// [`with_phone_confirmed_column`](Self::with_phone_confirmed_column). Name the columns if people can enter an address
/// that they did not prove. Without [`with_active_column`](Self::with_active_column) or
/// [`with_disabled_column`](Self::with_disabled_column) every row is an account that may be reset.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UserTable {
    /// The table.
    pub table: String,
    /// The column of ids.
    pub id: String,
    /// The column of e-mail addresses.
    pub email: String,
    /// The column that says whether the address was confirmed.
    pub email_confirmed: Option<String>,
    /// The column of password hashes.
    pub password_hash: String,
    /// The column of usernames.
    pub username: Option<String>,
    /// The column of phone numbers.
    pub phone: Option<String>,
    /// The column that says whether the phone number was confirmed.
    pub phone_confirmed: Option<String>,
    /// The country of numbers that are stored or typed without one.
    pub home: Option<CallingCode>,
    /// The column that says whether an account may be used.
    pub active: Option<String>,
    /// The column that says whether an account may not be used.
    pub disabled: Option<String>,
    /// The column of the names by which messages address people.
    pub name: Option<String>,
    /// The column of language tags.
    pub locale: Option<String>,
    /// The column of zones.
    pub zone: Option<String>,
    /// The column of earlier hashes.
    pub earlier_hashes: Option<String>,
    /// The table of sessions.
    pub sessions: Option<SessionTable>,
}

/// The table of sessions, by the names of its columns.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionTable {
    /// The table.
    pub table: String,
    /// The column with the account's id.
    pub account: String,
    /// The column that says when a session began.
    pub begun: Option<String>,
}

impl From<&str> for UserTable {
    fn from(table: &str) -> Self {
        Self::new(table)
    }
}

impl From<String> for UserTable {
    fn from(table: String) -> Self {
        Self::new(table)
    }
}

impl UserTable {
    /// How many forms of a phone number [`forms`](Self::forms) gives: the number and its other way of dialling, three each.
    pub const PHONE_FORMS: usize = 6;

    /// A table with the columns `id`, `email` and `password_hash`.
    #[must_use]
    pub fn new(table: impl Into<String>) -> Self {
        Self {
            table: table.into(),
            id: "id".to_owned(),
            email: "email".to_owned(),
            email_confirmed: None,
            password_hash: "password_hash".to_owned(),
            username: None,
            phone: None,
            phone_confirmed: None,
            home: None,
            active: None,
            disabled: None,
            name: None,
            locale: None,
            zone: None,
            earlier_hashes: None,
            sessions: None,
        }
    }

    /// Names the column of ids instead of `id`.
    #[must_use]
    pub fn with_id_column(mut self, column: impl Into<String>) -> Self {
        self.id = column.into();
        self
    }

    /// Names the column of e-mail addresses instead of `email`.
    #[must_use]
    pub fn with_email_column(mut self, column: impl Into<String>) -> Self {
        self.email = column.into();
        self
    }

    /// Names the column of password hashes instead of `password_hash`.
    #[must_use]
    pub fn with_password_hash_column(mut self, column: impl Into<String>) -> Self {
        self.password_hash = column.into();
        self
    }

    /// Says whether the address was confirmed: a flag, or the time when.
    #[must_use]
    pub fn with_email_confirmed_column(mut self, column: impl Into<String>) -> Self {
        self.email_confirmed = Some(column.into());
        self
    }

    /// Names the column of usernames, by which accounts can then be found. Messages say it, so that several accounts of one owner can
    /// be told apart, and it is a word that the password must not be.
    #[must_use]
    pub fn with_username_column(mut self, column: impl Into<String>) -> Self {
        self.username = Some(column.into());
        self
    }

    /// Names the column of phone numbers, by which accounts can then be found.
    #[must_use]
    pub fn with_phone_column(mut self, column: impl Into<String>) -> Self {
        self.phone = Some(column.into());
        self
    }

    /// Says to which country stored numbers without one belong, and those that requesters type.
    #[must_use]
    pub fn with_home_country(mut self, home: CallingCode) -> Self {
        self.home = Some(home);
        self
    }

    /// Says whether the phone number was confirmed: a flag, or the time when.
    #[must_use]
    pub fn with_phone_confirmed_column(mut self, column: impl Into<String>) -> Self {
        self.phone_confirmed = Some(column.into());
        self
    }

    /// Says whether an account may be used: `is_active`, `activated_at`.
    #[must_use]
    pub fn with_active_column(mut self, column: impl Into<String>) -> Self {
        self.active = Some(column.into());
        self
    }

    /// Says whether an account may *not* be used: `is_disabled`, `deleted_at`.
    #[must_use]
    pub fn with_disabled_column(mut self, column: impl Into<String>) -> Self {
        self.disabled = Some(column.into());
        self
    }

    /// Names the column of the names by which messages address people. A name is a word that the password must not be. A name that
    /// does not look like one is in no message: see [`Message::name`](crate::Message::name).
    #[must_use]
    pub fn with_name_column(mut self, column: impl Into<String>) -> Self {
        self.name = Some(column.into());
        self
    }

    /// Names the column of language tags (`id`, `en-GB`).
    #[must_use]
    pub fn with_locale_column(mut self, column: impl Into<String>) -> Self {
        self.locale = Some(column.into());
        self
    }

    /// Names the column of zones (`WIB`, `Asia/Jakarta`), in which messages to the account then state times; what the text means says
    /// [`Site::zone_named`](crate::Site::zone_named).
    #[must_use]
    pub fn with_zone_column(mut self, column: impl Into<String>) -> Self {
        self.zone = Some(column.into());
        self
    }

    /// Names a column of text in which the hashes before the present one are kept, newest first, one a line: the last five,
    /// the most that any policy looks at. Older ones are deleted when a password is set.
    ///
    /// Without it the rule [`NotEarlier`](crate::policy::Rule::NotEarlier) has nothing to compare with. An application that
    /// changes passwords elsewhere too has to keep the column there as well.
    #[must_use]
    pub fn with_earlier_hashes_column(mut self, column: impl Into<String>) -> Self {
        self.earlier_hashes = Some(column.into());
        self
    }

    /// Names the table of sessions, and its column with the account's id. Ending sessions deletes *all* of the
    /// account's, unless [`with_sessions_begun_column`](Self::with_sessions_begun_column) says when each began.
    ///
    /// Without a table nothing is deleted; then the sessions must end by themselves when the password hash changes.
    #[must_use]
    pub fn with_sessions_table(mut self, table: impl Into<String>, account_column: impl Into<String>) -> Self {
        self.sessions = Some(SessionTable { table: table.into(), account: account_column.into(), begun: None });
        self
    }

    /// Names the column that says when a session of [`with_sessions_table`](Self::with_sessions_table) began: seconds or
    /// milliseconds since 1970; on Postgres also a timestamp, which is UTC where it has no time zone, and on SQLite also text that
    /// its date functions read. A session without a readable time ends. Call it after that method: without a table it
    /// changes nothing.
    #[must_use]
    pub fn with_sessions_begun_column(mut self, column: impl Into<String>) -> Self {
        if let Some(sessions) = &mut self.sessions {
            sessions.begun = Some(column.into());
        }
        self
    }
}

/// What the statements on the table bind.
impl UserTable {
    /// The texts under which the table may hold an identifier: an address as it was typed and in its native script, a username, or
    /// [`PHONE_FORMS`](Self::PHONE_FORMS) of a number. Always as many for one kind, with `None` where there is no other form.
    #[must_use]
    pub fn forms(&self, identifier: &Identifier) -> Vec<Option<String>> {
        let typed = identifier.as_str();
        match identifier.kind() {
            IdentifierKind::Email => vec![Some(typed.to_owned()), in_native_script(typed)],
            IdentifierKind::Phone => {
                let same = identifier.same_numbers();
                let forms = same.iter().flat_map(|number| stored_forms(number, self.home));
                forms.chain(std::iter::repeat(None)).take(Self::PHONE_FORMS).collect()
            }
            _ => vec![Some(typed.to_owned())],
        }
    }

    /// The address and the forms of the phone number that the row must still have for a change to be written.
    #[must_use]
    pub fn contacts_before<'c>(&self, change: &'c PasswordChange) -> (Option<&'c str>, [Option<String>; 3]) {
        let contacts = change.was().contacts();
        let contact = |kind| contacts.iter().find(|contact| contact.kind() == kind).map(Contact::value);
        let forms = |number| stored_forms(number, self.home);
        (contact(ContactKind::Email), contact(ContactKind::Phone).map_or([const { None }; 3], forms))
    }

    /// What the column of earlier hashes holds once the change is written.
    #[must_use]
    pub fn earlier_hashes_after(change: &PasswordChange) -> String {
        change.earlier_hashes().map(PasswordHash::as_str).collect::<Vec<_>>().join("\n")
    }
}

/// An address with the domain in its own script, for tables that keep what was typed.
fn in_native_script(address: &str) -> Option<String> {
    let (local, domain) = address.split_once('@')?;
    let (native, no_errors) = idna::domain_to_unicode(domain);
    (no_errors.is_ok() && native != domain).then(|| format!("{local}@{native}"))
}
