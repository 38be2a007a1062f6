//! The statements on tables whose names are the application's: the one place where SQL is not a fixed text.
//!
//! Every name is written as a quoted identifier. Values are always bound.

use std::ops::Deref;
use std::sync::Arc;

use password_reset::PortError;
use password_reset::ports::{SessionTable, UserTable};
use sqlx::{PgPool, Row};

use crate::error::{SchemaError, failed};
use crate::sql::quoted;

const CANNOT_LOOK: &str = "cannot check the table of accounts";

/// How many rows of one name are read, so that no attacker makes a look-up slow.
const MAX_FOUND: usize = 100;

/// The application's names of its tables and columns, and the schema that they are in.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) schema: Option<String>,
    pub(super) users: UserTable,
}

impl Deref for Names {
    type Target = UserTable;

    fn deref(&self) -> &UserTable {
        &self.users
    }
}

impl Names {
    pub(super) fn qualified(&self, table: &str) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(table)),
            None => quoted(table),
        }
    }
}

/// The type of ids in the database. Postgres compares only like with like, and an index serves only its own type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdType {
    Integer,
    Text,
    Uuid,
    Bytes,
}

impl IdType {
    const WANTED: &str = "an integer, text, uuid or bytea";

    fn named(name: &str) -> Option<Self> {
        match name {
            "smallint" | "integer" | "bigint" => Some(Self::Integer),
            "text" | "character varying" => Some(Self::Text),
            "uuid" => Some(Self::Uuid),
            "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }

    /// The text of an id, as an [`AccountId`](password_reset::AccountId) has it.
    fn text_of(self, column: &str) -> String {
        match self {
            Self::Bytes => format!("encode({column}, 'hex')"),
            Self::Integer | Self::Text | Self::Uuid => format!("{column}::text"),
        }
    }

    /// Whether a column has the id whose text is the parameter.
    fn is(self, column: &str, parameter: usize) -> String {
        match self {
            Self::Integer => format!("{column} = ${parameter}::bigint"),
            Self::Text => format!("{column} = ${parameter}"),
            Self::Uuid => format!("{column} = ${parameter}::uuid"),
            Self::Bytes => format!("{column} = decode(${parameter}, 'hex')"),
        }
    }

    /// Whether a column has the id whose text is that of the reset `r`; a text that is no id names none.
    fn is_of_reset(self, column: &str) -> String {
        match self {
            // Of nineteen digits some are beyond the type.
            Self::Integer => format!(
                "{column} = case when r.account ~ '^(0|-?[1-9][0-9]{{0,18}})$' then \
                 case when r.account::numeric between -9223372036854775808 and 9223372036854775807 \
                 then r.account::bigint end end"
            ),
            Self::Text => format!("{column} = r.account"),
            Self::Uuid => format!(
                "{column} = case when r.account ~ '^[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$' \
                 then r.account::uuid end"
            ),
            Self::Bytes => {
                format!("{column} = case when r.account ~ '^([0-9a-f]{{2}})+$' then decode(r.account, 'hex') end")
            }
        }
    }

    /// A text that is an id of this type.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Integer | Self::Text => "0",
            Self::Uuid => "00000000-0000-0000-0000-000000000000",
            Self::Bytes => "00",
        }
    }

    /// The text, if it is one that [`text_of`](Self::text_of) can give: no other way of writing an id names it.
    pub(super) fn canonical(self, text: &str) -> Option<&str> {
        let hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let fits = match self {
            Self::Integer => text.parse::<i64>().is_ok_and(|number| number.to_string() == text),
            Self::Text => !text.contains('\0'),
            Self::Uuid => text.parse::<sqlx::types::Uuid>().is_ok_and(|id| id.to_string() == text),
            Self::Bytes => !text.is_empty() && text.len().is_multiple_of(2) && hex(text),
        };
        fits.then_some(text)
    }
}

/// How a column tells when a session began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TimeType {
    /// `timestamptz`.
    Zoned,
    /// `timestamp`, taken as UTC.
    Plain,
    /// Seconds or milliseconds since 1970.
    Number,
}

