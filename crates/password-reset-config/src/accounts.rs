//! The application's user table, by the names of its columns.

use password_reset::ports::UserTable;
use password_reset::{CallingCode, SeveralAccounts};

use crate::reader::Reader;

/// The names that the table has, and what becomes of an address that several accounts have.
#[derive(Clone, Debug)]
pub(crate) struct AccountNames {
    pub(crate) users: UserTable,
    pub(crate) schema: Option<String>,
    pub(crate) several: SeveralAccounts,
}

impl AccountNames {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let mut users = UserTable::new(reader.text("accounts.table").unwrap_or_else(|| "users".to_owned()));
        users.id = reader.text("accounts.id_column").unwrap_or(users.id);
        users.email = reader.text("accounts.email_column").unwrap_or(users.email);
        users.password_hash = reader.text("accounts.password_hash_column").unwrap_or(users.password_hash);
        users.email_confirmed = reader.text("accounts.email_confirmed_column");
        users.username = reader.text("accounts.username_column");
        users.phone = reader.text("accounts.phone_column");
        users.phone_confirmed = reader.text("accounts.phone_confirmed_column");
        users.active = reader.text("accounts.active_column");
        users.disabled = reader.text("accounts.disabled_column");
        users.name = reader.text("accounts.name_column");
        users.locale = reader.text("accounts.locale_column");
        users.zone = reader.text("accounts.zone_column");
        users.earlier_hashes = reader.text("accounts.earlier_hashes_column");
        let home = reader.number::<u16>("accounts.home_country");
        users.home = home.and_then(CallingCode::new);
        if home.is_some() && users.home.is_none() {
            reader.fault("accounts.home_country", "write the calling code of a country, as in 62");
        }
        let table = reader.text("accounts.sessions_table");
        let account = reader.text("accounts.sessions_account_column");
        let begun = reader.text("accounts.sessions_begun_column");
        if table.is_some() != account.is_some() {
            let reason = "accounts.sessions_table and accounts.sessions_account_column go together: write both or none";
            reader.fault("accounts.sessions_table", reason);
        }
        if begun.is_some() && table.is_none() {
            let reason = "name the table of sessions too, with accounts.sessions_table";
            reader.fault("accounts.sessions_begun_column", reason);
        }
        if let Some((table, account)) = table.zip(account) {
            users = users.with_sessions_table(table, account);
        }
        if let Some(begun) = begun {
            users = users.with_sessions_begun_column(begun);
        }
        Self { users, schema: reader.text("accounts.schema"), several: several(reader) }
    }
}

fn several(reader: &mut Reader<'_>) -> SeveralAccounts {
    match reader.text("accounts.several").as_deref() {
        None | Some("nothing") => SeveralAccounts::Nothing,
        Some("mail_each") => SeveralAccounts::MailEach,
        Some("mail_list") => SeveralAccounts::MailList,
        Some(_) => {
            reader.fault("accounts.several", "write \"nothing\", \"mail_each\" or \"mail_list\"");
            SeveralAccounts::Nothing
        }
    }
}
