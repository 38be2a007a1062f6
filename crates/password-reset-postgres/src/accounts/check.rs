//! What is checked of the application's tables when a program starts.

use chrono::{DateTime, Utc};
use password_reset::PortError;
use password_reset::ports::UserTable;
use sqlx::{AssertSqlSafe, PgPool, Row};

use super::PostgresAccounts;
use super::table::{self, Names, Texts};
use crate::error::{SchemaError, failed};
use crate::row::Statement;
use crate::sql::{self, quoted};
use crate::start;

const CANNOT_CHECK: &str = "cannot check the table of accounts";

impl PostgresAccounts {
    /// Checks that the tables can be read and written as they are named: columns and their types, unique ids and rights.
    /// Warns, with the statement, of an index that is missing. The guide has the whole list.
    ///
    /// # Errors
    /// A permanent error whose source is a [`SchemaError`] that says what to do.
    pub async fn check(&self) -> Result<(), PortError> {
        // Not the texts of an earlier look: the table may have changed since.
        let texts = Texts::of(&self.pool, &self.names).await?;
        table::has_unique_ids(&self.pool, &self.names).await?;
        let check = Check { pool: &self.pool, names: &self.names, texts };
        check.rights().await?;
        for index in check.missing_indexes().await? {
            tracing::warn!("an account or its sessions are found by reading the whole table: run `{index}`");
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
}

/// The tables as they are now.
struct Check<'a> {
    pool: &'a PgPool,
    names: &'a Names,
    texts: Texts,
}

impl Check<'_> {
    /// Reads and writes the account with no id, in a transaction that is rolled back.
    async fn rights(&self) -> Result<(), PortError> {
        let table = self.names.qualified(&self.names.table);
        let hashes = [Some(&self.names.password_hash), self.names.earlier_hashes.as_ref()];
        let hashes: Vec<String> = hashes.into_iter().flatten().map(|name| quoted(name)).collect();
        let grant = format!("select, update ({})", hashes.join(", "));
        let load = sqlx::query(AssertSqlSafe(self.texts.load.to_string())).bind(None::<String>);
        start::try_write(self.pool, &table, &grant, load).await?;
        let mut update = sqlx::query(AssertSqlSafe(self.texts.set_password(0)));
        for _ in 0..if self.names.earlier_hashes.is_some() { 8 } else { 7 } {
            update = update.bind(None::<String>);
        }
        start::try_write(self.pool, &table, &grant, update).await?;
        let Some((sessions, delete)) = self.ending_sessions() else { return Ok(()) };
        start::try_write(self.pool, &self.names.qualified(sessions), "select, delete", delete).await
    }

    /// The table of sessions, and the statement that ends those of no account.
    fn ending_sessions(&self) -> Option<(&str, Statement<'static>)> {
        let (sessions, (_, text)) = (self.names.sessions.as_ref()?, self.texts.end_sessions.as_ref()?);
        let delete = sqlx::query(AssertSqlSafe(text.to_string())).bind(None::<String>);
        let delete = if sessions.begun.is_some() { delete.bind(DateTime::<Utc>::UNIX_EPOCH) } else { delete };
        Some((&sessions.table, delete))
    }

    /// The statements that create the indexes without which finding an account, or ending its sessions, reads a whole table.
    async fn missing_indexes(&self) -> Result<Vec<String>, PortError> {
        let failed = failed(CANNOT_CHECK);
        let (names, texts) = (self.names, &self.texts);
        let index = |table: &str, on: String| format!("create index on {} ({on})", names.qualified(table));
        let of_users = |column: &String| index(&names.table, quoted(column));
        let email = index(&names.table, format!("lower({})", quoted(&names.email)));
        let lookups = [
            (Some(&texts.by_email), 2, Some(email)),
            (texts.by_username.as_ref(), 1, names.username.as_ref().map(of_users)),
            (texts.by_phone.as_ref(), UserTable::PHONE_FORMS, names.phone.as_ref().map(of_users)),
        ];
        let mut explained = Vec::new();
        for (text, forms, index) in lookups {
            let (Some(text), Some(index)) = (text, index) else { continue };
            let mut explain = sqlx::query(AssertSqlSafe(format!("explain {text}")));
            for _ in 0..forms {
                explain = explain.bind("unknown");
            }
            explained.push((explain, index));
        }
        if let (Some(sessions), Some((_, text))) = (&names.sessions, &texts.end_sessions) {
            // By an id that is not known to the planner: with null it reads nothing.
            let explain = sqlx::query(AssertSqlSafe(format!("explain {text}"))).bind(texts.id.example());
            let explain = if sessions.begun.is_some() { explain.bind(DateTime::<Utc>::UNIX_EPOCH) } else { explain };
            explained.push((explain, index(&sessions.table, quoted(&sessions.account))));
        }
        let mut transaction = self.pool.begin().await.map_err(&failed)?;
        // A small table is read whole however many indexes it has. Without that, a plan has a condition for an index, or reads
        // the whole table in the order of one. It then costs so much that Postgres would compile it, also when it only explains.
        let settings = "select set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)";
        sqlx::query(settings).execute(&mut *transaction).await.map_err(&failed)?;
        let mut missing = Vec::new();
        for (explain, index) in explained {
            let plan = explain.fetch_all(&mut *transaction).await.map_err(&failed)?;
            let lines = plan.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>();
            if !lines.map_err(&failed)?.iter().any(|line| line.contains("Index Cond")) {
                missing.push(index);
            }
        }
        Ok(missing)
    }
}

/// Two pools are of one database when it has one number in one run of one server.
async fn database(pool: &PgPool) -> Result<(DateTime<Utc>, i64), PortError> {
    sqlx::query_as(sql::DATABASE).fetch_one(pool).await.map_err(failed("cannot ask which database this is"))
}
