//! What is checked of the application's tables when a program starts.

use password_reset::ports::UserTable;
use rusqlite::types::Null;
use rusqlite::{Connection, params};

use super::table::{Texts, quoted};
use crate::error::{Outcome, SchemaError};
use crate::rights;
use crate::statement::Statement;

/// Checks that the tables, columns, types and unique ids are there.
pub(super) fn tables(connection: &Connection, names: &UserTable) -> Outcome<()> {
    let users = Table::of(connection, &names.table)?;
    let texts = [&names.username, &names.phone, &names.name, &names.locale, &names.zone, &names.earlier_hashes]
        .map(Option::as_ref);
    let texts: Vec<&String> =
        [Some(&names.email), Some(&names.password_hash)].into_iter().chain(texts).flatten().collect();
    let flags = [&names.email_confirmed, &names.phone_confirmed, &names.active, &names.disabled];
    let wanted = [&names.id].into_iter().chain(texts.iter().copied()).chain(flags.into_iter().flatten());
    users.has(wanted)?;
    users.holds_ids(&names.id)?;
    for column in &texts {
        users.holds_texts(column)?;
    }
    if let Some(sessions) = &names.sessions {
        let table = Table::of(connection, &sessions.table)?;
        table.has([Some(&sessions.account), sessions.begun.as_ref()].into_iter().flatten())?;
        table.holds_ids(&sessions.account)?;
    }
    let unique = "select 1 from pragma_table_xinfo(?1) where pk = 1 and lower(name) = lower(?2) \
             and (select count(*) from pragma_table_xinfo(?1) where pk > 0) = 1 \
         union all \
         select 1 from pragma_index_list(?1) as list where list.\"unique\" = 1 and list.partial = 0 \
             and (select count(*) from pragma_index_info(list.name)) = 1 \
             and (select lower(name) from pragma_index_info(list.name)) = lower(?2)";
    if Statement::with(connection, unique, params![names.table, names.id])?.first(|_| Ok(()))?.is_none() {
        let (table, column) = (names.table.clone(), names.id.clone());
        return Err(SchemaError::IdNotUnique { table, column }.port().into());
    }
    users.has_texts_alone(connection, &texts)
}

/// What SQLite makes of a value that is written into a column ("Datatypes In SQLite", 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Affinity {
    Text,
    /// Values stay as they are.
    Any,
    Blob,
    Real,
    /// Texts that look like numbers become numbers: `0812` is 812 afterwards.
    Number,
}

impl Affinity {
    fn of(declared: &str, is_strict: bool) -> Self {
        let declared = declared.to_ascii_uppercase();
        let names = |parts: &[&str]| parts.iter().any(|part| declared.contains(part));
        match () {
            () if declared.is_empty() || (is_strict && declared == "ANY") => Self::Any,
            () if names(&["INT"]) => Self::Number,
            () if names(&["CHAR", "CLOB", "TEXT"]) => Self::Text,
            () if names(&["BLOB"]) => Self::Blob,
            () if names(&["REAL", "FLOA", "DOUB"]) => Self::Real,
            () => Self::Number,
        }
    }
}

/// A table of the application's, and the columns with their types.
struct Table<'n> {
    name: &'n str,
    is_strict: bool,
    columns: Vec<(String, String)>,
}

impl<'n> Table<'n> {
    fn of(connection: &Connection, name: &'n str) -> Outcome<Self> {
        let columns = Statement::with(connection, "select name, type from pragma_table_xinfo(?1)", params![name])?
            .all(|row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        if columns.is_empty() {
            return Err(SchemaError::NoTable { table: name.to_owned() }.port().into());
        }
        let strict = "select 1 from pragma_table_list where schema = 'main' and lower(name) = lower(?1) and strict";
        let is_strict = Statement::with(connection, strict, params![name])?.first(|_| Ok(()))?.is_some();
        Ok(Self { name, is_strict, columns })
    }

    fn declared(&self, column: &str) -> Option<&str> {
        let mut columns = self.columns.iter();
        columns.find(|(name, _)| name.eq_ignore_ascii_case(column)).map(|(_, declared)| declared.as_str())
    }

    fn has<'c>(&self, wanted: impl Iterator<Item = &'c String>) -> Outcome<()> {
        let columns: Vec<String> = wanted.filter(|name| self.declared(name).is_none()).cloned().collect();
        if columns.is_empty() {
            return Ok(());
        }
        Err(SchemaError::NoColumns { table: self.name.to_owned(), columns }.port().into())
    }

