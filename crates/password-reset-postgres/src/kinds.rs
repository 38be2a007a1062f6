//! The calls that are carried out together when they come at once: each as a statement for one, and as one for many.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use password_reset::flow::Step;
use password_reset::ports::{Ack, Acknowledged, SourceCount};
use password_reset::{AccountId, AuditEvent, AuditRow, CloseReason, Digest, Reset, ResetId, State, StoredReset};
use sqlx::postgres::PgRow;
use sqlx::types::Uuid;
use sqlx::{PgConnection, Row};

use crate::row::{self, Statement, uuid};
use crate::spares::Spares;
use crate::sql;
use crate::store::Names;
use crate::together::{Kind, Together};

/// The database, and what the store's tables are called there.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pub(crate) spares: Spares,
    pub(crate) names: Names,
}

impl Tables {
    pub(crate) fn query<'q>(&self, text: &'static str) -> Statement<'q> {
        sqlx::query(self.names.text(text))
    }
}

/// All kinds of a store.
#[derive(Clone, Debug)]
pub(crate) struct Kinds {
    pub(crate) requests: Together<Requests>,
    pub(crate) steps: Together<Steps>,
    pub(crate) acks: Together<Acks>,
    pub(crate) completions: Together<Completions>,
    pub(crate) loads: Together<Loads>,
    pub(crate) live: Together<Live>,
    pub(crate) outcomes: Together<Outcomes>,
    pub(crate) first_permits: Together<FirstPermits>,
}

impl Kinds {
    pub(crate) fn of(tables: &Tables) -> Self {
        Self {
            requests: Together::new(Requests(tables.clone())),
            steps: Together::new(Steps(tables.clone())),
            acks: Together::new(Acks(tables.clone())),
            completions: Together::new(Completions(tables.clone())),
            loads: Together::new(Loads(tables.clone())),
            live: Together::new(Live(tables.clone())),
            outcomes: Together::new(Outcomes(tables.clone())),
            first_permits: Together::new(FirstPermits(tables.clone())),
        }
    }
}

/// Requests whose source is counted: `false` over the limit.
#[derive(Clone, Debug)]
pub(crate) struct Requests(Tables);

/// A request, its source, and its audit rows.
pub(crate) type Request = (Reset, SourceCount, Vec<AuditRow>);

#[async_trait]
impl Kind for Requests {
    type Asked = Request;
    type Answer = bool;
    type Row = Digest;

    fn spares(&self) -> &Spares {
        &self.0.spares
    }

    fn row(asked: &Request) -> Digest {
        asked.1.source
    }

    async fn one(&self, connection: &mut PgConnection, (reset, count, audit): &Request) -> Result<bool, sqlx::Error> {
        row::bind_audits(row::bind_all(self.0.query(sql::OPEN_COUNTED), reset.stored()), audit)
            .bind(count.source.as_bytes().as_slice())
            .bind(count.window_end())
            .bind(i64::from(count.limit))
            .fetch_one(connection)
            .await?
            .try_get(0)
    }

    async fn many(&self, connection: &mut PgConnection, asked: &[Request]) -> Result<Vec<Option<bool>>, sqlx::Error> {
        let statement = row::bind_resets(self.0.query(sql::OPEN_MANY), &stored(asked.iter().map(|(reset, ..)| reset)))
            .bind(asked.iter().map(|(_, count, _)| count.source.as_bytes().as_slice()).collect::<Vec<_>>())
            .bind(asked.iter().map(|(_, count, _)| count.window_end()).collect::<Vec<_>>())
            .bind(asked.iter().map(|(_, count, _)| i64::from(count.limit)).collect::<Vec<_>>());
        let audit = asked.iter().flat_map(|(reset, _, audit)| audit.iter().map(|row| (reset.id(), row)));
        let statement = row::bind_audits_of(statement, &audit.collect::<Vec<_>>());
        let opened = by_id(&statement.fetch_all(connection).await?, |_| Ok(()))?;
        Ok(asked.iter().map(|(reset, ..)| Some(opened.contains_key(&uuid(reset.id())))).collect())
    }
}

/// Steps that close no siblings and learn nothing: `false` when the row was not as the step wants it.
#[derive(Clone, Debug)]
pub(crate) struct Steps(Tables);

