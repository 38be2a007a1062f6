//! The statements on tables whose names are the application's: the one place where SQL is not a fixed text.
//!
//! Every name is written as a quoted identifier and, in conditions, qualified by the table: SQLite takes a quoted name
//! alone for a string when there is no such column. Values are always bound.

use std::sync::Arc;

use password_reset::ports::{SessionTable, UserTable};

/// How many rows of one name are read, so that no attacker makes a look-up slow.
const MAX_FOUND: usize = 100;

/// The statements, made once.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    pub(super) load: Arc<str>,
    pub(super) by_email: Arc<str>,
    pub(super) by_username: Option<Arc<str>>,
    pub(super) by_phone: Option<Arc<str>>,
    pub(super) set_password: Arc<str>,
    pub(super) end_sessions: Option<Arc<str>>,
    pub(super) disable: Option<Arc<str>>,
}

impl Texts {
    pub(super) fn of(names: &UserTable) -> Self {
        let table = quoted(&names.table);
        let id = column(&names.id);
        let email = column(&names.email);
        let hash = column(&names.password_hash);
        let optional = |name: &Option<String>| name.as_deref().map_or("null".to_owned(), column);
        let (username, phone, locale) = (optional(&names.username), optional(&names.phone), optional(&names.locale));
        let (earlier_hashes, name, zone) =
            (optional(&names.earlier_hashes), optional(&names.name), optional(&names.zone));
        let email_contact = contact(&email, names.email_confirmed.as_deref());
        let phone_contact = contact(&phone, names.phone_confirmed.as_deref());
        let active = names.active.as_deref().map_or("1".to_owned(), yes);
        let disabled = names.disabled.as_deref().map_or("0".to_owned(), yes);
        let select = format!(
            "select {} as id, {email} as email, {email_contact} as email_contact, {username} as username, \
             {phone} as phone, {phone_contact} as phone_contact, {hash} as password_hash, {locale} as locale, \
             {earlier_hashes} as earlier_hashes, {active} and not {disabled} as active, {name} as name, {zone} as zone \
             from {table} as a where",
            id_text(&id),
        );
        // The row is as it was, or has the new hash already: then the same call was answered before, and this writes
        // the same bytes again.
        let earlier = names.earlier_hashes.as_deref();
        let earlier = earlier.map_or_else(String::new, |name| format!(", {} = ?10", quoted(name)));
        let set_password = format!(
            "update {table} as a set {} = ?4{earlier} where {} and ({hash} = ?4 or ({hash} is ?5 and {active} and not {disabled} \
             and {email_contact} is ?6 and (?7 is null or {phone_contact} in (?7, ?8, ?9))))",
            quoted(&names.password_hash),
            is_id(&id),
        );
        // A row that could be reset is never behind the limit, however many rows an attacker signs up.
        let find = |condition: &str, could_be_reset: &str| -> Arc<str> {
            format!(
                "{select} {condition} order by {active} and not {disabled} and {could_be_reset} desc, {id} \
                 limit {MAX_FOUND}"
            )
            .into()
        };
        let confirmed = |contact: &str| format!("({contact}) is not null");
        // The index may ignore case, and then many names would be before the one that was typed.
        let by_username = || find(&format!("{username} = ?1 and {username} = ?1 collate binary"), "1");
        let by_phone = || find(&format!("{phone} in (?1, ?2, ?3, ?4, ?5, ?6)"), &confirmed(&phone_contact));
        let flag = match (&names.disabled, &names.active) {
            (Some(name), _) => Some((name, 1)),
            (None, active) => active.as_ref().map(|name| (name, 0)),
        };
        let disable = |(name, value): (&String, u8)| {
            format!("update {table} as a set {} = {value} where {}", quoted(name), is_id(&id)).into()
        };
        Self {
            load: format!("{select} {}", is_id(&id)).into(),
            by_email: find(&format!("lower({email}) in (?1, ?2)"), &confirmed(&email_contact)),
            by_username: names.username.as_ref().map(|_| by_username()),
            by_phone: names.phone.as_ref().map(|_| by_phone()),
            set_password: set_password.into(),
            end_sessions: names.sessions.as_ref().map(|sessions| end_sessions(sessions).into()),
            disable: flag.map(disable),
        }
    }
}

/// An identifier as SQL writes it (SQLite, "SQL Keywords"): quotes in it are doubled.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn column(name: &str) -> String {
    format!("a.{}", quoted(name))
}

/// The text of an id.
fn id_text(id: &str) -> String {
    format!("case typeof({id}) when 'blob' then lower(hex({id})) else cast({id} as text) end")
}

/// The first half finds the row by the column's index, the second makes sure that no other text (`042`) finds it too.
fn is_id(id: &str) -> String {
    format!("{id} in (?1, ?2, ?3) and {} = ?1", id_text(id))
}

fn yes(name: &str) -> String {
    let column = column(name);
    format!("coalesce(lower(cast({column} as text)) not in ('', '0', '0.0', 'false', 'f', 'no', 'n', 'off'), 0)")
}

/// An address that is there and confirmed, or null.
fn contact(column: &str, confirmed: Option<&str>) -> String {
    match confirmed {
        Some(confirmed) => format!("case when {} then nullif({column}, '') end", yes(confirmed)),
        None => format!("nullif({column}, '')"),
    }
}

fn end_sessions(sessions: &SessionTable) -> String {
    let delete = format!("delete from {} as a where {}", quoted(&sessions.table), is_id(&column(&sessions.account)));
    let Some(begun) = sessions.begun.as_deref().map(column) else { return delete };
    // No session began in seconds past the year 5100, nor in milliseconds before 1973. One that began in the same second
    // as the limit counts as before it.
    format!(
        "{delete} and coalesce(case typeof({begun}) when 'text' then (julianday({begun}) - 2440587.5) * 86400000 \
         when 'blob' then 0 else case when {begun} < 100000000000 then {begun} * 1000 else {begun} end end, 0) < ?4"
    )
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::check::scans;
    use super::{Texts, UserTable};

    /// With the indexes that the documentation names, no statement reads a whole table, whatever the type of the ids.
    #[test]
    fn every_statement_uses_an_index() {
        let users = UserTable::new("users").with_username_column("name").with_phone_column("phone");
        let users = users.with_disabled_column("disabled");
        let users = users.with_sessions_table("sessions", "user_id").with_sessions_begun_column("begun");
        let texts = Texts::of(&users);
        for id in ["integer primary key", "integer unique", "text primary key", "blob primary key", "primary key"] {
            let connection = Connection::open_in_memory().unwrap();
            let run = |text: &str| connection.execute_batch(text).unwrap();
            let scans = |text| scans(&connection, text).ok().unwrap();
            run(&format!(
                "create table users (id {id}, email text, password_hash text, name text, phone text, disabled)"
            ));
            run("create table sessions (user_id, begun); create index s on sessions (user_id)");
            assert!(scans(&texts.by_email), "without the indexes it is read whole");
            run("create index e on users (lower(email)); create index n on users (name)");
            run("create index p on users (phone)");
            let all = [Some(&texts.load), Some(&texts.by_email), texts.by_username.as_ref(), texts.by_phone.as_ref()];
            let all =
                all.into_iter().chain([Some(&texts.set_password), texts.end_sessions.as_ref(), texts.disable.as_ref()]);
            for text in all.flatten() {
                assert!(!scans(text), "{id}: {text}");
            }
        }
    }
}