impl TimeType {
    const WANTED: &str = "a timestamp or a number";

    fn named(name: &str) -> Option<Self> {
        match name {
            "timestamp with time zone" => Some(Self::Zoned),
            "timestamp without time zone" => Some(Self::Plain),
            "integer" | "bigint" | "numeric" | "double precision" => Some(Self::Number),
            _ => None,
        }
    }

    /// Whether a session began before the parameter, or at an unknown time.
    fn is_before(self, column: &str, parameter: usize) -> String {
        let before = match self {
            Self::Zoned => format!("{column} < ${parameter}"),
            Self::Plain => format!("{column} at time zone 'UTC' < ${parameter}"),
            // No session began in seconds past the year 5100, nor in milliseconds before 1973. One that began in the same
            // second as the limit counts as before it.
            Self::Number => format!(
                "case when {column} < 100000000000 then {column}::numeric * 1000 else {column}::numeric end \
                 < extract(epoch from ${parameter}) * 1000"
            ),
        };
        format!("coalesce({before}, true)")
    }
}

/// The statements, made once the types of the columns are known.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    pub(super) id: IdType,
    pub(super) load: Arc<str>,
    /// Joins the account to a reset that is called `r`.
    pub(super) joined: Arc<str>,
    pub(super) by_email: Arc<str>,
    pub(super) by_username: Option<Arc<str>>,
    pub(super) by_phone: Option<Arc<str>>,
    pub(super) end_sessions: Option<(IdType, Arc<str>)>,
    pub(super) disable: Option<Arc<str>>,
    names: Names,
}

impl Texts {
    /// Reads the types of the columns from the catalogue.
    pub(super) async fn of(pool: &PgPool, names: &Names) -> Result<Self, PortError> {
        let columns = Columns::of(pool, names, &names.table).await?;
        let wanted = [Some(&names.id), Some(&names.email), Some(&names.password_hash)];
        let optional = [&names.email_confirmed, &names.username, &names.phone, &names.phone_confirmed];
        let more = [&names.active, &names.disabled, &names.name, &names.locale, &names.zone, &names.earlier_hashes];
        let wanted = wanted.into_iter().chain(optional.map(Option::as_ref)).chain(more.map(Option::as_ref));
        columns.all_there(wanted.flatten())?;
        let texts = [Some(&names.email), Some(&names.password_hash)].into_iter();
        let more = [&names.username, &names.phone, &names.name, &names.earlier_hashes].map(Option::as_ref);
        for name in texts.chain(more).flatten() {
            columns.typed(name, "text, varchar or citext", |found| {
                matches!(found, "text" | "character varying" | "citext").then_some(())
            })?;
        }
        let id = columns.typed(&names.id, IdType::WANTED, IdType::named)?;
        let end_sessions = match &names.sessions {
            Some(sessions) => Some(end_sessions(pool, names, sessions).await?),
            None => None,
        };
        let flag = match (&names.disabled, &names.active) {
            (Some(name), _) => Some((name, columns.flag(name, true))),
            (None, active) => active.as_ref().map(|name| (name, columns.flag(name, false))),
        };
        let is_id = id.is(&column(&names.id), 1);
        let disable = |(name, value): (&String, &str)| {
            format!("update {} as a set {} = {value} where {is_id}", columns.table, quoted(name)).into()
        };
        let disable = flag.map(disable);
        let select = select(names, id);
        let column = |name: &String| column(name);
        // Both sides are folded by the database, so that an index on `lower(email)` serves whatever its collation; the
        // reader decides what is equal. The planner must not see that there is no second form: it would plan every call.
        let by_email = format!("lower({}) in ((select lower($1)), (select lower($2)))", column(&names.email));
        let (email_contact, phone_contact) = contacts(names);
        let confirmed = |contact: &str| format!("({contact}) is not null");
        let (active, disabled) = status(names);
        // A row that could be reset is never behind the limit, however many rows an attacker signs up.
        let find = |condition: &str, could_be_reset: &str| -> Arc<str> {
            format!(
                "{select} {condition} order by ({active} and not {disabled} and {could_be_reset}) desc, {} \
                 limit {MAX_FOUND}",
                column(&names.id)
            )
            .into()
        };
        // The collation of the column may take many names for the one that was typed.
        let by_username =
            |name: &String| find(&format!("{0} = $1 and {0}::text collate \"C\" = $1", column(name)), "true");
        let by_phone =
            |name: &String| find(&format!("{} in ($1, $2, $3, $4, $5, $6)", column(name)), &confirmed(&phone_contact));
        Ok(Self {
            id,
            load: format!("{select} {}", id.is(&column(&names.id), 1)).into(),
            joined: format!(" left join lateral ({select} {}) as u on true", id.is_of_reset(&column(&names.id))).into(),
            by_email: find(&by_email, &confirmed(&email_contact)),
            by_username: names.username.as_ref().map(by_username),
            by_phone: names.phone.as_ref().map(by_phone),
            end_sessions,
            disable,
            names: names.clone(),
        })
    }

