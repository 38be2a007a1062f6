//! The cost of each store operation in tables of a thousand, a million and ten million rows, in turns: live resets, dead
//! ones, and three audit rows for each. On Postgres it also counts the scans of every table and index, which are equal when
//! the plans are, and fails when a statement is planned for each call. `-- postgres` runs one engine alone.
#![allow(clippy::disallowed_methods, reason = "benches measure real time")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use benches::database::Database;
use password_reset::flow::{AuditEvent, Reset};
use password_reset::ports::{Ack, Attempt, AttemptKind, AuditFilter, Due, Purge, Quota, ResetStore, SystemRandom};
use password_reset::{AccountId, ResetId};
use password_reset_testkit::sample::{self, after, noon};

/// One run of every operation takes a few milliseconds.
const ROUNDS: usize = 2_000;

/// How many rows a reset has, with itself.
const ROWS_OF_RESET: u32 = 4;

#[tokio::main]
async fn main() -> Result<()> {
    let (sizes, rounds) =
        if benches::measures() { ([1_000, 1_000_000, 10_000_000], ROUNDS) } else { ([40, 400, 800], 2) };
    for engine in benches::engines() {
        engine_at(engine, sizes, rounds).await?;
    }
    Ok(())
}

async fn engine_at(engine: &str, sizes: [u32; 3], rounds: usize) -> Result<()> {
    let mut worlds: Vec<(Database, Arc<dyn ResetStore>)> = Vec::new();
    for rows in sizes {
        let database = Database::open(engine, 1, true).await?;
        let (_, store) = database.ports().await?;
        database.add_users(10).await?;
        let start = Instant::now();
        fill(&database, rows / ROWS_OF_RESET).await?;
        let [resets, bytes] = database.size().await?;
        println!("{engine}: {rows} rows in {:.0?}, {} bytes a reset", start.elapsed(), bytes / resets.max(1));
        worlds.push((database, store));
    }
    let mut before = Vec::new();
    for (database, _) in &worlds {
        before.push(database.scans().await?);
    }
    let mut times: BTreeMap<&'static str, [Vec<Duration>; 3]> = BTreeMap::new();
    for _ in 0..rounds {
        for (at, (_, store)) in worlds.iter().enumerate() {
            for (what, time) in every_operation(store).await? {
                times.entry(what).or_default()[at].push(time);
            }
        }
    }
    for (what, times) in times {
        // Other load on the machine only makes calls slower, so the fastest tenth is the most reliable.
        for (which, tenth) in [("median", 5), ("quickest tenth", 1)] {
            let [few, many, most] = times.each_ref().map(|times| tenths(times, tenth));
            let ratio = |more: Duration| more.as_secs_f64() / few.as_secs_f64();
            let [a, b, c] = [few, many, most].map(|time| time.as_micros());
            println!("{engine}, {what}, {which}: {a} µs, {b} µs ({:.2}), {c} µs ({:.2})", ratio(many), ratio(most));
        }
    }
    let mut scans = Vec::new();
    for ((database, _), before) in worlds.iter().zip(before) {
        let after = database.scans().await?.into_iter().zip(before);
        scans.push(after.map(|((of, after), (_, before))| (of, after - before)).collect::<Vec<_>>());
    }
    let [few, many, most] = &scans[..] else { unreachable!("three sizes") };
    for ((of, few), ((_, many), (_, most))) in few.iter().zip(many.iter().zip(most)) {
        println!("{engine}, scans of {of}: {few}, {many}, {most}");
    }
    // In a thousand rows a full scan may be the fastest plan, and one for each call be worth its time.
    ensure!(rounds < ROUNDS || many == most, "the plans are not the same");
    for (database, _) in &worlds[1..] {
        let statements = database.planned_anew().await?;
        ensure!(statements.is_empty(), "planned for each call:\n{}", statements.join("\n"));
    }
    Ok(())
}

/// The time within which this many tenths of the calls were done.
fn tenths(times: &[Duration], tenths: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() * tenths / 10).copied().unwrap_or_default()
}

/// SQL expressions for a series, ids, random bytes and times, which differ by engine.
struct Dialect {
    numbers: String,
    id: fn(&str) -> String,
    bytes: fn(&str) -> String,
    empty: &'static str,
    at: fn(&str) -> String,
}

impl Dialect {
    fn of(database: &Database, rows: u32) -> Self {
        match database {
            Database::Sqlite { .. } => Self {
                numbers: format!(
                    "(with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {rows}) \
                     select n from numbers)"
                ),
                // As the service makes them: the time, and the rest at random.
                id: |millis| format!("unhex(printf('%012x', {millis}) || hex(randomblob(10)))"),
                bytes: |_| "randomblob(32)".to_owned(),
                empty: "x''",
                at: str::to_owned,
            },
            Database::Postgres { .. } => Self {
                numbers: format!("generate_series(1, {rows})"),
                id: |millis| {
                    format!("(lpad(to_hex(({millis})::bigint), 12, '0') || substr(md5('id' || n), 1, 20))::uuid")
                },
                bytes: |of| format!("sha256(('{of}' || n)::bytea)"),
                empty: "''::bytea",
                at: |millis| format!("to_timestamp(({millis}) / 1000.0)"),
            },
        }
    }
}

