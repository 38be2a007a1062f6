//! Rows of the user table, as accounts.

use password_reset::identity::{IdentifierKind, stored_number};
use password_reset::policy::RuleKind;
use password_reset::ports::PasswordChange;
use password_reset::{Account, AccountStatus, CallingCode, Contact, Identifier, PasswordHash, PortError};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::error::failed;

/// The accounts among those found that an identifier names. The table's collation found them; the one policy
/// of all stores decides.
pub(super) fn named(
    identifier: &Identifier,
    rows: &[PgRow],
    home: Option<CallingCode>,
) -> Result<Vec<Account>, PortError> {
    let mut accounts = Vec::new();
    for row in rows {
        let found = read(row, home)?;
        let column = match identifier.kind() {
            IdentifierKind::Email => &found.email,
            IdentifierKind::Username => &found.username,
            _ => &found.phone,
        };
        if column.as_deref().is_some_and(|stored| identifier.names(stored)) {
            accounts.push(found.account);
        }
    }
    Ok(accounts)
}

/// An account, and the names by which it can be found.
struct Found {
    account: Account,
    email: Option<String>,
    username: Option<String>,
    phone: Option<String>,
}

/// Reads the account that was read with a reset; nothing where there is none.
pub(crate) fn joined(row: &PgRow, home: Option<CallingCode>) -> Result<Option<Account>, PortError> {
    let id: Option<String> = row.try_get("user_id").map_err(failed("an account has an id that is not text"))?;
    id.map(|_| account(row, home)).transpose()
}

/// Reads an account.
pub(super) fn account(row: &PgRow, home: Option<CallingCode>) -> Result<Account, PortError> {
    Ok(read(row, home)?.account)
}

fn read(row: &PgRow, home: Option<CallingCode>) -> Result<Found, PortError> {
    let failed = failed("an account has a column that is not of the expected type");
    let read = |column: &str| row.try_get::<Option<String>, _>(column).map_err(&failed);
    let id = read("user_id")?.ok_or_else(|| PortError::permanent("an account has no id"))?;
    let status =
        if row.try_get("user_active").map_err(&failed)? { AccountStatus::Active } else { AccountStatus::Disabled };
    let mut account = Account::new(id, status);
    if let Some(email) = read("user_email_contact")? {
        account = account.with_contact(Contact::email(email));
    }
    if let Some(phone) = read("user_phone_contact")?.and_then(|stored| stored_number(&stored, home)) {
        account = account.with_contact(Contact::phone(phone));
    }
    if let Some(hash) = read("user_password_hash")? {
        account = account.with_hash(PasswordHash::new(hash));
    }
    if let Some(locale) = read("user_locale")?.and_then(|tag| tag.parse().ok()) {
        account = account.with_locale(locale);
    }
    let earlier = read("user_earlier_hashes")?.unwrap_or_default();
    account = earlier.lines().take(max_earlier()).map(PasswordHash::new).fold(account, Account::with_earlier_hash);
    let username = read("user_username")?;
    if let Some(username) = &username {
        account = account.with_username(username);
    }
    if let Some(name) = read("user_name")? {
        account = account.with_name(name);
    }
    if let Some(zone) = read("user_zone")? {
        account = account.with_zone(zone);
    }
    Ok(Found {
        account,
        email: read("user_email")?,
        username,
        phone: read("user_phone")?.and_then(|stored| stored_number(&stored, home)),
    })
}

/// The column of earlier hashes, once the account has another password.
pub(super) fn lines(change: &PasswordChange) -> String {
    change.earlier_hashes().map(PasswordHash::as_str).collect::<Vec<_>>().join("\n")
}

/// How many of them any policy compares.
fn max_earlier() -> usize {
    RuleKind::NotEarlier.range().map_or(0, |range| usize::from(*range.end()))
}
