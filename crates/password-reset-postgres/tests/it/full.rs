//! A disk that is full: the real server, whose tables cannot grow any more.

use std::error::Error;
use std::time::Duration;

use password_reset::flow::{AuditEvent, Reset};
use password_reset::ports::{
    Accounts, Ack, Acknowledged, Attempt, AttemptKind, Attempted, AuditFilter, Due, Leased, Opened, Quota, ResetStore,
    Transitioned,
};
use password_reset::secret::GrantToken;
use password_reset::{Account, Identifier, PasswordHash, PortError, Proof, RequestError, SetPasswordError, Stage};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_postgres_server::Cluster;
use password_reset_testkit::FakeClock;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, PgPool};

use crate::common::{self, after, apply, digest, issue, noon, note, pool, request, store_request, verified};
use crate::service::Service;

const AUDIT: &str = "password_reset_audit";
const RESETS: &str = "password_reset_resets";
const USERS: &str = "users";

/// All that a step may write.
const TABLES: [&str; 5] = [RESETS, AUDIT, USERS, "password_reset_quotas", "password_reset_senders"];

/// A cluster whose tables keep what they have given up: autovacuum would make room at any moment.
async fn cluster() -> Cluster {
    let cluster = Cluster::start_with_small_log().unwrap();
    let server = pool(cluster.url().parse().unwrap(), 1).await;
    sqlx::raw_sql("alter system set autovacuum = off").execute(&server).await.unwrap();
    cluster
}

/// A database on such a cluster.
struct World {
    options: PgConnectOptions,
    pool: PgPool,
    accounts: PostgresAccounts,
    store: PostgresStore,
}

impl World {
    async fn new(cluster: &Cluster, name: &str) -> Self {
        let server: PgConnectOptions = cluster.url().parse().unwrap();
        let created = format!("create database {name}");
        sqlx::raw_sql(AssertSqlSafe(created)).execute(&pool(server.clone(), 1).await).await.unwrap();
        let world = Self::at(server.database(name)).await;
        world.run(common::USERS).await;
        world.store.migrate().await.unwrap();
        world
    }

    async fn at(options: PgConnectOptions) -> Self {
        let pool = pool(options.clone(), 4).await;
        let accounts = PostgresAccounts::new(&pool, USERS);
        let store = PostgresStore::new(&pool).writing(accounts.clone()).not_listening();
        Self { options, pool, accounts, store }
    }

    /// The same database after the server was restarted.
    async fn again(&self) -> Self {
        self.pool.close().await;
        Self::at(self.options.clone()).await
    }

    async fn run(&self, text: &str) {
        sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&self.pool).await.unwrap();
    }

    /// Fills a table with rows that are smaller than any that the store writes, until there is room for none. The rows of
    /// the table itself have no room beside them: no earlier versions that a later one could take the place of.
    async fn fill(&self, table: &str) {
        let filler = match table {
            AUDIT => "insert into password_reset_audit (realm, at, event) values ('r', now(), 'x')",
            USERS => "insert into users values (9 + i, 'x', null)",
            _ => {
                "row.id := gen_random_uuid();
                 row.nonce := uuid_send(row.id) || uuid_send(gen_random_uuid());
                 insert into password_reset_resets values (row.*)"
            }
        };
        self.run(&format!(
            "do $$
             declare row password_reset_resets;
             begin
                 select * into row from password_reset_resets where account is null;
                 row.key_id := 'x'; row.tasks := 0; row.due_at := null;
                 for i in 1 .. 100000 loop
                     begin
                         {filler};
                     exception when disk_full or internal_error then
                         return;
                     end;
                 end loop;
                 raise 'there is room for everything';
             end $$"
        ))
        .await;
    }

    async fn compact(&self) {
        for table in TABLES {
            self.run(&format!("vacuum full {table}")).await;
        }
    }

    /// All rows of every table, as their number and a sum of digests: to sort them may take a file, and that more room.
    async fn rows(&self) -> Vec<(i64, Option<String>)> {
        let mut rows = Vec::new();
        for table in TABLES {
            let text = format!("select count(*), sum(hashtextextended(t::text, 0))::text from {table} t");
            rows.push(sqlx::query_as(AssertSqlSafe(text)).fetch_one(&self.pool).await.unwrap());
        }
        rows
    }

    /// An error that the server gave for want of room. Postgres 16 and newer tell a limit on the size of files, which stays,
    /// from a full disk by the code.
    async fn wants_room(&self, error: &PortError, what: &str) {
        let notified = error.source().and_then(|source| source.downcast_ref::<sqlx::Error>()).unwrap();
        let notified = notified.as_database_error().unwrap();
        let version = "select current_setting('server_version_num')::int";
        let version: i32 = sqlx::query_scalar(version).fetch_one(&self.pool).await.unwrap();
        let code = if version < 160_000 { "53100" } else { "XX000" };
        assert_eq!(notified.code().as_deref(), Some(code), "{what}: {notified}");
        assert!(notified.message().contains("could not extend file"), "{what}: {notified}");
        assert_eq!(error.is_transient(), code == "53100", "{what}: {error}");
    }
}

