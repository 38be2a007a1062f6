//! A row of a table and what it stands for.
//!
//! What cannot be read is an error, never a reset.

use chrono::{DateTime, Utc};
use password_reset::flow::{AuditEvent, AuditRow, Binding, Reset, State, StoredReset, Tasks};
use password_reset::identity::IdentifierKind;
use password_reset::ports::{AuditCursor, AuditEntry, Digest, KnownSender, LeaseTaken, StoreHealth};
use password_reset::{Channel, Locale, PortError, ProofKind, ResetId};
use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Row, params};

use crate::statement::Statement;

const DAMAGED: &str = "a stored reset is damaged";
const DAMAGED_SENDER: &str = "a known sender is damaged";
const DAMAGED_AUDIT: &str = "a stored audit row is damaged";
const DAMAGED_QUOTA: &str = "a stored quota is damaged";

/// Binds the id and the columns that steps change: sixteen parameters.
pub(crate) fn bind_step(statement: &mut Statement<'_>, row: &StoredReset) -> rusqlite::Result<()> {
    let binding = row.binding.as_ref();
    let hash_digests: Vec<u8> = row.hash_digests.iter().flat_map(|digest| *digest.as_bytes()).collect();
    statement.bind(params![
        row.id.as_bytes().as_slice(),
        row.version,
        row.state.code(),
        row.subject.as_bytes().as_slice(),
        row.expires_at.timestamp_millis(),
        binding.map(|binding| binding.link_until().timestamp_millis()),
        binding.map(|binding| binding.code_until().timestamp_millis()),
        row.proved_by.map(ProofKind::code),
        row.step_up.map(ProofKind::code),
        hash_digests,
        row.device,
        row.set_at.map(|at| at.timestamp_millis()),
        row.due_at.map(|at| at.timestamp_millis()),
        binding.map(|binding| binding.account().as_str()),
        binding.map(|binding| binding.fingerprint().as_bytes().as_slice()),
        binding.map(|binding| binding.issued_at().timestamp_millis()),
    ])
}

/// Binds all columns: those of [`bind_step`] and seventeen more.
pub(crate) fn bind_all(statement: &mut Statement<'_>, row: &StoredReset) -> rusqlite::Result<()> {
    bind_step(statement, row)?;
    statement.bind(params![
        row.channel.code(),
        row.locale.tag(),
        row.identifier_kind.code(),
        row.identifier,
        row.key_id,
        row.nonce.as_slice(),
        row.source.as_bytes().as_slice(),
        row.inbound_key.as_ref().map(|key| key.as_bytes().as_slice()),
        row.created_at.timestamp_millis(),
        row.shown_until.timestamp_millis(),
        row.tasks.bits(),
        row.code_attempts,
        row.step_up_attempts,
        row.completion_attempts,
        row.delivery_attempts,
        row.notified,
        first_contact(row),
    ])
}

/// The contact of the first proof, as it is stored.
pub(crate) fn first_contact(row: &StoredReset) -> Option<&[u8]> {
    row.binding.as_ref()?.contact().map(|contact| contact.as_bytes().as_slice())
}

/// Binds an audit row.
pub(crate) fn bind_audit(statement: &mut Statement<'_>, row: &AuditRow) -> rusqlite::Result<()> {
    statement.bind(params![
        row.at.timestamp_millis(),
        row.event.code(),
        row.reset.as_ref().map(|id| id.as_bytes().as_slice()),
        row.account.as_ref().map(|account| account.as_str()),
        row.actor.as_ref().map(|actor| actor.as_str()),
        row.channel.map(Channel::code),
        row.source.as_ref().map(|source| source.as_bytes().as_slice()),
        row.contact.as_ref().map(|contact| contact.as_bytes().as_slice()),
        row.detail,
    ])
}

