//! Rows of the tables, as the types of the core.
//!
//! A row that cannot be read is an error, never a reset.

use chrono::{DateTime, Utc};
use password_reset::flow::{AuditEvent, AuditRow, Binding, Reset, State, StoredReset, Tasks};
use password_reset::identity::IdentifierKind;
use password_reset::ports::{AuditCursor, AuditEntry, Digest, KnownSender, LeaseTaken, StoreHealth};
use password_reset::{AccountId, Channel, Locale, PortError, ProofKind, ResetId};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::types::Uuid;
use sqlx::{Decode, Postgres, Row, Type};

pub(crate) type Statement<'q> = Query<'q, Postgres, PgArguments>;

const DAMAGED: &str = "a stored reset is damaged";
const DAMAGED_SENDER: &str = "a known sender is damaged";
const DAMAGED_AUDIT: &str = "a stored audit row is damaged";
const DAMAGED_QUOTA: &str = "a stored quota is damaged";

/// Postgres counts microseconds from the year 2000.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// The id as the database has it.
pub(crate) fn uuid(id: ResetId) -> Uuid {
    Uuid::from_bytes(*id.as_bytes())
}

/// A time that Postgres takes: its own begin later than those of [`chrono`].
pub(crate) fn time(time: DateTime<Utc>) -> DateTime<Utc> {
    time.max(LONG_AGO)
}

/// After every time that a quota can have, and one that Postgres takes.
pub(crate) const FAR_AHEAD: DateTime<Utc> = match DateTime::from_timestamp(253_402_300_799, 0) {
    Some(time) => time,
    None => DateTime::<Utc>::MAX_UTC,
};

/// Before every time that a reset can have.
pub(crate) const LONG_AGO: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Binds the id and the columns that steps change, as `$1` to `$16`.
pub(crate) fn bind_step<'q>(statement: Statement<'q>, row: &StoredReset) -> Statement<'q> {
    let binding = row.binding.as_ref();
    statement
        .bind(uuid(row.id))
        .bind(row.version)
        .bind(row.state.code())
        .bind(row.subject.as_bytes().as_slice())
        .bind(row.expires_at)
        .bind(binding.map(|binding| binding.account().as_str()))
        .bind(binding.map(|binding| binding.fingerprint().as_bytes().as_slice()))
        .bind(binding.map(Binding::issued_at))
        .bind(binding.map(Binding::link_until))
        .bind(binding.map(Binding::code_until))
        .bind(row.proved_by.map(ProofKind::code))
        .bind(row.step_up.map(ProofKind::code))
        .bind(row.hash_digests.iter().flat_map(|digest| *digest.as_bytes()).collect::<Vec<u8>>())
        .bind(row.device.as_deref())
        .bind(row.set_at)
        .bind(row.due_at)
}

/// Binds all columns, as `$1` to `$32`.
pub(crate) fn bind_all<'q>(statement: Statement<'q>, row: &StoredReset) -> Statement<'q> {
    bind_step(statement, row)
        .bind(row.channel.code())
        .bind(row.locale.tag())
        .bind(row.identifier_kind.code())
        .bind(row.identifier.as_str())
        .bind(row.key_id.as_str())
        .bind(row.nonce.as_slice())
        .bind(row.source.as_bytes().as_slice())
        .bind(row.inbound_key.as_ref().map(|key| key.as_bytes().as_slice()))
        .bind(row.created_at)
        .bind(row.shown_until)
        .bind(row.tasks.bits())
        .bind(i64::from(row.code_attempts))
        .bind(i64::from(row.step_up_attempts))
        .bind(i64::from(row.completion_attempts))
        .bind(i64::from(row.delivery_attempts))
        .bind(i64::from(row.notified))
}

/// The contact of the first proof, as it is stored.
pub(crate) fn first_contact(row: &StoredReset) -> Option<&[u8]> {
    row.binding.as_ref()?.contact().map(|contact| contact.as_bytes().as_slice())
}