impl Steps {
    /// Carries any step out, but for the account.
    pub(crate) async fn carry_out(&self, connection: &mut PgConnection, step: &Step) -> Result<bool, sqlx::Error> {
        let closes = step.closes_siblings() && step.after().account().is_some();
        let text = sql::advance(closes, step.clears_failures(), step.learns().is_some());
        let mut statement = bind_step(self.0.query(text), step);
        if let Some(learnt) = step.learns() {
            statement = statement
                .bind(learnt.number.as_bytes().as_slice())
                .bind(learnt.id.as_ref().map(|id| id.as_bytes().as_slice()))
                .bind(learnt.identity.as_ref().map(|identity| identity.as_bytes().as_slice()))
                .bind(learnt.account.as_str())
                .bind(learnt.seen_at);
        }
        statement.fetch_one(connection).await?.try_get(0)
    }
}

#[async_trait]
impl Kind for Steps {
    type Asked = Step;
    type Answer = bool;
    type Row = ResetId;

    fn spares(&self) -> &Spares {
        &self.0.spares
    }

    fn row(asked: &Step) -> ResetId {
        asked.after().id()
    }

    async fn one(&self, connection: &mut PgConnection, asked: &Step) -> Result<bool, sqlx::Error> {
        self.carry_out(connection, asked).await
    }

    async fn many(&self, connection: &mut PgConnection, asked: &[Step]) -> Result<Vec<Option<bool>>, sqlx::Error> {
        let statement = row::bind_steps(self.0.query(sql::ADVANCE_MANY), &stored(asked.iter().map(Step::after)))
            .bind(asked.iter().map(|step| step.adds().bits()).collect::<Vec<_>>())
            .bind(asked.iter().map(|step| step.removes().bits()).collect::<Vec<_>>())
            .bind(asked.iter().map(Step::from_version).collect::<Vec<_>>())
            .bind(asked.iter().map(alive_at).collect::<Vec<_>>())
            .bind(asked.iter().map(Step::clears_failures).collect::<Vec<_>>());
        let audit = asked.iter().flat_map(|step| step.audit().iter().map(|row| (step.after().id(), row)));
        let statement = row::bind_audits_of(statement, &audit.collect::<Vec<_>>());
        let moved = by_id(&statement.fetch_all(connection).await?, |row| row.try_get("moved"))?;
        Ok(asked.iter().map(|step| moved.get(&uuid(step.after().id())).copied()).collect())
    }
}

/// Binds `$1` to `$33` of every statement that carries one step out.
pub(crate) fn bind_step<'q>(statement: Statement<'q>, step: &Step) -> Statement<'q> {
    let statement = row::bind_step(statement, step.after().stored())
        .bind(step.adds().bits())
        .bind(step.removes().bits())
        .bind(step.from_version())
        .bind(alive_at(step));
    row::bind_audits(statement, step.audit())
        .bind(step.at())
        .bind(State::Closed(CloseReason::OtherResetWon).code())
        .bind(AuditEvent::Closed.code())
        .bind("other_reset_won")
}

fn alive_at(step: &Step) -> DateTime<Utc> {
    if step.refuses_expired() { row::time(step.at()) } else { row::LONG_AGO }
}

/// What was paid.
#[derive(Clone, Debug)]
pub(crate) struct Acks(Tables);

/// What the statements say: whether more is owed, or nothing when the lease is another's.
fn settled(more_tasks: Option<bool>) -> Acknowledged {
    match more_tasks {
        Some(true) => Acknowledged::MoreTasks,
        Some(false) => Acknowledged::Done,
        None => Acknowledged::LeaseLost,
    }
}

#[async_trait]
impl Kind for Acks {
    type Asked = Ack;
    type Answer = Acknowledged;
    type Row = ResetId;

    fn spares(&self) -> &Spares {
        &self.0.spares
    }

    fn row(asked: &Ack) -> ResetId {
        asked.id
    }

    async fn one(&self, connection: &mut PgConnection, asked: &Ack) -> Result<Acknowledged, sqlx::Error> {
        let statement = self
            .0
            .query(sql::SETTLE)
            .bind(uuid(asked.id))
            .bind(asked.lease)
            .bind(asked.done.bits())
            .bind(i64::from(asked.notified))
            .bind(i64::from(asked.delivery_attempts))
            .bind(asked.seen.bits())
            .bind(asked.at)
            .bind(asked.retry_at);
        let row = row::bind_audits(statement, &asked.audit).fetch_optional(connection).await?;
        Ok(settled(row.map(|row| row.try_get(0)).transpose()?))
    }