    /// The statement that writes a password, whose parameters come after `before` others. It ends in a condition.
    ///
    /// The row is as it was, or has the new hash already: then an earlier call wrote it, and this one writes the same bytes
    /// again.
    pub(crate) fn set_password(&self, before: usize) -> String {
        let names = &self.names;
        let [id, new, old, email_was, phone_was, form, other_form, before_it] =
            [1, 2, 3, 4, 5, 6, 7, 8].map(|number: usize| number.saturating_add(before));
        let hash = column(&names.password_hash);
        let (email, phone) = contacts(names);
        let (active, disabled) = status(names);
        let earlier = names.earlier_hashes.as_deref();
        let earlier = earlier.map_or_else(String::new, |name| format!(", {} = ${before_it}", quoted(name)));
        format!(
            "update {} as a set {} = ${new}{earlier} where {} and ({hash} = ${new} or ({hash} is not distinct from ${old} \
             and {active} and not {disabled} and {email} is not distinct from ${email_was} \
             and (${phone_was} is null or {phone} in (${phone_was}, ${form}, ${other_form}))))",
            names.qualified(&names.table),
            quoted(&names.password_hash),
            self.id.is(&column(&names.id), id),
        )
    }
}

fn select(names: &Names, id: IdType) -> String {
    let optional = |name: &Option<String>| {
        name.as_deref().map_or("null::text".to_owned(), |name| format!("{}::text", column(name)))
    };
    let (email, phone) = contacts(names);
    let (active, disabled) = status(names);
    format!(
        "select {} as user_id, {}::text as user_email, {email} as user_email_contact, {} as user_username, \
         {} as user_phone, {phone} as user_phone_contact, {}::text as user_password_hash, {} as user_name, \
         {} as user_locale, {} as user_zone, {} as user_earlier_hashes, {active} and not {disabled} as user_active from {} as a where",
        id.text_of(&column(&names.id)),
        column(&names.email),
        optional(&names.username),
        optional(&names.phone),
        column(&names.password_hash),
        optional(&names.name),
        optional(&names.locale),
        optional(&names.zone),
        optional(&names.earlier_hashes),
        names.qualified(&names.table),
    )
}

/// The address and the number to which messages go.
fn contacts(names: &Names) -> (String, String) {
    let email = contact(&column(&names.email), names.email_confirmed.as_deref());
    let phone = names.phone.as_deref().map(|phone| contact(&column(phone), names.phone_confirmed.as_deref()));
    (email, phone.unwrap_or("null::text".to_owned()))
}

fn status(names: &Names) -> (String, String) {
    let flag = |name: &Option<String>, otherwise: &str| name.as_deref().map_or(otherwise.to_owned(), yes);
    (flag(&names.active, "true"), flag(&names.disabled, "false"))
}

fn column(name: &str) -> String {
    format!("a.{}", quoted(name))
}

fn yes(name: &str) -> String {
    let column = column(name);
    format!("coalesce(lower({column}::text) not in ('', '0', '0.0', 'false', 'f', 'no', 'n', 'off'), false)")
}