/// Reads a reset, whose columns must be the next.
pub(crate) fn reset(cells: &mut Cells<'_>) -> Result<Reset, PortError> {
    cells.what = DAMAGED;
    // In the order of the columns.
    let id = ResetId::from_bytes(cells.bytes()?);
    let version = cells.read()?;
    let state = cells.named(State::from_code)?;
    let subject = cells.digest()?;
    let expires_at = cells.time()?;
    let (link_until, code_until) = (cells.time_or_null()?, cells.time_or_null()?);
    let (proved_by, step_up) = (cells.named_or_null(ProofKind::from_code)?, cells.named_or_null(ProofKind::from_code)?);
    let (digests, rest) = cells.blob()?.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(cells.damaged());
    }
    let device = cells.read_or_null()?;
    let (set_at, due_at) = (cells.time_or_null()?, cells.time_or_null()?);
    let account = cells.read_or_null::<String>()?;
    let (fingerprint, issued_at) = (cells.digest_or_null()?, cells.time_or_null()?);
    let binding = match (account, fingerprint, issued_at, link_until, code_until) {
        (Some(account), Some(fingerprint), Some(issued_at), Some(link_until), Some(code_until)) => {
            Some(Binding::new(account.into(), fingerprint, issued_at, link_until, code_until))
        }
        (None, None, None, None, None) => None,
        _ => return Err(cells.damaged()),
    };
    let mut stored = StoredReset {
        id,
        version,
        state,
        subject,
        expires_at,
        binding,
        proved_by,
        step_up,
        hash_digests: digests.iter().map(|bytes| Digest::from_bytes(*bytes)).collect(),
        device,
        set_at,
        due_at,
        channel: cells.named(Channel::from_code)?,
        locale: cells.named(|tag| tag.parse::<Locale>().ok())?,
        identifier_kind: cells.named(IdentifierKind::from_code)?,
        identifier: cells.read()?,
        key_id: cells.read()?,
        nonce: cells.bytes()?,
        source: cells.digest()?,
        inbound_key: cells.digest_or_null()?,
        created_at: cells.time()?,
        shown_until: cells.time()?,
        tasks: Tasks::from_bits(cells.read()?).ok_or_else(|| cells.damaged())?,
        code_attempts: cells.count()?,
        step_up_attempts: cells.count()?,
        completion_attempts: cells.count()?,
        delivery_attempts: cells.count()?,
        notified: cells.count()?,
    };
    match (cells.digest_or_null()?, stored.binding.take()) {
        (Some(_), None) => return Err(cells.damaged()),
        (contact, binding) => stored.binding = binding.map(|binding| binding.by(contact)),
    }
    Reset::from_stored(stored).map_err(|error| PortError::permanent(DAMAGED).because(error))
}

/// Reads a reset and the number of its lease, which is the last of its columns.
pub(crate) fn leased(cells: &mut Cells<'_>) -> Result<(Reset, i64), PortError> {
    Ok((reset(cells)?, cells.read()?))
}

/// Reads what is known of a sender.
pub(crate) fn sender(cells: &mut Cells<'_>) -> Result<KnownSender, PortError> {
    cells.what = DAMAGED_SENDER;
    let number = cells.digest()?;
    let (id, identity) = (cells.digest_or_null()?, cells.digest_or_null()?);
    let account = cells.read::<String>()?;
    let mut known = KnownSender::new(number, account.into(), cells.time()?);
    (known.id, known.identity) = (id, identity);
    Ok(known)
}

/// Blobs as a JSON list of hexadecimal texts.
pub(crate) fn hex_list<'b>(blobs: impl Iterator<Item = &'b [u8]>) -> String {
    let mut list = "[".to_owned();
    for (at, blob) in blobs.enumerate() {
        list.push_str(if at == 0 { "\"" } else { ",\"" });
        for nibble in blob.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]) {
            list.extend(char::from_digit(u32::from(nibble), 16));
        }
        list.push('"');
    }
    list.push(']');
    list
}

/// Reads an id and a version.
pub(crate) fn version(cells: &mut Cells<'_>) -> Result<(ResetId, i64), PortError> {
    cells.what = DAMAGED;
    Ok((ResetId::from_bytes(cells.bytes()?), cells.read()?))
}

/// Reads how many rows are overdue, and since when.
pub(crate) fn health(cells: &mut Cells<'_>) -> Result<StoreHealth, PortError> {
    cells.what = DAMAGED;
    Ok(StoreHealth::new(None, cells.count()?.into(), cells.time_or_null()?))
}

/// Reads the name of a key.
pub(crate) fn key_id(cells: &mut Cells<'_>) -> Result<String, PortError> {
    cells.what = DAMAGED;
    cells.read()
}

/// Reads the contact of an audit row.
pub(crate) fn contact(cells: &mut Cells<'_>) -> Result<Digest, PortError> {
    cells.what = DAMAGED_AUDIT;
    cells.digest()
}

/// Reads the lease that a step took, and what the step did not write.
pub(crate) fn lease_taken(cells: &mut Cells<'_>) -> Result<LeaseTaken, PortError> {
    cells.what = DAMAGED;
    let lease = cells.read()?;
    let tasks = Tasks::from_bits(cells.read()?).ok_or_else(|| cells.damaged())?;
    Ok(LeaseTaken::new(lease, tasks, cells.count()?, cells.count()?))
}