    async fn many(
        &self,
        connection: &mut PgConnection,
        asked: &[Ack],
    ) -> Result<Vec<Option<Acknowledged>>, sqlx::Error> {
        let statement = self
            .0
            .query(sql::SETTLE_MANY)
            .bind(asked.iter().map(|one| uuid(one.id)).collect::<Vec<_>>())
            .bind(asked.iter().map(|one| one.lease).collect::<Vec<_>>())
            .bind(asked.iter().map(|one| one.done.bits()).collect::<Vec<_>>())
            .bind(asked.iter().map(|one| i64::from(one.notified)).collect::<Vec<_>>())
            .bind(asked.iter().map(|one| i64::from(one.delivery_attempts)).collect::<Vec<_>>())
            .bind(asked.iter().map(|one| one.seen.bits()).collect::<Vec<_>>())
            .bind(asked.iter().map(|one| one.at).collect::<Vec<_>>())
            .bind(asked.iter().map(|one| one.retry_at).collect::<Vec<_>>());
        let audit = asked.iter().flat_map(|one| one.audit.iter().map(|row| (one.id, row)));
        let statement = row::bind_audits_of(statement, &audit.collect::<Vec<_>>());
        let held = by_id(&statement.fetch_all(connection).await?, |row| row.try_get("more_tasks"))?;
        Ok(asked.iter().map(|one| held.get(&uuid(one.id)).copied().map(settled)).collect())
    }
}

/// Tries to set a password: the row as it then is, or none when there is no try left or no such row.
#[derive(Clone, Debug)]
pub(crate) struct Completions(Tables);

#[async_trait]
impl Kind for Completions {
    type Asked = (ResetId, u32);
    type Answer = Option<PgRow>;
    type Row = ResetId;

    fn spares(&self) -> &Spares {
        &self.0.spares
    }

    fn row(asked: &(ResetId, u32)) -> ResetId {
        asked.0
    }

    async fn one(
        &self,
        connection: &mut PgConnection,
        (id, limit): &(ResetId, u32),
    ) -> Result<Option<PgRow>, sqlx::Error> {
        let statement = self.0.query(sql::COUNT_COMPLETION).bind(uuid(*id)).bind(i64::from(*limit));
        statement.fetch_optional(connection).await
    }

    async fn many(
        &self,
        connection: &mut PgConnection,
        asked: &[(ResetId, u32)],
    ) -> Result<Vec<Option<Option<PgRow>>>, sqlx::Error> {
        let statement = self
            .0
            .query(sql::COUNT_COMPLETION_MANY)
            .bind(asked.iter().map(|(id, _)| uuid(*id)).collect::<Vec<_>>())
            .bind(asked.iter().map(|(_, limit)| i64::from(*limit)).collect::<Vec<_>>());
        let mut counted = HashMap::new();
        for row in statement.fetch_all(connection).await? {
            counted.insert(row.try_get::<Uuid, _>("id")?, row);
        }
        Ok(asked.iter().map(|(id, _)| counted.remove(&uuid(*id)).map(Some)).collect())
    }
}

/// Resets by their ids.
#[derive(Clone, Debug)]
pub(crate) struct Loads(Tables);

#[async_trait]
impl Kind for Loads {
    type Asked = ResetId;
    type Answer = Option<PgRow>;
    type Row = ResetId;

    fn row(asked: &ResetId) -> ResetId {
        *asked
    }

    fn spares(&self) -> &Spares {
        &self.0.spares
    }

    async fn one(&self, connection: &mut PgConnection, asked: &ResetId) -> Result<Option<PgRow>, sqlx::Error> {
        self.0.query(sql::LOAD).bind(uuid(*asked)).fetch_optional(connection).await
    }

    async fn many(
        &self,
        connection: &mut PgConnection,
        asked: &[ResetId],
    ) -> Result<Vec<Option<Option<PgRow>>>, sqlx::Error> {
        let ids: Vec<Uuid> = asked.iter().copied().map(uuid).collect();
        let mut found = HashMap::new();
        for row in self.0.query(sql::LOAD_MANY).bind(ids).fetch_all(connection).await? {
            found.insert(row.try_get::<Uuid, _>("id")?, row);
        }
        Ok(asked.iter().map(|id| Some(found.remove(&uuid(*id)))).collect())
    }
}

/// Open resets of an account, at a time, so many.
#[derive(Clone, Debug)]
pub(crate) struct Live(Tables);

#[async_trait]
impl Kind for Live {
    type Asked = (AccountId, DateTime<Utc>, u32);
    type Answer = Vec<PgRow>;
    type Row = AccountId;

    fn row(asked: &Self::Asked) -> AccountId {
        asked.0.clone()
    }

    fn spares(&self) -> &Spares {
        &self.0.spares
    }

    async fn one(
        &self,
        connection: &mut PgConnection,
        (account, at, limit): &Self::Asked,
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        let statement = self.0.query(sql::LIVE).bind(account.as_str()).bind(row::time(*at)).bind(i64::from(*limit));
        statement.fetch_all(connection).await
    }

