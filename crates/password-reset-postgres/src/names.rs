//! The names of the store's tables, and the connections to them.

use std::sync::Arc;

use password_reset::Realm;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::idle_connections::IdleConnections;
use crate::row::Statement;
use crate::sql;

/// The schema of the store's tables; without one, the first of the search path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    schema: Option<Arc<str>>,
    prefix: Option<Arc<str>>,
}

impl Names {
    pub(crate) fn in_schema(schema: String) -> Self {
        let prefix = format!("{}.{}", sql::quoted(&schema), sql::PREFIX);
        Self { schema: Some(schema.into()), prefix: Some(prefix.into()) }
    }

    pub(crate) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// A text of this crate, with the tables qualified by their schema. A text that was put together from several is
    /// wrapped in [`AssertSqlSafe`].
    pub(crate) fn text(&self, text: impl SqlSafeStr) -> SqlStr {
        let text = text.into_sql_str();
        match &self.prefix {
            None => text,
            Some(prefix) => AssertSqlSafe(text.as_str().replace(sql::PREFIX, prefix)).into_sql_str(),
        }
    }
}

/// The store's tables, in the database where they are.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pub(crate) connections: IdleConnections,
    pub(crate) names: Names,
    /// Whose rows the statements are about.
    pub(crate) realm: Realm,
}

impl Tables {
    pub(crate) fn query<'q>(&self, text: &'static str) -> Statement<'q> {
        sqlx::query(self.names.text(text))
    }

    pub(crate) fn realm(&self) -> &str {
        self.realm.as_str()
    }

    pub(crate) async fn fetch_all(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, sqlx::Error> {
        self.connections.fetch_all(statement).await
    }

    pub(crate) async fn fetch_optional(&self, statement: Statement<'_>) -> Result<Option<PgRow>, sqlx::Error> {
        Ok(self.connections.fetch_all(statement).await?.into_iter().next())
    }

    /// How many rows the statement changed.
    pub(crate) async fn execute(&self, statement: Statement<'_>) -> Result<u64, sqlx::Error> {
        self.connections.execute(statement).await
    }
}
