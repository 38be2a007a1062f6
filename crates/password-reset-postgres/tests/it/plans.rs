//! Every statement finds its rows by an index, and Postgres settles on plans that serve all values.

use std::time::Duration;

use password_reset::flow::{AuditEvent, CloseReason, Event, Reset, State, Step};
use password_reset::ports::{
    Accounts, Ack, Attempt, AttemptKind, AuditFilter, Digest, Due, KnownSender, LeaseRequest, Purge, Quota, ResetStore,
    SenderName, Senders, Transitioned,
};
use password_reset::{Channel, InboundMode, ProofKind};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use sqlx::{AssertSqlSafe, Row};

use crate::common::{World, after, apply, issue, note, prove, request};

#[path = "../../src/sql.rs"]
#[allow(dead_code, reason = "not every text has a plan worth reading")]
#[macro_use]
mod sql;
#[path = "../../src/acks/sql.rs"]
mod acks;
#[path = "../../src/trail/sql.rs"]
#[allow(dead_code, reason = "not every text has a plan")]
mod trail;

/// So many rows that reading a whole table never pays: live and ended resets of others, their audit, counters and senders.
const CROWD: &str = "
    insert into password_reset_resets (realm, id, version, channel, state, locale, identifier_kind, identifier, key_id, nonce,
        source, subject, inbound_key, created_at, shown_until, expires_at, account, fingerprint, issued_at, link_until,
        code_until, proved_by, hash_digests, set_at, due_at, tasks, code_attempts,
        step_up_attempts, completion_attempts, delivery_attempts, notified)
    select 'default', md5('id' || n)::uuid, 3, 'email_link', state, 'en', 'email', 'crowd' || n || '@toko.example', 'key 1',
        sha256(('nonce' || n)::bytea), sha256(('source' || n % 900)::bytea), sha256(('subject' || n)::bytea),
        case when n % 3 = 0 then sha256(('inbound' || n)::bytea) end,
        at, at + interval '30 minutes', at + interval '30 minutes', 'crowd ' || n % 7000, sha256(('fingerprint' || n)::bytea),
        at, at + interval '30 minutes', at + interval '10 minutes', case state when 'password_set' then 'link' end, '',
        case state when 'password_set' then at end, at + interval '1 year', case n % 2 when 0 then 16 else 0 end, 0, 0, 1, 0, 0
    from (select n, timestamptz '2023-11-14 22:13:20+00' - n * interval '20 seconds' as at,
              (array['code_issued', 'password_set', 'closed_other_reset_won'])[1 + n % 3] as state
          from generate_series(1, 20000) as n) as crowd;
    insert into password_reset_audit (realm, at, event, reset_id, account, channel, source, contact)
    select realm, created_at, 'requested', id, case when n % 2 = 0 then account end, channel, source, subject
    from password_reset_resets, generate_series(1, 3) as n;
    insert into password_reset_quotas select sha256(n::text::bytea), timestamptz '2023-11-14 23:00+00'
    from generate_series(1, 20000) as n;
    insert into password_reset_senders
    select 'default', sha256(('number' || n)::bytea), sha256(('name' || n)::bytea), null, 'crowd ' || n, '2023-11-14 22:00+00'
    from generate_series(1, 20000) as n;
    insert into users select n, 'crowd' || n || '@toko.example', 'old' from generate_series(100, 20000) as n;
    analyze;
";

/// The types of what steps change, of what they do not, and of an audit row.
const STEP: &str = "uuid, bigint, text, bytea, timestamptz, text, bytea, timestamptz, timestamptz, timestamptz, text, text, bytea, \
                    text, timestamptz, timestamptz";
const REST: &str = "text, text, text, text, text, bytea, bytea, bytea, timestamptz, timestamptz, bigint, bigint, bigint, bigint, \
                    bigint, bigint";
const AUDIT: &str = "timestamptz, text, uuid, text, text, text, bytea, bytea, text";

#[tokio::test]
async fn every_statement_uses_an_index() {
    use_indexes(CROWD, &[]).await;
}

