//! Calls that come at once go together, and each ends as if it had come alone.

use std::collections::BTreeMap;
use std::time::Duration;

use password_reset::flow::Step;
use password_reset::ports::{
    Accounts, Ack, Acknowledged, Advanced, AttemptKind, Counted, Due, Leased, Opened, PermitTaken, Quota, ResetStore,
    SourceCount,
};
use password_reset::{AuditEvent, Digest, Identifier, Reset, State};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::common::{World, after, digest, issue, note, prove, request, store_request};

/// A node with one connection, so that all calls are on their way while somebody else has it.
struct Node {
    world: World,
    pool: PgPool,
    store: PostgresStore,
    accounts: PostgresAccounts,
}

impl Node {
    async fn new() -> Self {
        let world = World::new().await;
        let pool = world.pool_with(1, &[]).await;
        let accounts = PostgresAccounts::new(&pool, "users");
        accounts.load(&"1".into()).await.unwrap();
        let store = PostgresStore::new(&pool).writing(accounts.clone()).not_listening();
        Self { world, pool, store, accounts }
    }

    /// Begins all calls, lets them go on at once, and says how they ended, in their order.
    async fn at_once<T, F>(&self, calls: impl IntoIterator<Item = F>) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let connection = self.pool.acquire().await.unwrap();
        let mut running = JoinSet::new();
        for (at, call) in calls.into_iter().enumerate() {
            running.spawn(async move { (at, call.await) });
        }
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        drop(connection);
        running.join_all().await.into_iter().collect::<BTreeMap<_, _>>().into_values().collect()
    }

    /// How often a statement for many was carried out that says this.
    async fn together(&self, says: &str) -> i64 {
        sqlx::query_scalar(
            "select coalesce(sum(generic_plans + custom_plans), 0)::bigint from pg_prepared_statements \
             where statement like '%unnest(%' and position($1 in statement) > 0 and statement !~ 'pg_prepared'",
        )
        .bind(says)
        .fetch_one(&self.pool)
        .await
        .unwrap()
    }

    async fn stored(&self, number: usize) -> Vec<Reset> {
        let mut stored = Vec::new();
        for _ in 0..number {
            stored.push(store_request(&self.store).await);
        }
        stored
    }

    fn advance(&self, step: Step) -> impl Future<Output = Advanced> + Send + use<> {
        let store = self.store.clone();
        async move { store.advance(&step).await.unwrap() }
    }
}

#[tokio::test]
async fn requests_are_stored_by_one_statement_and_counted_each() {
    let node = Node::new().await;
    let ask = |source: u8, limit: u32| {
        let (store, reset) = (node.store.clone(), request());
        let count = SourceCount::new(Digest::from_bytes([source; 32]), limit, Duration::from_secs(3600), after(0));
        async move {
            let audit = [note(AuditEvent::Requested).of(&reset)];
            (store.open(&reset, Some(&count), &audit).await.unwrap(), store.load(reset.id()).await.unwrap(), reset)
        }
    };
    // Two sources ask twice, and may ask once.
    let calls: Vec<_> = [9, 1, 2, 3, 4, 1, 4].map(|source| ask(source, if source == 1 { 1 } else { 2 })).into();
    let ended = node.at_once(calls).await;
    for (at, (opened, stored, reset)) in ended.iter().enumerate() {
        let is_over = at == 5;
        assert_eq!(*opened, if is_over { Opened::RateLimited } else { Opened::Stored }, "{at}");
        assert_eq!(stored.as_ref(), (!is_over).then_some(reset), "{at}");
    }
    assert_eq!(node.world.number("select count(*) from password_reset_audit").await, 6);
    assert_eq!(node.world.number("select sum(requests)::bigint from password_reset_sources").await, 7);
    assert!(node.together("into password_reset_resets").await >= 1);
}

#[tokio::test]
async fn steps_move_each_their_own_row() {
    let node = Node::new().await;
    let resets = node.stored(8).await;
    let first: Vec<_> = resets.iter().map(|reset| node.advance(issue(reset, "1"))).collect();
    assert_eq!(node.at_once(first).await, [Advanced::Moved; 8]);
    assert_eq!(node.together("update password_reset_resets as r").await, 1);
    let issued: Vec<Step> = resets.iter().map(|reset| issue(reset, "1")).collect();
    // Some are proved, some are issued once more, and one is there twice.
    let mut steps: Vec<Step> = issued[..6].iter().map(|step| prove(step.after())).collect();
    steps.extend(issued[6..].iter().cloned());
    steps.push(steps[3].clone());
    let moved = node.at_once(steps.into_iter().map(|step| node.advance(step)).collect::<Vec<_>>()).await;
    assert_eq!(moved.iter().filter(|moved| **moved == Advanced::Moved).count(), 6);
    assert_eq!(moved[6..8], [Advanced::Conflict; 2]);
    for (at, reset) in resets.iter().enumerate() {
        let row = node.store.load(reset.id()).await.unwrap().unwrap();
        let wanted = if at < 6 { prove(issued[at].after()).after().clone() } else { issued[at].after().clone() };
        assert_eq!(row, wanted, "{at}");
    }
    assert_eq!(node.world.number("select count(*) from password_reset_audit where event = 'issued'").await, 8);
}