/// An address that is there and confirmed, or null.
fn contact(column: &str, confirmed: Option<&str>) -> String {
    match confirmed {
        Some(confirmed) => format!("case when {} then nullif({column}::text, '') end", yes(confirmed)),
        None => format!("nullif({column}::text, '')"),
    }
}

async fn end_sessions(pool: &PgPool, names: &Names, sessions: &SessionTable) -> Result<(IdType, Arc<str>), PortError> {
    let columns = Columns::of(pool, names, &sessions.table).await?;
    columns.all_there([Some(&sessions.account), sessions.begun.as_ref()].into_iter().flatten())?;
    let id = columns.typed(&sessions.account, IdType::WANTED, IdType::named)?;
    let mut delete = format!("delete from {} as a where {}", columns.table, id.is(&column(&sessions.account), 1));
    if let Some(begun) = &sessions.begun {
        let time = columns.typed(begun, TimeType::WANTED, TimeType::named)?;
        delete = format!("{delete} and {}", time.is_before(&column(begun), 2));
    }
    Ok((id, delete.into()))
}

/// The columns of a table, and the names of their types.
struct Columns {
    table: String,
    columns: Vec<(String, String)>,
}

impl Columns {
    async fn of(pool: &PgPool, names: &Names, table: &str) -> Result<Self, PortError> {
        let failed = failed(CANNOT_LOOK);
        let table = names.qualified(table);
        let rows = sqlx::query(
            "select a.attname::text, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null) \
             from pg_attribute as a join pg_type as t on t.oid = a.atttypid \
             where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped",
        )
        .bind(&table)
        .fetch_all(pool)
        .await;
        let mut columns = Vec::new();
        for row in rows.map_err(&failed)? {
            columns.push((row.try_get(0).map_err(&failed)?, row.try_get(1).map_err(&failed)?));
        }
        if columns.is_empty() {
            return Err(SchemaError::NoTable { table }.port());
        }
        Ok(Self { table, columns })
    }

    fn all_there<'n>(&self, wanted: impl Iterator<Item = &'n String>) -> Result<(), PortError> {
        let is_there = |name: &String| self.columns.iter().any(|(column, _)| column == name);
        let missing: Vec<String> = wanted.filter(|name| !is_there(name)).cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(SchemaError::NoColumns { table: self.table.clone(), columns: missing }.port())
    }

    fn typed<T>(&self, name: &str, wanted: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T, PortError> {
        let found = self.columns.iter().find(|(column, _)| column == name).map_or("", |(_, found)| found);
        // A type of an extension is in a schema that the search path may leave out.
        let short = found.rsplit('.').next().unwrap_or(found);
        read(short).ok_or_else(|| {
            let (table, column, found) = (self.table.clone(), name.to_owned(), found.to_owned());
            SchemaError::Type { table, column, found, wanted }.port()
        })
    }

    /// How a column says yes or no: a flag, or the time since when.
    fn flag(&self, name: &str, yes: bool) -> &'static str {
        let found = self.columns.iter().find(|(column, _)| column == name).map_or("", |(_, found)| found);
        let is_time = found.starts_with("timestamp") || found == "date";
        match (is_time, yes) {
            (true, true) => "now()",
            (true, false) => "null",
            (false, true) => "'1'",
            (false, false) => "'0'",
        }
    }
}

/// Whether no two rows can have one id.
pub(super) async fn has_unique_ids(pool: &PgPool, names: &Names) -> Result<(), PortError> {
    let table = names.qualified(&names.table);
    let unique = sqlx::query(
        "select from pg_index as i join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] \
         where i.indrelid = to_regclass($1) and a.attname = $2 and i.indisunique and i.indisvalid \
             and i.indpred is null and i.indnkeyatts = 1",
    )
    .bind(&table)
    .bind(&names.id)
    .fetch_optional(pool)
    .await
    .map_err(failed(CANNOT_LOOK))?;
    if unique.is_none() {
        return Err(SchemaError::IdNotUnique { table, column: names.id.clone() }.port());
    }
    Ok(())
}