    fn holds_texts(&self, column: &str) -> Outcome<()> {
        self.is(column, "TEXT", |affinity| matches!(affinity, Affinity::Text | Affinity::Any))
    }

    fn holds_ids(&self, column: &str) -> Outcome<()> {
        self.is(column, "INTEGER, TEXT or BLOB", |affinity| affinity != Affinity::Real)
    }

    fn is(&self, column: &str, wanted: &'static str, fits: impl Fn(Affinity) -> bool) -> Outcome<()> {
        let found = self.declared(column).unwrap_or_default();
        if fits(Affinity::of(found, self.is_strict)) {
            return Ok(());
        }
        let (table, column, found) = (self.name.to_owned(), column.to_owned(), found.to_owned());
        Err(SchemaError::Type { table, column, found, wanted }.port().into())
    }

    /// Reads the whole table: SQLite puts bytes into a column of texts, and anything into one without a type, and the account
    /// of such a row cannot be read.
    fn has_texts_alone(&self, connection: &Connection, texts: &[&String]) -> Outcome<()> {
        let other = |(number, column): (usize, &&String)| {
            format!("when typeof(a.{}) not in ('text', 'null') then {number}", quoted(column))
        };
        let cases: Vec<String> = texts.iter().enumerate().map(other).collect();
        let text = format!(
            "select number from (select case {} end as number from {} as a) where number is not null limit 1",
            cases.join(" "),
            quoted(self.name)
        );
        let column = Statement::new(connection, &text)?.first(|row| Ok(row.get::<_, u16>(0)?))?;
        match column.and_then(|number| texts.get(usize::from(number))) {
            Some(column) => {
                let (table, column) = (self.name.to_owned(), (*column).clone());
                Err(SchemaError::NotText { table, column }.port().into())
            }
            None => Ok(()),
        }
    }
}

/// The statements that create the indexes without which finding an account, or ending its sessions, reads a whole table.
pub(super) fn missing_indexes(connection: &Connection, names: &UserTable, texts: &Texts) -> Outcome<Vec<String>> {
    let index = |table: &str, column: &str, on: String| {
        format!("create index {} on {} ({on})", quoted(&format!("{table}_{column}")), quoted(table))
    };
    let of_users = |column: &String| index(&names.table, column, quoted(column));
    let email = index(&names.table, &format!("{}_lower", names.email), format!("lower({})", quoted(&names.email)));
    let sessions = names.sessions.as_ref();
    let lookups = [
        (Some(&texts.by_email), Some(email)),
        (texts.by_username.as_ref(), names.username.as_ref().map(of_users)),
        (texts.by_phone.as_ref(), names.phone.as_ref().map(of_users)),
        (texts.end_sessions.as_ref(), sessions.map(|it| index(&it.table, &it.account, quoted(&it.account)))),
    ];
    let mut missing = Vec::new();
    for (text, index) in lookups {
        if let (Some(text), Some(index)) = (text, index)
            && scans(connection, text)?
        {
            missing.push(index);
        }
    }
    Ok(missing)
}

/// Whether a statement reads a whole table.
pub(super) fn scans(connection: &Connection, text: &str) -> Outcome<bool> {
    // Not from the cache: SQLite makes no new plan for a statement that explains one.
    let mut plan = connection.prepare(&format!("explain query plan {text}"))?;
    let mut rows = plan.raw_query();
    while let Some(row) = rows.next()? {
        if row.get::<_, String>("detail")?.starts_with("SCAN") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes the account with no id, in a transaction that is rolled back.
pub(super) fn rights(connection: &Connection, names: &UserTable, texts: &Texts) -> Outcome<()> {
    let sessions = names.sessions.as_ref().map(|sessions| &sessions.table);
    let writes =
        [(&names.table, Some(&texts.set_password)), (sessions.unwrap_or(&names.table), texts.end_sessions.as_ref())];
    for (table, text) in writes {
        let Some(text) = text else { continue };
        rights::try_write(connection, table, |connection| {
            let mut write = Statement::new(connection, text)?;
            while write.has_unbound() {
                write.bind(params![Null])?;
            }
            write.run()
        })?;
    }
    Ok(())
}