#[tokio::test]
async fn payments_tries_and_tokens_are_each_ones_own() {
    let node = Node::new().await;
    let resets = node.stored(6).await;
    let leased: Vec<Leased> = node.store.due(&Due::new(after(1), after(60), 100)).await.unwrap();
    let acknowledge = |(at, leased): (usize, &Leased)| {
        let mut ack = Ack::new(leased, after(2));
        (ack.done, ack.delivery_attempts) = (ack.seen, u32::try_from(at).unwrap());
        ack.lease += i64::from(at == 4);
        ack.audit.push(note(AuditEvent::Sent).of(&leased.reset));
        let store = node.store.clone();
        async move { store.acknowledge(&ack).await.unwrap() }
    };
    let settled = node.at_once(leased.iter().enumerate().map(acknowledge).collect::<Vec<_>>()).await;
    let [done, lost] = [Acknowledged::Done, Acknowledged::LeaseLost];
    assert_eq!(settled, [done, done, done, done, lost, done]);
    assert_eq!(node.world.number("select count(*) from password_reset_audit where event = 'sent'").await, 5);
    for (at, leased) in leased.iter().enumerate() {
        let row = node.store.load(leased.reset.id()).await.unwrap().unwrap();
        assert_eq!(row.tasks().is_empty(), at != 4, "{at}");
        assert_eq!(row.delivery_attempts(), if at == 4 { 0 } else { u32::try_from(at).unwrap() });
    }
    assert_eq!(node.together("retry_at").await, 1);

    let count = |at: usize| {
        let (store, id) = (node.store.clone(), resets[at].id());
        async move { store.count_attempt(id, AttemptKind::Completion, 2).await.unwrap() }
    };
    let counted = node.at_once(Vec::from([0, 1, 2, 3, 1, 1].map(count))).await;
    let attempts = |counted: &Counted| match counted {
        Counted::Yes { reset, .. } => reset.completion_attempts(),
        _ => 99,
    };
    let mut attempts: Vec<u32> = counted.iter().map(attempts).collect();
    attempts.sort_unstable();
    assert_eq!(attempts, [1, 1, 1, 1, 2, 99]);

    let take = |key: u8| {
        let (store, key) = (node.store.clone(), Digest::from_bytes([key; 32]));
        async move { store.take_permit(&Quota::new(key, 2, Duration::from_secs(60), after(0))).await.unwrap() }
    };
    let taken = node.at_once(Vec::from([1, 2, 3, 1, 2, 1].map(take))).await;
    assert_eq!(taken.iter().filter(|taken| matches!(taken, PermitTaken::Granted { .. })).count(), 5);
    assert!(node.together("into password_reset_quotas").await >= 1);
}

#[tokio::test]
async fn everybody_reads_their_own() {
    let node = Node::new().await;
    let resets = node.stored(5).await;
    for (at, reset) in resets.iter().enumerate().take(4) {
        let account = if at % 2 == 0 { "1" } else { "2" };
        node.store.advance(&issue(reset, account)).await.unwrap();
        node.store.record(&note(AuditEvent::Sent).of(reset).account(&account.into()).contact(digest(7))).await.unwrap();
    }
    let ids: Vec<_> = resets.iter().map(Reset::id).chain([request().id()]).collect();
    let loaded = node.at_once(ids.iter().map(|id| {
        let (store, id) = (node.store.clone(), *id);
        async move { store.load(id).await.unwrap().map(|reset| reset.id()) }
    }));
    let wanted: Vec<_> = resets.iter().map(|reset| Some(reset.id())).chain([None]).collect();
    assert_eq!(loaded.await, wanted);

    let accounts = ["1", "2", "3", "nobody", "1"];
    let live = node.at_once(accounts.iter().map(|account| {
        let (store, account) = (node.store.clone(), *account);
        async move { store.live(&account.into(), after(0), 1).await.unwrap().len() }
    }));
    assert_eq!(live.await, [1, 1, 0, 0, 1], "no more than the limit each");
    let outcomes = node.at_once(accounts.iter().map(|account| {
        let (store, account) = (node.store.clone(), *account);
        async move { store.outcomes(&account.into()).await.unwrap().iter().filter_map(|row| row.reset).collect() }
    }));
    let outcomes: Vec<Vec<_>> = outcomes.await;
    assert_eq!(outcomes, [vec![resets[2].id()], vec![resets[3].id()], vec![], vec![], vec![resets[2].id()]]);
    let loaded = node.at_once(accounts.iter().map(|account| {
        let (accounts, account) = (node.accounts.clone(), *account);
        async move { accounts.load(&account.into()).await.unwrap().map(|found| found.id().as_str().to_owned()) }
    }));
    assert_eq!(loaded.await, [Some("1"), Some("2"), None, None, Some("1")].map(|id| id.map(str::to_owned)));
    let addresses = ["ana@toko.example", "budi@toko.example", "cici@toko.example", "Ana@toko.example"];
    let found =
        node.at_once(addresses.iter().map(|address| {
            let (accounts, address) = (node.accounts.clone(), Identifier::email(address).unwrap());
            async move {
                accounts.find(&address).await.unwrap().iter().map(|found| found.id().as_str().to_owned()).collect()
            }
        }));
    let found: Vec<Vec<String>> = found.await;
    assert_eq!(found, [vec!["1".to_owned()], vec!["2".to_owned()], vec![], vec!["1".to_owned()]]);
    for says in
        ["cross join lateral", "distinct on (account, contact)", "any(array(select unnest($1::text[])::bigint", "typed"]
    {
        assert!(node.together(says).await >= 1, "{says}");
    }
}