/// Binds an audit row as nine values, all null where there is none.
pub(crate) fn bind_audit<'q>(statement: Statement<'q>, row: Option<&AuditRow>) -> Statement<'q> {
    statement
        .bind(row.map(|row| row.at))
        .bind(row.map(|row| row.event.code()))
        .bind(row.and_then(|row| row.reset).map(uuid))
        .bind(row.and_then(|row| row.account.as_ref()).map(AccountId::as_str))
        .bind(row.and_then(|row| row.actor.as_ref()).map(|actor| actor.as_str()))
        .bind(row.and_then(|row| row.channel).map(Channel::code))
        .bind(row.and_then(|row| row.source.as_ref()).map(|source| source.as_bytes().as_slice()))
        .bind(row.and_then(|row| row.contact.as_ref()).map(|contact| contact.as_bytes().as_slice()))
        .bind(row.and_then(|row| row.detail.as_deref()))
}

/// Reads a reset.
pub(crate) fn reset(row: &PgRow) -> Result<Reset, PortError> {
    let cells = Cells { row, what: DAMAGED };
    let binding = match (
        cells.read_or_null::<String>("account")?,
        cells.digest_or_null("fingerprint")?,
        cells.time_or_null("issued_at")?,
        cells.time_or_null("link_until")?,
        cells.time_or_null("code_until")?,
    ) {
        (Some(account), Some(fingerprint), Some(issued_at), Some(link_until), Some(code_until)) => {
            Some(Binding::new(account.into(), fingerprint, issued_at, link_until, code_until))
        }
        (None, None, None, None, None) => None,
        _ => return Err(cells.damaged()),
    };
    let binding = match (cells.digest_or_null("contact")?, binding) {
        (Some(_), None) => return Err(cells.damaged()),
        (contact, binding) => binding.map(|binding| binding.by(contact)),
    };
    let digests: Vec<u8> = cells.read("hash_digests")?;
    let (digests, rest) = digests.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(cells.damaged());
    }
    let stored = StoredReset {
        id: cells.id("id")?,
        version: cells.read("version")?,
        channel: cells.named("channel", Channel::from_code)?,
        state: cells.named("state", State::from_code)?,
        locale: cells.named("locale", |tag| tag.parse::<Locale>().ok())?,
        identifier_kind: cells.named("identifier_kind", IdentifierKind::from_code)?,
        identifier: cells.read("identifier")?,
        key_id: cells.read("key_id")?,
        nonce: cells.bytes("nonce")?,
        source: cells.digest("source")?,
        subject: cells.digest("subject")?,
        inbound_key: cells.digest_or_null("inbound_key")?,
        created_at: cells.time("created_at")?,
        shown_until: cells.time("shown_until")?,
        expires_at: cells.time("expires_at")?,
        binding,
        proved_by: cells.named_or_null("proved_by", ProofKind::from_code)?,
        step_up: cells.named_or_null("step_up", ProofKind::from_code)?,
        hash_digests: digests.iter().map(|bytes| Digest::from_bytes(*bytes)).collect(),
        device: cells.read_or_null("device")?,
        set_at: cells.time_or_null("set_at")?,
        code_attempts: cells.count("code_attempts")?,
        step_up_attempts: cells.count("step_up_attempts")?,
        completion_attempts: cells.count("completion_attempts")?,
        tasks: Tasks::from_bits(cells.read("tasks")?).ok_or_else(|| cells.damaged())?,
        due_at: cells.time_or_null("due_at")?,
        delivery_attempts: cells.count("delivery_attempts")?,
        notified: cells.count("notified")?,
    };
    Reset::from_stored(stored).map_err(|error| PortError::permanent(DAMAGED).because(error))
}

/// Reads a known sender from the columns that begin with `sender_`.
pub(crate) fn sender(row: &PgRow) -> Result<Option<KnownSender>, PortError> {
    let cells = Cells { row, what: DAMAGED_SENDER };
    let Some(number) = cells.digest_or_null("sender_number")? else { return Ok(None) };
    let account: String = cells.read("sender_account")?;
    let mut known = KnownSender::new(number, account.into(), cells.time("sender_seen_at")?);
    known.id = cells.digest_or_null("sender_id")?;
    known.identity = cells.digest_or_null("sender_identity")?;
    Ok(Some(known))
}

