//! The application's user table, by the names of its columns.

use password_reset::{CallingCode, SeveralAccounts};
use password_reset_postgres::PostgresAccounts;
use password_reset_sqlite::SqliteAccounts;

use crate::reader::Reader;

/// The names that the table has.
#[derive(Clone, Debug)]
pub(crate) struct AccountNames {
    pub(crate) table: String,
    pub(crate) schema: Option<String>,
    pub(crate) id: String,
    pub(crate) active: Option<String>,
    pub(crate) disabled: Option<String>,
    email: Option<String>,
    password_hash: Option<String>,
    email_confirmed: Option<String>,
    username: Option<String>,
    phone: Option<String>,
    phone_confirmed: Option<String>,
    name: Option<String>,
    locale: Option<String>,
    zone: Option<String>,
    earlier_hashes: Option<String>,
    sessions: Option<(String, String)>,
    sessions_begun: Option<String>,
    home: Option<CallingCode>,
    pub(crate) several: SeveralAccounts,
}

impl AccountNames {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let table = reader.text("accounts.sessions_table");
        let account = reader.text("accounts.sessions_account_column");
        if table.is_some() != account.is_some() {
            let reason = "accounts.sessions_table and accounts.sessions_account_column go together: write both or none";
            reader.fault("accounts.sessions_table", reason);
        }
        let home = reader.number::<u16>("accounts.home_country");
        let calling_code = home.and_then(CallingCode::new);
        if home.is_some() && calling_code.is_none() {
            reader.fault("accounts.home_country", "write the calling code of a country, as in 62");
        }
        Self {
            table: reader.text("accounts.table").unwrap_or_else(|| "users".to_owned()),
            schema: reader.text("accounts.schema"),
            id: reader.text("accounts.id_column").unwrap_or_else(|| "id".to_owned()),
            active: reader.text("accounts.active_column"),
            disabled: reader.text("accounts.disabled_column"),
            email: reader.text("accounts.email_column"),
            password_hash: reader.text("accounts.password_hash_column"),
            email_confirmed: reader.text("accounts.email_confirmed_column"),
            username: reader.text("accounts.username_column"),
            phone: reader.text("accounts.phone_column"),
            phone_confirmed: reader.text("accounts.phone_confirmed_column"),
            name: reader.text("accounts.name_column"),
            locale: reader.text("accounts.locale_column"),
            zone: reader.text("accounts.zone_column"),
            earlier_hashes: reader.text("accounts.earlier_hashes_column"),
            sessions: table.zip(account),
            sessions_begun: reader.text("accounts.sessions_begun_column"),
            home: calling_code,
            several: several(reader),
        }
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

macro_rules! named {
    ($accounts:ident, $names:ident: $($method:ident($field:ident)),+) => {
        $(if let Some(name) = &$names.$field {
            $accounts = $accounts.$method(name);
        })+
        $accounts = $accounts.with_id_column(&$names.id);
        if let Some((table, account)) = &$names.sessions {
            $accounts = $accounts.with_sessions_table(table, account);
        }
        if let Some(begun) = &$names.sessions_begun {
            $accounts = $accounts.with_sessions_begun_column(begun);
        }
        if let Some(home) = $names.home {
            $accounts = $accounts.with_home_country(home);
        }
    };
}

impl AccountNames {
    pub(crate) fn on_sqlite(&self, mut accounts: SqliteAccounts) -> SqliteAccounts {
        named!(accounts, self:
            with_email_column(email), with_password_hash_column(password_hash), with_email_confirmed_column(email_confirmed),
            with_username_column(username), with_phone_column(phone), with_phone_confirmed_column(phone_confirmed),
            with_active_column(active), with_disabled_column(disabled), with_name_column(name),
            with_locale_column(locale), with_zone_column(zone), with_earlier_hashes_column(earlier_hashes));
        accounts
    }

    pub(crate) fn on_postgres(&self, mut accounts: PostgresAccounts) -> PostgresAccounts {
        named!(accounts, self:
            with_email_column(email), with_password_hash_column(password_hash), with_email_confirmed_column(email_confirmed),
            with_username_column(username), with_phone_column(phone), with_phone_confirmed_column(phone_confirmed),
            with_active_column(active), with_disabled_column(disabled), with_name_column(name),
            with_locale_column(locale), with_zone_column(zone), with_earlier_hashes_column(earlier_hashes), in_schema(schema));
        accounts
    }
}
