//! A row of a table and what it stands for.
//!
//! Whatever cannot be read is an error, never a reset (R27).

use chrono::{DateTime, Utc};
use password_reset::ports::KnownSender;
use password_reset::{
    AuditEvent, AuditRow, Binding, Channel, Digest, IdentifierKind, Locale, PortError, ProofKind, Reset, ResetId,
    State, StoredReset, Tasks,
};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Decode, Row, Sqlite, Type};

use crate::error::damaged;

pub(crate) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

const DAMAGED: &str = "a stored reset is damaged";
const DAMAGED_SENDER: &str = "what is known of a sender is damaged";
const DAMAGED_AUDIT: &str = "a stored audit row is damaged";

/// Binds the id and the columns that steps change, as `$1` to `$16`.
pub(crate) fn bind_step<'q>(statement: Statement<'q>, row: &'q StoredReset) -> Statement<'q> {
    let binding = row.binding.as_ref();
    statement
        .bind(row.id.as_bytes().as_slice())
        .bind(row.version)
        .bind(row.state.code())
        .bind(row.subject.as_bytes().as_slice())
        .bind(row.expires_at.timestamp_millis())
        .bind(binding.map(|binding| binding.link_until().timestamp_millis()))
        .bind(binding.map(|binding| binding.code_until().timestamp_millis()))
        .bind(row.proved_by.map(ProofKind::code))
        .bind(row.step_up.map(ProofKind::code))
        .bind(row.hash_digests.iter().flat_map(|digest| *digest.as_bytes()).collect::<Vec<u8>>())
        .bind(row.device.as_deref())
        .bind(row.set_at.map(|at| at.timestamp_millis()))
        .bind(row.due_at.map(|at| at.timestamp_millis()))
        .bind(binding.map(|binding| binding.account().as_str()))
        .bind(binding.map(|binding| binding.fingerprint().as_bytes().as_slice()))
        .bind(binding.map(|binding| binding.issued_at().timestamp_millis()))
}

/// Binds all columns, as `$1` to `$31`.
pub(crate) fn bind_all<'q>(statement: Statement<'q>, row: &'q StoredReset) -> Statement<'q> {
    bind_step(statement, row)
        .bind(row.channel.code())
        .bind(row.locale.tag())
        .bind(row.identifier_kind.code())
        .bind(row.identifier.as_str())
        .bind(row.key_id.as_str())
        .bind(row.nonce.as_slice())
        .bind(row.source.as_bytes().as_slice())
        .bind(row.inbound_key.as_ref().map(|key| key.as_bytes().as_slice()))
        .bind(row.created_at.timestamp_millis())
        .bind(row.shown_until.timestamp_millis())
        .bind(row.tasks.bits())
        .bind(i64::from(row.code_attempts))
        .bind(i64::from(row.completion_attempts))
        .bind(i64::from(row.delivery_attempts))
        .bind(i64::from(row.notified))
}

/// Binds an audit row, as `$1` to `$9`.
pub(crate) fn bind_audit<'q>(statement: Statement<'q>, row: &'q AuditRow) -> Statement<'q> {
    statement
        .bind(row.at.timestamp_millis())
        .bind(row.event.code())
        .bind(row.reset.as_ref().map(|id| id.as_bytes().as_slice()))
        .bind(row.account.as_ref().map(|account| account.as_str()))
        .bind(row.actor.as_ref().map(|actor| actor.as_str()))
        .bind(row.channel.map(Channel::code))
        .bind(row.source.as_ref().map(|source| source.as_bytes().as_slice()))
        .bind(row.contact.as_ref().map(|contact| contact.as_bytes().as_slice()))
        .bind(row.detail.as_deref())
}

/// Reads a reset.
pub(crate) fn reset(row: &SqliteRow) -> Result<Reset, PortError> {
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
    let digests: Vec<u8> = cells.read("hash_digests")?;
    let (digests, rest) = digests.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(cells.damaged());
    }
    let stored = StoredReset {
        id: ResetId::from_bytes(cells.bytes("id")?),
        version: cells.read("version")?,
        channel: cells.named("channel", Channel::from_code)?,
        state: cells.named("state", State::from_code)?,
        locale: cells.named("locale", |tag| Locale::ALL.into_iter().find(|locale| locale.tag() == tag))?,
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
        completion_attempts: cells.count("completion_attempts")?,
        tasks: Tasks::from_bits(cells.read("tasks")?).ok_or_else(|| cells.damaged())?,
        due_at: cells.time_or_null("due_at")?,
        delivery_attempts: cells.count("delivery_attempts")?,
        notified: cells.count("notified")?,
    };
    Reset::from_stored(stored).map_err(|error| damaged(DAMAGED).because(error))
}