/// What a step may be about: made while there was room.
struct Made {
    asked: Reset,
    requested: Reset,
    with_tasks: Reset,
    leased: Leased,
    proved: Reset,
    was: Account,
}

impl Made {
    async fn on(world: &World) -> Self {
        let store = &world.store;
        let (requested, with_tasks) = (store_request(store).await, store_request(store).await);
        let leased = store.lease(&Due::new(after(1), after(60), 10)).await.unwrap();
        let leased = leased.into_iter().find(|leased| leased.reset.id() == with_tasks.id()).unwrap();
        let proved = verified(store).await;
        store.record(&note(AuditEvent::Sent).of(&proved).account(&"1".into())).await.unwrap();
        let was = world.accounts.load(&"1".into()).await.unwrap().unwrap();
        Self { asked: request(), requested, with_tasks, leased, proved, was }
    }

    /// Writes, and says whether what was asked for is done.
    async fn write(&self, world: &World, what: &str) -> Result<bool, PortError> {
        let store = &world.store;
        match what {
            "open" => {
                let source = Quota::new(digest(2), 9, Duration::from_secs(3600), noon());
                let audit = [note(AuditEvent::Requested).of(&self.asked)];
                Ok(store.open(&self.asked, Some(&source), None, &audit).await? == Opened::Stored)
            }
            "record" => store.record(&note(AuditEvent::Sent).of(&self.requested)).await.map(|()| true),
            "acknowledge" => {
                let mut ack = Ack::new(&self.leased, after(2));
                ack.done = ack.seen;
                ack.audit.push(note(AuditEvent::Sent).of(&self.with_tasks));
                Ok(store.acknowledge(&[ack]).await? == [Acknowledged::Done])
            }
            "count" => {
                let counted = store.attempt(&Attempt::new(self.with_tasks.id(), AttemptKind::Completion, 5)).await?;
                Ok(
                    matches!(counted, Attempted::Counted { loaded, .. } if loaded.reset.stored().completion_attempts == 1),
                )
            }
            "lease" => Ok(!store.lease(&Due::new(after(61), after(90), 10)).await?.is_empty()),
            "issue" => Ok(store.transition(&issue(&self.requested, "1")).await? == Transitioned::Moved { lease: None }),
            "apply" => {
                let step = apply(&self.proved, &self.was, NEW_HASH);
                Ok(store.transition(&step).await? == Transitioned::Finished { lease: None })
            }
            what => panic!("there is no {what}"),
        }
    }

    async fn everything_is_read(&self, world: &World) {
        let store = &world.store;
        let proved = store.load(self.proved.id()).await.unwrap().unwrap().reset;
        assert_eq!(proved, self.proved);
        assert_eq!(store.live(&"1".into(), after(3), 9).await.unwrap(), [proved]);
        assert!(!store.audit(&AuditFilter::Newest { account: "1".into(), limit: 9 }).await.unwrap().is_empty());
        assert_eq!(world.accounts.load(&"1".into()).await.unwrap().unwrap().hash(), self.was.hash());
        let found = world.accounts.find(&Identifier::email("ana@toko.example").unwrap()).await.unwrap();
        assert!(found.iter().eq([&self.was]));
    }
}