    async fn many(
        &self,
        connection: &mut PgConnection,
        asked: &[Self::Asked],
    ) -> Result<Vec<Option<Vec<PgRow>>>, sqlx::Error> {
        let statement = self
            .0
            .query(sql::LIVE_MANY)
            .bind(asked.iter().map(|(account, ..)| account.as_str()).collect::<Vec<_>>())
            .bind(asked.iter().map(|(_, at, _)| row::time(*at)).collect::<Vec<_>>())
            .bind(asked.iter().map(|(.., limit)| i64::from(*limit)).collect::<Vec<_>>());
        let mut found = by_account(statement.fetch_all(connection).await?)?;
        Ok(asked.iter().map(|(account, ..)| Some(found.remove(account.as_str()).unwrap_or_default())).collect())
    }
}

/// The last audit row about each contact of an account.
#[derive(Clone, Debug)]
pub(crate) struct Outcomes(Tables);

#[async_trait]
impl Kind for Outcomes {
    type Asked = AccountId;
    type Answer = Vec<PgRow>;
    type Row = AccountId;

    fn row(asked: &AccountId) -> AccountId {
        asked.clone()
    }

    fn spares(&self) -> &Spares {
        &self.0.spares
    }

    async fn one(&self, connection: &mut PgConnection, asked: &AccountId) -> Result<Vec<PgRow>, sqlx::Error> {
        self.0.query(sql::OUTCOMES).bind(asked.as_str()).fetch_all(connection).await
    }

    async fn many(
        &self,
        connection: &mut PgConnection,
        asked: &[AccountId],
    ) -> Result<Vec<Option<Vec<PgRow>>>, sqlx::Error> {
        let accounts: Vec<&str> = asked.iter().map(AccountId::as_str).collect();
        let statement = self.0.query(sql::OUTCOMES_MANY).bind(accounts);
        let mut found = by_account(statement.fetch_all(connection).await?)?;
        Ok(asked.iter().map(|account| Some(found.remove(account.as_str()).unwrap_or_default())).collect())
    }
}

/// First tokens of buckets that are full: `false` when the bucket is not.
#[derive(Clone, Debug)]
pub(crate) struct FirstPermits(Tables);

#[async_trait]
impl Kind for FirstPermits {
    type Asked = (Digest, DateTime<Utc>);
    type Answer = bool;
    type Row = Digest;

    fn row(asked: &(Digest, DateTime<Utc>)) -> Digest {
        asked.0
    }

    fn spares(&self) -> &Spares {
        &self.0.spares
    }

    async fn one(
        &self,
        connection: &mut PgConnection,
        (key, full_at): &(Digest, DateTime<Utc>),
    ) -> Result<bool, sqlx::Error> {
        let statement = self.0.query(sql::FIRST_TOKEN).bind(key.as_bytes().as_slice()).bind(full_at);
        Ok(statement.execute(connection).await?.rows_affected() > 0)
    }

    async fn many(
        &self,
        connection: &mut PgConnection,
        asked: &[(Digest, DateTime<Utc>)],
    ) -> Result<Vec<Option<bool>>, sqlx::Error> {
        let statement = self
            .0
            .query(sql::FIRST_TOKEN_MANY)
            .bind(asked.iter().map(|(key, _)| key.as_bytes().as_slice()).collect::<Vec<_>>())
            .bind(asked.iter().map(|(_, full_at)| *full_at).collect::<Vec<_>>());
        let mut taken = HashSet::new();
        for row in statement.fetch_all(connection).await? {
            taken.insert(row.try_get::<Vec<u8>, _>("key")?);
        }
        Ok(asked.iter().map(|(key, _)| Some(taken.contains(key.as_bytes().as_slice()))).collect())
    }
}

fn by_account(rows: Vec<PgRow>) -> Result<HashMap<String, Vec<PgRow>>, sqlx::Error> {
    let mut found: HashMap<String, Vec<PgRow>> = HashMap::new();
    for row in rows {
        found.entry(row.try_get("account")?).or_default().push(row);
    }
    Ok(found)
}

fn stored<'r>(resets: impl Iterator<Item = &'r Reset>) -> Vec<&'r StoredReset> {
    resets.map(Reset::stored).collect()
}

fn by_id<T>(rows: &[PgRow], read: impl Fn(&PgRow) -> Result<T, sqlx::Error>) -> Result<HashMap<Uuid, T>, sqlx::Error> {
    rows.iter().map(|row| Ok((row.try_get("id")?, read(row)?))).collect()
}
