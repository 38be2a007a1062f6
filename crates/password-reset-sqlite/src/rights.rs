//! Whether the file can be written, by writes that are rolled back.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::{Failure, Outcome, SchemaError, without_sql};

/// Carries a write out and takes it back.
///
/// # Errors
/// [`SchemaError::CannotWrite`] unless the write is refused for a reason that passes by itself.
pub(crate) fn try_write(
    connection: &Connection,
    table: &str,
    write: impl FnOnce(&Connection) -> rusqlite::Result<usize>,
) -> Outcome<()> {
    let written = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
        .and_then(|transaction| write(&transaction).and_then(|_rows| transaction.rollback()));
    written.map_err(|error| {
        let error = without_sql(error);
        let reason = error.to_string();
        match Failure::from(error).port("cannot check whether the database can be written") {
            passing if passing.is_transient() => passing.into(),
            _ => SchemaError::CannotWrite { table: table.to_owned(), reason }.port().into(),
        }
    })
}
