//! A prepared statement and its parameters.

use rusqlite::{CachedStatement, Connection, Row, Rows, ToSql};

use crate::error::Outcome;

/// A statement whose parameters are given in the order of their numbers.
pub(crate) struct Statement<'c> {
    prepared: CachedStatement<'c>,
    bound: usize,
}

impl<'c> Statement<'c> {
    /// Prepares a text, or takes it from the connection's cache. Every statement on a table goes through here, so the
    /// log at level `trace` shows them all, without values.
    pub(crate) fn new(connection: &'c Connection, text: &str) -> rusqlite::Result<Self> {
        tracing::trace!(target: "password_reset_sqlite::statement", text);
        Ok(Self { prepared: connection.prepare_cached(text)?, bound: 0 })
    }

    /// Prepares a text and binds its parameters.
    pub(crate) fn with(connection: &'c Connection, text: &str, values: &[&dyn ToSql]) -> rusqlite::Result<Self> {
        let mut statement = Self::new(connection, text)?;
        statement.bind(values)?;
        Ok(statement)
    }

    /// Binds the next parameters.
    pub(crate) fn bind(&mut self, values: &[&dyn ToSql]) -> rusqlite::Result<()> {
        for value in values {
            self.bound = self.bound.saturating_add(1);
            self.prepared.raw_bind_parameter(self.bound, value)?;
        }
        Ok(())
    }

    /// Whether a parameter has no value yet.
    pub(crate) fn has_unbound(&self) -> bool {
        self.bound < self.prepared.parameter_count()
    }

    /// Carries out a statement that returns no rows; returns how many it changed.
    pub(crate) fn run(mut self) -> rusqlite::Result<usize> {
        self.prepared.raw_execute()
    }

    pub(crate) fn rows(&mut self) -> Rows<'_> {
        self.prepared.raw_query()
    }

    /// Reads the first row.
    pub(crate) fn first<T>(mut self, read: impl FnOnce(&Row<'_>) -> Outcome<T>) -> Outcome<Option<T>> {
        self.rows().next()?.map(read).transpose()
    }

    /// Reads every row.
    pub(crate) fn all<T>(mut self, read: impl Fn(&Row<'_>) -> Outcome<T>) -> Outcome<Vec<T>> {
        let mut rows = self.rows();
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok(all)
    }
}