/// Reads an id and a version.
pub(crate) fn version(row: &PgRow) -> Result<(ResetId, i64), PortError> {
    let cells = Cells { row, what: DAMAGED };
    Ok((cells.id("id")?, cells.read("version")?))
}

/// Reads the server's clock, and what is overdue.
pub(crate) fn health(row: &PgRow) -> Result<StoreHealth, PortError> {
    let cells = Cells { row, what: DAMAGED };
    let overdue = u64::try_from(cells.read::<i64>("overdue")?).map_err(|_negative| cells.damaged())?;
    Ok(StoreHealth::new(Some(cells.time("clock")?), overdue, cells.time_or_null("oldest_due_at")?))
}

/// Reads the name of a key.
pub(crate) fn key_id(row: &PgRow) -> Result<String, PortError> {
    Cells { row, what: DAMAGED }.read("key_id")
}

/// Reads the number of a row's lease.
pub(crate) fn lease(row: &PgRow) -> Result<i64, PortError> {
    Cells { row, what: DAMAGED }.read("lease")
}

/// Reads when a quota will be full.
pub(crate) fn full_at(row: &PgRow) -> Result<DateTime<Utc>, PortError> {
    Cells { row, what: DAMAGED_QUOTA }.time("full_at")
}

/// Reads when a quota will be full; nothing where it is.
pub(crate) fn full_at_or_null(row: &PgRow, column: &str) -> Result<Option<DateTime<Utc>>, PortError> {
    Cells { row, what: DAMAGED_QUOTA }.time_or_null(column)
}

/// Reads the key of a quota, and when it will be full.
pub(crate) fn quota(row: &PgRow) -> Result<(Digest, DateTime<Utc>), PortError> {
    let cells = Cells { row, what: DAMAGED_QUOTA };
    Ok((cells.digest("key")?, cells.time("full_at")?))
}

/// Reads a digest that names a contact.
pub(crate) fn contact(row: &PgRow) -> Result<Digest, PortError> {
    Cells { row, what: DAMAGED_AUDIT }.digest("contact")
}

/// Reads the lease that a step took, if it took one, and what the row has beside it.
pub(crate) fn lease_taken(row: &PgRow) -> Result<Option<LeaseTaken>, PortError> {
    let cells = Cells { row, what: DAMAGED };
    if !cells.read_or_null::<bool>("leased")?.unwrap_or(false) {
        return Ok(None);
    }
    let tasks = Tasks::from_bits(cells.read("tasks")?).ok_or_else(|| cells.damaged())?;
    Ok(Some(LeaseTaken::new(cells.read("lease")?, tasks, cells.count("notified")?, cells.count("delivery_attempts")?)))
}

/// Reads an audit row.
pub(crate) fn audit(row: &PgRow) -> Result<AuditRow, PortError> {
    let cells = Cells { row, what: DAMAGED_AUDIT };
    let mut audit = AuditRow::new(cells.time("at")?, cells.named("event", AuditEvent::from_code)?);
    audit.reset = cells.read_or_null::<Uuid>("reset_id")?.map(|id| ResetId::from_bytes(id.into_bytes()));
    audit.account = cells.read_or_null::<String>("account")?.map(Into::into);
    audit.actor = cells.read_or_null::<String>("actor")?.map(Into::into);
    audit.channel = cells.named_or_null("channel", Channel::from_code)?;
    audit.source = cells.digest_or_null("source")?;
    audit.contact = cells.digest_or_null("contact")?;
    audit.detail = cells.read_or_null("detail")?;
    Ok(audit)
}

/// Whether the rows have transaction numbers of another server.
pub(crate) fn is_stranded(row: &PgRow) -> Result<bool, PortError> {
    Cells { row, what: DAMAGED_AUDIT }.read("stranded")
}

