//! What is checked when a program starts.

use chrono::{DateTime, Utc};
use password_reset::PortError;
use sqlx::{AssertSqlSafe, PgPool, Row};

use super::PostgresAccounts;
use super::forms::PHONE_FORMS;
use super::table::{self, Texts};
use crate::error::{SchemaError, failed};
use crate::sql;

impl PostgresAccounts {
    /// Checks that the tables and columns are there and of types that can be read, and that ids are unique; warns when
    /// finding an account reads the whole table.
    ///
    /// # Errors
    /// A permanent error whose source is a [`SchemaError`] that names what is missing.
    pub async fn check(&self) -> Result<(), PortError> {
        // Not the texts of an earlier look: the table may have changed since.
        let texts = Texts::of(&self.pool, &self.names).await?;
        table::has_unique_ids(&self.pool, &self.names).await?;
        if self.scans(&texts).await? {
            tracing::warn!(
                table = self.names.table,
                "account lookup scans the whole table: create the indexes listed in the documentation of \
                 `PostgresAccounts`"
            );
        }
        Ok(())
    }

    /// As [`check`](Self::check), and that a store on `pool` can write them.
    pub(crate) async fn check_in(&self, pool: &PgPool) -> Result<(), PortError> {
        if database(pool).await? != database(&self.pool).await? {
            return Err(SchemaError::OtherDatabase.port());
        }
        self.check().await
    }

    /// Whether one of the statements that find an account reads the whole table.
    async fn scans(&self, texts: &Texts) -> Result<bool, PortError> {
        let failed = failed("cannot check the table of accounts");
        let finding =
            [(Some(&texts.by_email), 2), (texts.by_username.as_ref(), 1), (texts.by_phone.as_ref(), PHONE_FORMS)];
        let mut transaction = self.pool.begin().await.map_err(&failed)?;
        // A small table is read whole however many indexes it has, and a plan without one cannot be otherwise.
        sqlx::query("set local enable_seqscan = off").execute(&mut *transaction).await.map_err(&failed)?;
        for (text, forms) in finding {
            let Some(text) = text else { continue };
            let mut explain = sqlx::query(AssertSqlSafe(format!("explain {text}")));
            for _ in 0..forms {
                explain = explain.bind("unknown");
            }
            for row in explain.fetch_all(&mut *transaction).await.map_err(&failed)? {
                if row.try_get::<String, _>(0).map_err(&failed)?.contains("Seq Scan") {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Two pools are of one database when it has one number in one run of one server.
async fn database(pool: &PgPool) -> Result<(DateTime<Utc>, i64), PortError> {
    sqlx::query_as(sql::DATABASE).fetch_one(pool).await.map_err(failed("cannot ask which database this is"))
}
