//! Rows of the user table.

use password_reset::ports::UserRow;
use password_reset::{Account, CallingCode, PortError};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::error::failed;

/// Reads the account that was read with a reset; nothing where there is none.
pub(crate) fn joined(row: &PgRow, home: Option<CallingCode>) -> Result<Option<Account>, PortError> {
    let id: Option<String> = row.try_get("user_id").map_err(failed("an account has an id that is not text"))?;
    id.map(|_| account(row, home)).transpose()
}

/// Reads an account.
pub(super) fn account(row: &PgRow, home: Option<CallingCode>) -> Result<Account, PortError> {
    Ok(user(row)?.account(home))
}

/// Reads the columns of [`table`](super::table)'s statements.
pub(super) fn user(row: &PgRow) -> Result<UserRow, PortError> {
    let failed = failed("an account has a column that is not of the expected type");
    let read = |column: &str| row.try_get::<Option<String>, _>(column).map_err(&failed);
    Ok(UserRow {
        id: read("user_id")?.ok_or_else(|| PortError::permanent("an account has no id"))?,
        email: read("user_email")?,
        email_contact: read("user_email_contact")?,
        username: read("user_username")?,
        phone: read("user_phone")?,
        phone_contact: read("user_phone_contact")?,
        password_hash: read("user_password_hash")?,
        earlier_hashes: read("user_earlier_hashes")?,
        name: read("user_name")?,
        locale: read("user_locale")?,
        zone: read("user_zone")?,
        is_active: row.try_get("user_active").map_err(&failed)?,
    })
}