/// Strangers decide how much noise there is in the trail: a purge reads the rows that it deletes and no others, however many older
/// ones stay.
#[tokio::test]
async fn a_purge_reads_only_what_it_deletes() {
    let world = World::new().await;
    world.run(CROWD).await;
    let mut connection = world.pool.acquire().await.unwrap();
    let prepare = format!(
        "prepare looked_at (timestamptz, timestamptz, timestamptz, bigint, text, timestamptz) as {}",
        sql::PURGE
    );
    sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut *connection).await.unwrap();
    sqlx::query("set plan_cache_mode = force_generic_plan").execute(&mut *connection).await.unwrap();
    let long_ago = "'2020-01-01', '2020-01-01', '2020-01-01', 100, 'default', ";
    let explain = format!("explain (analyze, costs off, timing off) execute looked_at ({long_ago} '2023-11-14 22:00')");
    let plan = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(&mut *connection).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    let wrong = ["Seq Scan", "Sort", "Rows Removed"];
    assert!(!plan.iter().any(|line| wrong.iter().any(|word| line.contains(word))), "{}", plan.join("\n"));
    assert!(plan.iter().any(|line| line.contains("password_reset_audit_noise_purge")), "{}", plan.join("\n"));
    connection.close().await.unwrap();
}

/// A plan serves until the table is analyzed, which is minutes after its first rows. By then every reset of a busy site would
/// have read all that came before it. While a table is empty the plan is another than when it has its first rows.
#[tokio::test]
async fn every_statement_of_a_reset_uses_an_index_while_tables_are_new() {
    let rare = [sql::LEASE, sql::PURGE, sql::LOCK_FAMILY, trail::EXPORT_RESETS, trail::EXPORT_AUDIT];
    for crowd in ["", &first_rows()] {
        use_indexes(crowd, &[&rare[..], &sql::ERASE].concat()).await;
    }
}

/// Some rows in each table, which Postgres has not counted yet.
fn first_rows() -> String {
    CROWD.replace("20000", "400").replace("analyze;", "")
}

async fn use_indexes(crowd: &str, except: &[&str]) {
    let world = World::new().await;
    world.run(crowd).await;
    let open = format!("{STEP}, {REST}, bigint, timestamptz, {AUDIT}, text, bytea");
    let open_with_permit = format!("{open}, bytea, timestamptz, bigint, timestamptz, timestamptz");
    let audits = "timestamptz[], text[], uuid[], text[], text[], text[], bytea[], bytea[], text[]";
    let acknowledge =
        format!("uuid, bigint, bigint, bigint, bigint, bigint, timestamptz, timestamptz, {audits}, text, timestamptz");
    let acknowledge_many = format!(
        "uuid[], bigint[], bigint[], bigint[], bigint[], bigint[], timestamptz[], timestamptz[], {audits}, uuid[], bigint[], text, timestamptz[]"
    );
    let attempt = "uuid, bigint, text, bytea, timestamptz, bigint, timestamptz, timestamptz, bytea, timestamptz, bigint, timestamptz, timestamptz";
    let read = |[select, from]: [&str; 2]| format!("{select}{from}");
    let [load, load_inbound] = [sql::LOAD, sql::LOAD_INBOUND].map(read);
    let [code, step_up, completion] = [("code_attempts", 2), ("step_up_attempts", 2), ("completion_attempts", 0)]
        .map(|(counter, quotas)| sql::attempt(counter, quotas).concat());
    let mut texts = vec![
        (sql::OPEN, open.as_str()),
        (&sql::OPEN_WITH_PERMIT, &open_with_permit),
        (&load, "uuid, text"),
        (&load_inbound, "bytea, text"),
        (sql::EXISTS, "uuid, text"),
        (sql::SENDER_BY_NUMBER, "bytea, text"),
        (sql::SENDER_BY_ID, "bytea, text"),
        (sql::FORGET_NUMBER, "bytea, text"),
        (sql::FORGET_ID, "bytea, text"),
        (sql::LIVE, "text, timestamptz, bigint, text"),
        (sql::LOCKED, "text, timestamptz, text"),
        (sql::ACCOUNT_STATE, "text, bytea[], timestamptz, text, text"),
        (sql::VERSIONS, "uuid[], text"),
        (trail::AUDIT_AFTER, "text, text, bigint, timestamptz, bigint"),
        (trail::LEASE_FEED, "text, text, bigint, timestamptz, text, timestamptz, timestamptz"),
        (trail::EXPORT_RESETS, "text, text, bytea[]"),
        (trail::EXPORT_AUDIT, "text, text, bytea[]"),
        (trail::EXPORT_SENDERS, "text, text"),
        (trail::EXPORT_QUOTAS, "bytea[]"),
        (&code, attempt),
        (&step_up, attempt),
        (&completion, "uuid, bigint, text"),
        (sql::REFILL, "bytea[]"),
        (sql::LEASE, "timestamptz, timestamptz, bigint, text, timestamptz"),
        (sql::HEALTH, "timestamptz, bigint, text"),
        (acks::ACKNOWLEDGE, &acknowledge),
        (acks::ACKNOWLEDGE_MANY, &acknowledge_many),
        (sql::QUOTA, "bytea"),
        (sql::FIRST_PERMIT, "bytea, timestamptz"),
        (sql::NEXT_PERMIT, "bytea, timestamptz, timestamptz"),
        (sql::HISTORY, "text, bigint, text"),
        (sql::OUTCOMES, "text, text"),
        (sql::PURGE, "timestamptz, timestamptz, timestamptz, bigint, text, timestamptz"),
        (sql::LOCK_FAMILY, "text, text"),
        (sql::ERASE_NAMED, "bytea[], text"),
    ];
    texts.extend(sql::ERASE.map(|text| (text, "text, text")));
    let mut connection = world.pool.acquire().await.unwrap();
    sqlx::query("set plan_cache_mode = force_generic_plan").execute(&mut *connection).await.unwrap();
    for (text, types) in texts {
        assert!(!shows_a_range(text), "{text}");
        let run = async |connection: &mut sqlx::PgConnection, text: String| {
            sqlx::raw_sql(AssertSqlSafe(text)).fetch_all(connection).await.unwrap()
        };
        run(&mut connection, format!("prepare looked_at ({types}) as {text}")).await;
        let nulls = vec!["null"; types.split(',').count()].join(", ");
        let plan = run(&mut connection, format!("explain execute looked_at ({nulls})")).await;
        let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
        assert!(reads_few_rows(&plan) || text == sql::PURGE || except.contains(&text), "{}\n{text}", plan.join("\n"));
        run(&mut connection, "deallocate looked_at".to_owned()).await;
    }
    connection.close().await.unwrap();
}