#[tokio::test]
async fn one_that_fails_takes_no_other_along() {
    let node = Node::new().await;
    let twice = store_request(&node.store).await;
    let ask = |at: u8| {
        let (store, reset) = (node.store.clone(), if at == 3 { twice.clone() } else { request() });
        let count = SourceCount::new(Digest::from_bytes([at; 32]), 9, Duration::from_secs(3600), after(0));
        async move { store.open(&reset, Some(&count), &[]).await.map_err(|error| error.is_transient()) }
    };
    let opened = node.at_once(Vec::from([0, 1, 2, 3, 4].map(ask))).await;
    assert_eq!(opened, [Ok(Opened::Stored), Ok(Opened::Stored), Ok(Opened::Stored), Err(false), Ok(Opened::Stored)]);
    assert_eq!(node.world.number("select sum(requests)::bigint from password_reset_sources").await, 4);
}

/// A row that somebody else holds, maybe for long, keeps only those waiting who want that row.
#[tokio::test]
async fn a_row_that_is_held_keeps_no_other_waiting() {
    let world = World::new().await;
    let store = world.store();
    let mut resets = Vec::new();
    for _ in 0..5 {
        resets.push(store_request(&store).await);
    }
    let mut holding = world.pool.begin().await.unwrap();
    let held = sqlx::types::Uuid::from_bytes(*resets[2].id().as_bytes());
    let lock = sqlx::query("select from password_reset_resets where id = $1 for update").bind(held);
    lock.execute(&mut *holding).await.unwrap();
    let mut running = JoinSet::new();
    for (at, reset) in resets.iter().enumerate() {
        let (store, step) = (store.clone(), issue(reset, "1"));
        running.spawn(async move { (at, store.advance(&step).await.unwrap()) });
    }
    let mut ended = Vec::new();
    for _ in 0..4 {
        ended.push(running.join_next().await.unwrap().unwrap());
    }
    ended.sort_unstable_by_key(|(at, _)| *at);
    assert_eq!(ended, [0, 1, 3, 4].map(|at| (at, Advanced::Moved)));
    holding.rollback().await.unwrap();
    assert_eq!(running.join_next().await.unwrap().unwrap(), (2, Advanced::Moved));
    assert_eq!(store.load(resets[2].id()).await.unwrap().unwrap().state(), State::CodeIssued);
}

/// However many go together: a plan for each number of them would cost as much as they save.
#[tokio::test]
async fn postgres_settles_on_plans_for_any_number() {
    let node = Node::new().await;
    for round in 0..10 {
        let resets = node.stored(2 + round % 7).await;
        node.at_once(resets.iter().map(|reset| node.advance(issue(reset, "1"))).collect::<Vec<_>>()).await;
        node.at_once(resets.iter().map(|reset| {
            let (store, id) = (node.store.clone(), reset.id());
            async move { store.count_attempt(id, AttemptKind::Completion, 20).await.unwrap() }
        }))
        .await;
        node.at_once(resets.iter().map(|reset| {
            let (store, id) = (node.store.clone(), reset.id());
            async move { store.load(id).await.unwrap() }
        }))
        .await;
    }
    let plans: Vec<(String, i64, i64)> = sqlx::query_as(
        "select statement, generic_plans, custom_plans from pg_prepared_statements \
         where statement like '%array(select unnest($1))%' and generic_plans + custom_plans > 6",
    )
    .fetch_all(&node.pool)
    .await
    .unwrap();
    assert_eq!(plans.len(), 3);
    for (text, generic, custom) in plans {
        assert!(generic > 0 && custom <= 5, "{generic} generic and {custom} custom plans of {text}");
    }
}