/// As long as real ones.
const NEW_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn what_finds_no_room_is_taken_back_whole_and_done_when_there_is_some() {
    let cluster = cluster().await;
    let audit = World::new(&cluster, "no_room_for_audit_rows").await;
    let resets = World::new(&cluster, "no_room_for_resets").await;
    let users = World::new(&cluster, "no_room_for_users").await;
    let mut worlds = Vec::new();
    for (world, table, fails, goes_on) in [
        (audit, AUDIT, &["open", "record", "acknowledge", "issue", "apply"][..], &["count"][..]),
        (resets, RESETS, &["open", "acknowledge", "issue", "apply", "count", "lease"], &["record"]),
        (users, USERS, &["apply"], &["open", "acknowledge", "issue", "count", "record"]),
    ] {
        let made = Made::on(&world).await;
        world.compact().await;
        worlds.push((world, made, table, fails, goes_on));
    }
    cluster.restart_with_little_room().unwrap();
    for (world, made, table, fails, goes_on) in &mut worlds {
        *world = world.again().await;
        world.fill(table).await;
        let before = world.rows().await;
        for what in fails.iter().chain(*fails) {
            let error = made.write(world, what).await.unwrap_err();
            world.wants_room(&error, &format!("{what} without room in {table}")).await;
            assert_eq!(world.rows().await, before, "{what} left something");
        }
        made.everything_is_read(world).await;
        for what in *goes_on {
            assert!(made.write(world, what).await.unwrap(), "{what} needs no room in {table}");
        }
        // Room is made in one table while the server runs. In the others it comes with the restart.
        if *table == RESETS {
            world.run("delete from password_reset_resets where key_id = 'x'").await;
            world.run("vacuum password_reset_resets").await;
            for what in *fails {
                assert!(made.write(world, what).await.unwrap(), "{what}");
            }
        }
    }
    cluster.restart().unwrap();
    for (world, made, table, fails, _) in &mut worlds {
        *world = world.again().await;
        for what in fails.iter().filter(|_| *table != RESETS) {
            assert!(made.write(world, what).await.unwrap(), "{what} with room in {table}");
        }
        let now = world.accounts.load(&"1".into()).await.unwrap().unwrap();
        assert_eq!(now.hash(), Some(&PasswordHash::new(NEW_HASH)));
    }
}

/// One reset is accepted and its mail is owed, another one is proved; then the disk is full, for a while.
#[tokio::test]
async fn a_reset_that_was_accepted_is_finished_when_there_is_room() {
    let cluster = cluster().await;
    for (name, full) in [("one_full_table", &[AUDIT][..]), ("all_full_tables", &[RESETS, AUDIT, USERS])] {
        let clock = FakeClock::at(noon());
        let world = World::new(&cluster, name).await;
        let node = Service::on(&world.pool, &clock);
        node.ask("ana@toko.example").await.unwrap();
        node.worker.run_once().await.unwrap();
        let grant = node.prove("ana@toko.example").await;
        let pending = node.ask("budi@toko.example").await.unwrap();
        world.compact().await;
        cluster.restart_with_little_room().unwrap();

        let world = world.again().await;
        let node = Service::on(&world.pool, &clock);
        for table in full {
            world.fill(table).await;
        }
        let users = "select md5(string_agg(u::text, ' ' order by id)) from users u where id < 9";
        let users = async |pool| sqlx::query_scalar::<_, String>(users).fetch_one(pool).await.unwrap();
        let before = users(&world.pool).await;
        // Several at once.
        for asked in Vec::from(<[_; 3]>::from(tokio::join!(
            node.ask("ana@toko.example"),
            node.ask("budi@toko.example"),
            node.ask("nobody@toko.example")
        ))) {
            let error = asked.unwrap_err();
            let RequestError::Unavailable(error) = error else { panic!("{error:?}") };
            world.wants_room(&error, "a request").await;
        }
        match node.worker.run_once().await {
            Ok(_) => assert!(!full.contains(&RESETS), "the worker cannot note what it begins"),
            Err(error) => world.wants_room(&error, "a lease").await,
        }
        assert_eq!(node.mail.tried().len(), 0, "nothing is sent that was not issued");
        let error = node.set(grant).await.unwrap_err();
        let SetPasswordError::Unavailable { error, grant } = error else { panic!("{error:?}") };
        world.wants_room(&error, "the last step").await;
        assert_eq!(users(&world.pool).await, before);
        let status = node.reset.status(&pending.requester_token).await.unwrap().unwrap();
        assert_eq!(status.stage, Stage::Waiting);
        cluster.restart().unwrap();

        // Another process: the grant comes back from the browser.
        let world = world.again().await;
        let node = Service::on(&world.pool, &clock);
        let token = GrantToken::parse(grant.into_token().expose()).unwrap();
        let grant = node.reset.verify(Proof::Grant(token)).await.unwrap();
        node.set(grant).await.unwrap();
        // What was leased in vain is met again when the lease has run out.
        clock.advance(Duration::from_secs(600));
        node.worker.run_once().await.unwrap();
        node.set(node.prove("budi@toko.example").await).await.unwrap();
        node.ask("ana@toko.example").await.unwrap();
        node.worker.run_once().await.unwrap();
        let ended = "select count(*) filter (where tasks <> 0), count(*) filter (where state = 'password_set'), count(*) \
                     from password_reset_resets where key_id = 'k1'";
        let ended: (i64, i64, i64) = sqlx::query_as(ended).fetch_one(&world.pool).await.unwrap();
        assert_eq!(ended, (0, 2, 3));
    }
}