/// Reads an audit row and its place; nothing where the columns are null.
pub(crate) fn entry(row: &PgRow) -> Result<Option<AuditEntry>, PortError> {
    let cells = Cells { row, what: DAMAGED_AUDIT };
    let Some(transaction) = cells.read_or_null::<String>("written_by")? else { return Ok(None) };
    let id: i64 = cells.read("id")?;
    Ok(Some(AuditEntry::new(AuditCursor::new(format!("{transaction}-{id}")), audit(row)?)))
}

/// The columns of a row, each read as what it must be.
struct Cells<'r> {
    row: &'r PgRow,
    what: &'static str,
}

impl Cells<'_> {
    fn damaged(&self) -> PortError {
        PortError::permanent(self.what)
    }

    fn read<'r, T>(&'r self, column: &str) -> Result<T, PortError>
    where
        T: Decode<'r, Postgres> + Type<Postgres>,
    {
        self.read_or_null(column)?.ok_or_else(|| self.damaged())
    }

    fn read_or_null<'r, T>(&'r self, column: &str) -> Result<Option<T>, PortError>
    where
        T: Decode<'r, Postgres> + Type<Postgres>,
    {
        self.row.try_get(column).map_err(|error| self.damaged().because(error))
    }

    fn id(&self, column: &str) -> Result<ResetId, PortError> {
        self.read::<Uuid>(column).map(|id| ResetId::from_bytes(id.into_bytes()))
    }

    fn count(&self, column: &str) -> Result<u32, PortError> {
        u32::try_from(self.read::<i64>(column)?).map_err(|error| self.damaged().because(error))
    }

    fn time(&self, column: &str) -> Result<DateTime<Utc>, PortError> {
        self.time_or_null(column)?.ok_or_else(|| self.damaged())
    }

    /// Reads the number that Postgres sends for a time, whatever the time zone of the session: sqlx makes a
    /// [`DateTime`] of it in a way that panics for `infinity`.
    fn time_or_null(&self, column: &str) -> Result<Option<DateTime<Utc>>, PortError> {
        self.read_or_null::<RawTime>(column)?.map_or(Ok(None), |RawTime(micros)| {
            let since_1970 = micros.checked_add(EPOCH_MICROS);
            since_1970.and_then(DateTime::from_timestamp_micros).map(Some).ok_or_else(|| self.damaged())
        })
    }

    fn bytes<const N: usize>(&self, column: &str) -> Result<[u8; N], PortError> {
        self.bytes_or_null(column)?.ok_or_else(|| self.damaged())
    }

    fn bytes_or_null<const N: usize>(&self, column: &str) -> Result<Option<[u8; N]>, PortError> {
        let Some(bytes) = self.read_or_null::<&[u8]>(column)? else { return Ok(None) };
        bytes.try_into().map(Some).map_err(|error| self.damaged().because(error))
    }

    fn digest(&self, column: &str) -> Result<Digest, PortError> {
        self.bytes(column).map(Digest::from_bytes)
    }

    fn digest_or_null(&self, column: &str) -> Result<Option<Digest>, PortError> {
        Ok(self.bytes_or_null(column)?.map(Digest::from_bytes))
    }

    fn named<T>(&self, column: &str, from_name: impl Fn(&str) -> Option<T>) -> Result<T, PortError> {
        self.named_or_null(column, from_name)?.ok_or_else(|| self.damaged())
    }

    fn named_or_null<T>(&self, column: &str, from_name: impl Fn(&str) -> Option<T>) -> Result<Option<T>, PortError> {
        let Some(name) = self.read_or_null::<&str>(column)? else { return Ok(None) };
        from_name(name).map(Some).ok_or_else(|| self.damaged())
    }
}

/// The microseconds of a `timestamptz`, as they are sent.
struct RawTime(i64);

impl Type<Postgres> for RawTime {
    fn type_info() -> sqlx::postgres::PgTypeInfo {
        <DateTime<Utc> as Type<Postgres>>::type_info()
    }
}

impl<'r> Decode<'r, Postgres> for RawTime {
    fn decode(value: sqlx::postgres::PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        <i64 as Decode<'r, Postgres>>::decode(value).map(Self)
    }
}