/// Reads what is known of a sender, from the columns that begin with `sender_`.
pub(crate) fn sender(row: &SqliteRow) -> Result<Option<KnownSender>, PortError> {
    let cells = Cells { row, what: DAMAGED_SENDER };
    let Some(number) = cells.digest_or_null("sender_number")? else { return Ok(None) };
    let account: String = cells.read("sender_account")?;
    let mut known = KnownSender::new(number, account.into(), cells.time("sender_seen_at")?);
    known.id = cells.digest_or_null("sender_id")?;
    known.identity = cells.digest_or_null("sender_identity")?;
    Ok(Some(known))
}

/// The ids as a JSON list of hexadecimal texts.
pub(crate) fn id_list(ids: &[ResetId]) -> String {
    let mut list = String::with_capacity(ids.len().saturating_mul(35).saturating_add(2));
    list.push('[');
    for (at, id) in ids.iter().enumerate() {
        list.push_str(if at == 0 { "\"" } else { ",\"" });
        for nibble in id.as_bytes().iter().flat_map(|byte| [byte >> 4, byte & 0x0f]) {
            list.extend(char::from_digit(u32::from(nibble), 16));
        }
        list.push('"');
    }
    list.push(']');
    list
}

/// Reads an id and a version.
pub(crate) fn version(row: &SqliteRow) -> Result<(ResetId, i64), PortError> {
    let cells = Cells { row, what: DAMAGED };
    Ok((ResetId::from_bytes(cells.bytes("id")?), cells.read("version")?))
}

/// Reads the number of a row's lease.
pub(crate) fn lease(row: &SqliteRow) -> Result<i64, PortError> {
    Cells { row, what: DAMAGED }.read("lease")
}

/// Reads an audit row.
pub(crate) fn audit(row: &SqliteRow) -> Result<AuditRow, PortError> {
    let cells = Cells { row, what: DAMAGED_AUDIT };
    let mut audit = AuditRow::new(cells.time("at")?, cells.named("event", AuditEvent::from_code)?);
    audit.reset = cells.bytes_or_null("reset_id")?.map(ResetId::from_bytes);
    audit.account = cells.read_or_null::<String>("account")?.map(Into::into);
    audit.actor = cells.read_or_null::<String>("actor")?.map(Into::into);
    audit.channel = cells.named_or_null("channel", Channel::from_code)?;
    audit.source = cells.digest_or_null("source")?;
    audit.contact = cells.digest_or_null("contact")?;
    audit.detail = cells.read_or_null("detail")?;
    Ok(audit)
}

/// The columns of a row, each read as what it must be.
struct Cells<'r> {
    row: &'r SqliteRow,
    what: &'static str,
}

impl Cells<'_> {
    fn damaged(&self) -> PortError {
        damaged(self.what)
    }

    fn read<'r, T>(&'r self, column: &str) -> Result<T, PortError>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite>,
    {
        self.read_or_null(column)?.ok_or_else(|| self.damaged())
    }

    /// Asks for an option always: sqlx reads a null that was not expected as zero or as an empty text.
    fn read_or_null<'r, T>(&'r self, column: &str) -> Result<Option<T>, PortError>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite>,
    {
        self.row.try_get(column).map_err(|error| self.damaged().because(error))
    }

    fn count(&self, column: &str) -> Result<u32, PortError> {
        u32::try_from(self.read::<i64>(column)?).map_err(|error| self.damaged().because(error))
    }

    fn time(&self, column: &str) -> Result<DateTime<Utc>, PortError> {
        self.time_or_null(column)?.ok_or_else(|| self.damaged())
    }

    fn time_or_null(&self, column: &str) -> Result<Option<DateTime<Utc>>, PortError> {
        let Some(millis) = self.read_or_null::<i64>(column)? else { return Ok(None) };
        DateTime::from_timestamp_millis(millis).map(Some).ok_or_else(|| self.damaged())
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