/// Whether a plan looks its rows up. The indexes for purging have all rows of a realm in them, one beside the other.
fn reads_few_rows(plan: &[String]) -> bool {
    !plan.iter().any(|line| line.contains("Seq Scan") || line.contains("_purge"))
}

/// Whether the planner sees a value that says how many rows are wanted: at some size of the table it would then plan every call.
fn shows_a_range(text: &str) -> bool {
    let ranges = ["<", "<=", ">", ">="].map(|than| format!("_at {than} $"));
    // Of a row that is found by its key.
    let text = text.replace("q.full_at", "");
    text.contains("limit $") || ranges.iter().any(|range| text.contains(range)) || text.contains(" at < $")
}

struct Node {
    world: World,
    pool: sqlx::PgPool,
    store: PostgresStore,
    accounts: PostgresAccounts,
}

impl Node {
    async fn moved(&self, step: &Step) -> Reset {
        assert!(matches!(self.store.transition(step).await.unwrap(), Transitioned::Moved { .. }));
        step.after().clone()
    }

    /// A whole reset by mail of one account, with everything that may happen to it.
    async fn by_mail(&self, round: u8, account: &str) {
        let (store, accounts) = (&self.store, &self.accounts);
        let source = Quota::new(Digest::from_bytes([round; 32]), 300, Duration::from_secs(12), after(0));
        let reset = request();
        store.open(&reset, Some(&source), None, &[note(AuditEvent::Requested).of(&reset)]).await.unwrap();
        for leased in store.lease(&Due::new(after(1), after(60), 100)).await.unwrap() {
            let mut ack = Ack::new(&leased, after(1));
            ack.retry_at = after(4000);
            store.acknowledge(&[ack]).await.unwrap();
        }
        let quota = Quota::new(Digest::from_bytes([200; 32]), 100, Duration::from_secs(60), after(0));
        store.take_permit(&quota).await.unwrap();
        let state = store.account_state(&account.into(), &[quota.key], after(0)).await.unwrap();
        let claim = quota.claim(state.full_at[0]).unwrap().0;
        let issued = self.moved(&issue(&reset, account).claiming(claim).leasing(LeaseRequest::take(after(90)))).await;
        store.attempt(&Attempt::new(reset.id(), AttemptKind::Code, 5).taking([source, quota])).await.unwrap();
        self.moved(&prove(&issued).refilling([source.key, quota.key])).await;
        store.attempt(&Attempt::new(reset.id(), AttemptKind::Completion, 20)).await.unwrap();
        let verified = store.load(reset.id()).await.unwrap().unwrap().reset;
        let was = accounts.load(&account.into()).await.unwrap().unwrap();
        accounts.find(&password_reset::Identifier::email("ana@toko.example").unwrap()).await.unwrap();
        let step = apply(&verified, &was, &format!("hash {round}")).refilling([quota.key]);
        assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Finished { lease: None });
    }

    /// As where the accounts are elsewhere.
    async fn apart(&self, round: u8) {
        let store = PostgresStore::new(&self.pool);
        let issued = request();
        store.open(&issued, None, None, &[]).await.unwrap();
        let issued = self.moved(&issue(&issued, "2")).await;
        let verified = self.moved(&prove(&issued)).await;
        let was = self.accounts.load(&"2".into()).await.unwrap().unwrap();
        let step = apply(&verified, &was, &format!("hash {round}"));
        assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Moved { lease: None });
        let finish = Step::new(step.after(), &Event::Finish { lockable_until: None }, after(5), vec![]).unwrap();
        assert_eq!(self.moved(&finish).await.state(), State::PasswordSet);
    }

    async fn by_message(&self, round: u8) {
        let number = Digest::from_bytes([round; 32]);
        let asked = request();
        let mut row = asked.stored().clone();
        row.channel = Channel::WhatsAppInbound(InboundMode::PageAdvances);
        row.inbound_key = Some(Digest::from_bytes(asked.stored().nonce));
        row.identifier_kind = password_reset::identity::IdentifierKind::Phone;
        row.identifier = "+6281200000001".to_owned();
        let asked = Reset::from_stored(row).unwrap();
        self.store.open(&asked, None, None, &[]).await.unwrap();
        let issued = self.moved(&issue(&asked, "1")).await;
        self.store.load_inbound(&Digest::from_bytes(asked.stored().nonce)).await.unwrap();
        let event = Event::Prove { proof: ProofKind::Message, until: after(900) };
        let mut learnt = KnownSender::new(number, "1".into(), after(0));
        learnt.id = Some(Digest::from_bytes([round; 32]));
        let message_received = Step::new(&issued, &event, after(2), vec![]).unwrap().learning(learnt);
        let message_received = self.moved(&message_received).await;
        Senders::sender(&self.store, &SenderName::Id(number)).await.unwrap();
        let close = Event::Close(CloseReason::Cancelled);
        self.moved(&Step::new(&message_received, &close, after(3), vec![]).unwrap()).await;
    }
}