/// A third is live, two thirds are dead; one in a hundred has a task that is due in some minutes.
async fn fill(database: &Database, rows: u32) -> Result<()> {
    let columns = "realm, id, version, channel, state, locale, identifier_kind, identifier, key_id, nonce, source, subject, \
                   inbound_key, created_at, shown_until, expires_at, account, fingerprint, issued_at, link_until, code_until, \
                   proved_by, hash_digests, set_at, due_at, tasks, code_attempts, step_up_attempts, \
                   completion_attempts, delivery_attempts, notified";
    let state = "case n % 3 when 0 then 'code_issued' when 1 then 'password_set' else 'closed_other_reset_won' end";
    let noon = noon().timestamp_millis();
    let Dialect { numbers, id, bytes, empty, at } = Dialect::of(database, rows);
    let millis = format!("{noon} + 86400000 - n % 86400000");
    let later = |minutes: i64| at(&format!("{millis} + {}", minutes * 60_000));
    let text = format!(
        "insert into password_reset_resets ({columns})
         select 'default', {id}, 3, 'email_link', {state}, 'en', 'email', 'crowd' || n || '@toko.example', 'key 1', {nonce}, {source},
             {subject}, case when n % 3 = 0 then {inbound} end, {created}, {shown}, {shown}, 'crowd ' || n / 3, {fingerprint},
             {created}, {shown}, {code}, case when n % 3 = 1 then 'link' end, {empty},
             case when n % 3 = 1 then {created} end, {due}, case when n % 100 = 0 then 16 else 0 end, 0, 0, 1, 0, 0
         from {numbers} as numbers (n);",
        id = id(&millis),
        nonce = bytes("nonce"),
        source = bytes("source"),
        subject = bytes("subject"),
        inbound = bytes("inbound"),
        fingerprint = bytes("fingerprint"),
        created = later(0),
        shown = later(30),
        code = later(10),
        // Within half an hour: a task that is due later than one can be put off is due at once, for the clock was set back.
        due = at(&format!("{noon} + 600000 + n % 900000")),
    );
    // Memory for all indexes during the inserts, whose order suits none of them, and for the vacuum afterwards.
    let (room, text, tidy) = match database {
        Database::Sqlite { .. } => (
            "pragma cache_size = -3000000;",
            text.replace(" as numbers (n)", ""),
            ["analyze", "pragma wal_checkpoint(truncate)"],
        ),
        Database::Postgres { .. } => ("", text, ["vacuum (freeze, analyze)", "checkpoint"]),
    };
    database.run_apart(&format!("{room} {text}")).await?;
    for contact in ["null", "subject", "null"] {
        let audit = format!(
            "insert into password_reset_audit (realm, at, event, reset_id, account, channel, source, contact)
             select realm, created_at, 'requested', id, account, channel, source, {contact} from password_reset_resets"
        );
        database.run_apart(&format!("{room} {audit}")).await?;
    }
    for tidy in tidy {
        database.run_apart(tidy).await?;
    }
    Ok(())
}

/// A whole reset and the operations beside it, each timed.
async fn every_operation(store: &Arc<dyn ResetStore>) -> Result<Vec<(&'static str, Duration)>> {
    let mut times = Vec::new();
    macro_rules! timed {
        ($what:literal, $call:expr) => {{
            let start = Instant::now();
            let answer = $call.await?;
            times.push(($what, start.elapsed()));
            answer
        }};
    }
    let account = sample::account_id();
    let mut new = sample::new_reset(noon());
    new.id = ResetId::generate(noon(), &SystemRandom)?;
    let reset = Reset::open(new);
    let note = sample::audit(AuditEvent::Requested, &reset, noon());
    let source = Quota::new(sample::digest(), 300, Duration::from_secs(12), noon());
    timed!("open", store.open(&reset, Some(&source), None, std::slice::from_ref(&note)));
    let leased = timed!("lease", store.lease(&Due::new(after(noon(), 1_000), after(noon(), 2_000), 128)));
    let acks: Vec<Ack> = leased
        .iter()
        .map(|leased| {
            let mut ack = Ack::new(leased, after(noon(), 1_500));
            ack.done = leased.reset.tasks();
            ack.audit = vec![note.clone()];
            ack
        })
        .collect();
    timed!("acknowledge", store.acknowledge(&acks));
    let reset = timed!("load", store.load(reset.id())).map_or(reset, |loaded| loaded.reset);
    let quota = Quota::new(sample::digest(), 3, Duration::from_secs(60), noon());
    timed!("account state", store.account_state(&account, &[quota.key], noon()));
    let (claim, _) = quota.claim(None).context("an unused quota has a permit")?;
    let issue = sample::issue(&reset, &account, noon()).claiming(claim);
    timed!("issue", store.transition(&issue));
    let attempt = |kind| Attempt::new(reset.id(), kind, 20).taking([source, quota]);
    timed!("attempt a code", store.attempt(&attempt(AttemptKind::Code)));
    let prove = sample::prove(issue.after(), noon()).refilling([quota.key]);
    timed!("prove", store.transition(&prove));
    timed!("attempt a completion", store.attempt(&Attempt::new(reset.id(), AttemptKind::Completion, 20)));
    let apply = sample::apply(prove.after(), noon());
    timed!("apply", store.transition(&apply));
    let finish = sample::finish(apply.after(), noon());
    timed!("finish", store.transition(&finish));
    timed!("take a permit", store.take_permit(&quota));
    let newest = |account: &AccountId| AuditFilter::Newest { account: account.clone(), limit: 50 };
    timed!("audit", store.audit(&newest(&account)));
    timed!("audit of the crowd", store.audit(&newest(&AccountId::new("crowd 3"))));
    timed!("versions", store.versions(&[reset.id()]));
    // Purges the rows of this round only.
    timed!("purge", store.purge(&Purge::new(noon(), after(noon(), 3_600_000), noon(), 1_000)));
    timed!("erase", store.erase(&account, &[quota.key]));
    Ok(times)
}