/// Reads when a quota will be full.
pub(crate) fn full_at(cells: &mut Cells<'_>) -> Result<DateTime<Utc>, PortError> {
    cells.what = DAMAGED_QUOTA;
    cells.time()
}

/// Reads an audit row.
pub(crate) fn audit(cells: &mut Cells<'_>) -> Result<AuditRow, PortError> {
    cells.what = DAMAGED_AUDIT;
    let mut audit = AuditRow::new(cells.time()?, cells.named(AuditEvent::from_code)?);
    audit.reset = cells.bytes_or_null()?.map(ResetId::from_bytes);
    audit.account = cells.read_or_null::<String>()?.map(Into::into);
    audit.actor = cells.read_or_null::<String>()?.map(Into::into);
    audit.channel = cells.named_or_null(Channel::from_code)?;
    audit.source = cells.digest_or_null()?;
    audit.contact = cells.digest_or_null()?;
    audit.detail = cells.read_or_null()?;
    Ok(audit)
}

/// Reads the number of an audit row, and the row.
pub(crate) fn entry(cells: &mut Cells<'_>) -> Result<AuditEntry, PortError> {
    cells.what = DAMAGED_AUDIT;
    let number: i64 = cells.read()?;
    Ok(AuditEntry::new(AuditCursor::new(number.to_string()), audit(cells)?))
}

/// The columns of a row from left to right, each read as what it must be. By position, because finding a column by its
/// name takes longer than SQLite takes for the row.
pub(crate) struct Cells<'r> {
    row: &'r Row<'r>,
    next: usize,
    what: &'static str,
}

impl<'r> Cells<'r> {
    pub(crate) fn of(row: &'r Row<'_>) -> Self {
        Self { row, next: 0, what: DAMAGED }
    }

    fn damaged(&self) -> PortError {
        PortError::permanent(self.what)
    }

    fn next(&mut self) -> Result<ValueRef<'r>, PortError> {
        let value = self.row.get_ref(self.next).map_err(|error| self.damaged().because(error))?;
        self.next = self.next.saturating_add(1);
        Ok(value)
    }

    fn read<T: FromSql>(&mut self) -> Result<T, PortError> {
        self.read_or_null()?.ok_or_else(|| self.damaged())
    }

    fn read_or_null<T: FromSql>(&mut self) -> Result<Option<T>, PortError> {
        FromSql::column_result(self.next()?).map_err(|error| self.damaged().because(error))
    }

    fn count(&mut self) -> Result<u32, PortError> {
        self.read()
    }

    fn time(&mut self) -> Result<DateTime<Utc>, PortError> {
        self.time_or_null()?.ok_or_else(|| self.damaged())
    }

    fn time_or_null(&mut self) -> Result<Option<DateTime<Utc>>, PortError> {
        let Some(millis) = self.read_or_null::<i64>()? else { return Ok(None) };
        DateTime::from_timestamp_millis(millis).map(Some).ok_or_else(|| self.damaged())
    }

    fn blob(&mut self) -> Result<&'r [u8], PortError> {
        self.next()?.as_blob().map_err(|error| self.damaged().because(error))
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], PortError> {
        self.bytes_or_null()?.ok_or_else(|| self.damaged())
    }

    fn bytes_or_null<const N: usize>(&mut self) -> Result<Option<[u8; N]>, PortError> {
        let bytes = self.next()?.as_blob_or_null().map_err(|error| self.damaged().because(error))?;
        bytes.map(|bytes| bytes.try_into().map_err(|error| self.damaged().because(error))).transpose()
    }

    fn digest(&mut self) -> Result<Digest, PortError> {
        self.bytes().map(Digest::from_bytes)
    }

    fn digest_or_null(&mut self) -> Result<Option<Digest>, PortError> {
        Ok(self.bytes_or_null()?.map(Digest::from_bytes))
    }

    fn named<T>(&mut self, from_name: impl Fn(&str) -> Option<T>) -> Result<T, PortError> {
        self.named_or_null(from_name)?.ok_or_else(|| self.damaged())
    }

    fn named_or_null<T>(&mut self, from_name: impl Fn(&str) -> Option<T>) -> Result<Option<T>, PortError> {
        let name = self.next()?.as_str_or_null().map_err(|error| self.damaged().because(error))?;
        name.map(|name| from_name(name).ok_or_else(|| self.damaged())).transpose()
    }
}