impl Node {
    /// Upkeep and reads.
    async fn beside(&self) {
        let (store, long_ago) = (&self.store, after(-1_000_000));
        assert_eq!(store.purge(&Purge::new(long_ago, long_ago, long_ago, 1_000)).await.unwrap(), 0);
        let unknown = password_reset::AccountId::new("unknown");
        store.erase(&unknown, &[]).await.unwrap();
        store.audit(&AuditFilter::Newest { account: unknown.clone(), limit: 50 }).await.unwrap();
        store.audit(&AuditFilter::NewestOfEachContact { account: unknown.clone() }).await.unwrap();
        store.live(&unknown, after(0), 50).await.unwrap();
        store.versions(&[request().id()]).await.unwrap();
        store.audit_after(None, after(0), 50).await.unwrap();
    }
}

/// Planning each call costs as much as the call (see the decision on one statement a step).
#[tokio::test]
async fn postgres_settles_on_generic_plans() {
    let world = World::new().await;
    world.run(CROWD).await;
    let pool = world.pool_with(1, &[]).await;
    let accounts = PostgresAccounts::new(&pool, "users");
    let store = PostgresStore::new(&pool).writing(accounts.clone()).not_listening();
    let node = Node { world, pool, store, accounts };
    for round in 0..12 {
        node.by_mail(round, "1").await;
        node.apart(round).await;
        node.by_message(round).await;
        node.beside().await;
    }
    let plans = sqlx::query(
        "select statement, generic_plans, custom_plans from pg_prepared_statements \
         where statement ~ '(password_reset_|\"users\")' and generic_plans + custom_plans > 10 order by 1",
    );
    let plans = plans.fetch_all(&node.pool).await.unwrap();
    assert!(plans.len() > 24, "only {} statements were run often enough", plans.len());
    let mut wrong = Vec::new();
    for plan in &plans {
        let (text, generic, custom): (String, i64, i64) = (plan.get(0), plan.get(1), plan.get(2));
        if generic == 0 || custom > 5 {
            wrong.push(format!("{generic} generic and {custom} custom plans of {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    whole_tables_are_read_by_none(&node.pool).await;
    drop(node.world);
}

#[tokio::test]
async fn every_step_uses_an_index_while_tables_are_new() {
    for crowd in ["", &first_rows()] {
        let world = World::new().await;
        world.run(crowd).await;
        let pool = world.pool_with(1, &[]).await;
        let accounts = PostgresAccounts::new(&pool, "users");
        let store = PostgresStore::new(&pool).writing(accounts.clone()).not_listening();
        let node = Node { world, pool, store, accounts };
        node.by_mail(0, "1").await;
        node.apart(0).await;
        node.by_message(0).await;
        whole_tables_are_read_by_none(&node.pool).await;
        drop(node.world);
    }
}

/// Steps have texts that are put together, so their plans are looked at where they were prepared.
async fn whole_tables_are_read_by_none(pool: &sqlx::PgPool) {
    sqlx::query("set plan_cache_mode = force_generic_plan").execute(pool).await.unwrap();
    let prepared = "select name, statement, cardinality(parameter_types) from pg_prepared_statements \
                    where statement ~ '^with .*moved'";
    let prepared = sqlx::query(prepared).fetch_all(pool).await.unwrap();
    assert!(prepared.len() > 4, "the steps were not prepared");
    for row in &prepared {
        let (name, text, count): (String, String, i32) = (row.get(0), row.get(1), row.get(2));
        let nulls = vec!["null"; count.try_into().unwrap()].join(", ");
        let explain = AssertSqlSafe(format!("explain execute \"{name}\" ({nulls})"));
        let plan: Vec<String> =
            sqlx::raw_sql(explain).fetch_all(pool).await.unwrap().iter().map(|row| row.get(0)).collect();
        assert!(reads_few_rows(&plan), "{}\n{text}", plan.join("\n"));
    }
}

/// Commits that a power cut may take back, because the work would only be done again, do not wait for the disk; all others
/// do (see the decision on one statement a step).
#[tokio::test]
async fn leases_acknowledgements_and_permits_do_not_wait_for_the_disk() {
    let world = World::new().await;
    let store = world.store();
    let reset = request();
    store.open(&reset, None, Some(after(5)), &[]).await.unwrap();
    let id = sqlx::types::Uuid::from_bytes(*reset.id().as_bytes());
    let key = Digest::from_bytes([7; 32]);
    let setting = async |connection: &mut sqlx::PgConnection| -> String {
        sqlx::query_scalar("select current_setting('synchronous_commit')").fetch_one(connection).await.unwrap()
    };
    let mut connection = world.pool.acquire().await.unwrap();
    let [code, completion] = [("code_attempts", 1), ("completion_attempts", 0)]
        .map(|(counter, quotas)| sql::attempt(counter, quotas).concat());
    for (text, waits) in [
        (sql::LEASE, false),
        (sql::FIRST_PERMIT, false),
        (acks::ACKNOWLEDGE, false),
        (&completion, false),
        (&code, false),
        (sql::REFILL, true),
    ] {
        let mut transaction = sqlx::Connection::begin(&mut *connection).await.unwrap();
        let mut statement = sqlx::query(AssertSqlSafe(text.to_owned()));
        statement = match text {
            sql::LEASE => statement.bind(after(9)).bind(after(99)).bind(1_i64).bind("default").bind(after(999)),
            sql::FIRST_PERMIT => statement.bind(key.as_bytes().as_slice()).bind(after(9)),
            sql::REFILL => statement.bind(vec![key.as_bytes().as_slice()]),
            acks::ACKNOWLEDGE => {
                let statement = statement.bind(id).bind(1_i64).bind(0_i64).bind(0_i64).bind(0_i64).bind(0_i64);
                let statement =
                    statement.bind(after(9)).bind(after(9)).bind(Vec::<chrono::DateTime<chrono::Utc>>::new());
                let texts = Vec::<String>::new;
                let statement =
                    statement.bind(texts()).bind(Vec::<sqlx::types::Uuid>::new()).bind(texts()).bind(texts());
                statement
                    .bind(texts())
                    .bind(Vec::<Vec<u8>>::new())
                    .bind(Vec::<Vec<u8>>::new())
                    .bind(texts())
                    .bind("default")
                    .bind(None::<chrono::DateTime<chrono::Utc>>)
            }
            _ => statement.bind(id).bind(5_i64).bind("default"),
        };
        if text == code {
            statement =
                statement.bind(key.as_bytes().as_slice()).bind(after(9)).bind(1_i64).bind(after(99)).bind(after(199));
        }
        statement.execute(&mut *transaction).await.unwrap();
        assert_eq!(setting(&mut transaction).await, if waits { "on" } else { "off" }, "{text}");
        transaction.rollback().await.unwrap();
        // The setting ends with the statement.
        assert_eq!(setting(&mut connection).await, "on", "{text}");
    }
}
