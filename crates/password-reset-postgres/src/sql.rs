//! Every statement on this crate's own tables, as a fixed text: one a transition.
//!
//! Each works on the row that it decides about by way of the condition under which it writes, and everything else of the
//! transition hangs on that row in the same statement, so a transition is one round trip and one commit. Parameters are
//! scalars, and conditions the same for all values, so that Postgres settles on generic plans. The statements on the
//! application's tables are in [`accounts`](crate::PostgresAccounts): their names are the application's.

/// The columns of a reset as [`row`](crate::row) reads them.
macro_rules! columns {
    () => {
        "id, version, state, subject, expires_at, account, fingerprint, issued_at, link_until, code_until, proved_by, \
         step_up, hash_digests, device, set_at, due_at, channel, locale, identifier_kind, identifier, key_id, nonce, \
         source, inbound_key, created_at, shown_until, tasks, code_attempts, completion_attempts, delivery_attempts, notified, lease"
    };
}

macro_rules! open_states {
    () => {
        "state in ('requested', 'code_issued', 'message_received', 'awaiting_code', 'awaiting_factor', 'verified', 'applying', 'locked')"
    };
}

/// Writes audit rows that come as nine arrays.
macro_rules! noted {
    ($arrays:literal) => {
        concat!(
            "noted as (insert into password_reset_audit \
             (at, event, reset_id, account, actor, channel, source, contact, detail) select n.* from unnest(",
            $arrays,
            ") as n"
        )
    };
}

macro_rules! reset_values {
    () => {
        "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, \
         $25, $26, $27, $28, $29, $30, $31, 0"
    };
}

/// Inserts a reset whose source is not counted.
pub(crate) const OPEN: &str = concat!(
    "with opened as (insert into password_reset_resets (",
    columns!(),
    ") values (",
    reset_values!(),
    ")), ",
    noted!("$32, $33, $34, $35, $36, $37, $38, $39, $40"),
    ") select true"
);

/// Counts the source, and inserts the reset if that was within the limit.
pub(crate) const OPEN_COUNTED: &str = concat!(
    "with counted as (insert into password_reset_sources as s (source, ends_at, requests) values ($41, $42, 1) \
         on conflict (source, ends_at) do update set requests = s.requests + 1 returning requests), \
     opened as (insert into password_reset_resets (",
    columns!(),
    ") select ",
    reset_values!(),
    " where (select requests from counted) <= $43 returning id), ",
    noted!("$32, $33, $34, $35, $36, $37, $38, $39, $40"),
    " where exists (select from opened)) select exists (select from opened)"
);

pub(crate) const LOAD: &str = concat!("select ", columns!(), " from password_reset_resets where id = $1");

/// As [`LOAD`], for many.
pub(crate) const LOAD_MANY: &str =
    concat!("select ", columns!(), " from password_reset_resets where id = any(array(select unnest($1)))");

pub(crate) const EXISTS: &str = "select 1 from password_reset_resets where id = $1";

/// Writes what steps change, if the row has the version and has not expired.
macro_rules! moved {
    ($condition:expr) => {
        concat!(
            "moved as (update password_reset_resets \
             set version = $2, state = $3, subject = $4, expires_at = $5, account = $6, fingerprint = $7, issued_at = $8, \
                 link_until = $9, code_until = $10, proved_by = $11, step_up = $12, hash_digests = $13, device = $14, \
                 set_at = $15, due_at = case when $17 <> 0 then $16 else due_at end, tasks = (tasks | $17) & ~$18 \
             where id = $1 and version = $19 and expires_at > $20",
            $condition,
            " returning id), ",
            noted!("$21, $22, $23, $24, $25, $26, $27, $28, $29"),
            " where exists (select from moved))"
        )
    };
}

/// The open resets of an account, locked in the order of their ids, so that two that win at once do not wait for each
/// other for ever. Counting them makes Postgres take the locks before it looks at the row that is to move.
macro_rules! family {
    () => {
        concat!(
            "family as materialized (select id from password_reset_resets where account = $6 and ",
            open_states!(),
            " order by id for update), "
        )
    };
}

/// The other open resets of the account, which end when one wins.
macro_rules! closed {
    () => {
        ", closed as (update password_reset_resets set state = $31, version = version + 1, tasks = 0 \
             where id in (select id from family where id <> $1) and exists (select from moved) \
             returning id, account, channel, source), \
         closing as (insert into password_reset_audit (at, event, reset_id, account, channel, source, detail) \
             select $30, $32, id, account, channel, source, $33 from closed)"
    };
}

macro_rules! cleared {
    () => {
        ", cleared as (delete from password_reset_failures where subject = $4 and exists (select from moved))"
    };
}

/// A name that another number had is taken from it first, which the count makes sure of.
macro_rules! learnt {
    () => {
        ", forgotten as (delete from password_reset_senders \
             where id = $35 and number <> $34 and exists (select from moved) returning 1), \
         learnt as (insert into password_reset_senders as s (number, id, identity, account, seen_at) \
             select $34, $35, $36, $37, $38 \
             where exists (select from moved) and (select count(*) from forgotten) >= 0 \
             on conflict (number) do update \
             set id = coalesce(excluded.id, s.id), identity = coalesce(excluded.identity, s.identity), \
                 account = excluded.account, seen_at = excluded.seen_at)"
    };
}

macro_rules! advance {
    (closing $($more:expr),*) => {
        concat!(
            "with ",
            family!(),
            moved!(" and (select count(*) from family) >= 0"),
            closed!(),
            $($more,)*
            " select exists (select from moved)"
        )
    };
    ($($more:expr),*) => {
        concat!("with ", moved!(""), $($more,)* " select exists (select from moved)")
    };
}

/// The statement of a step. `$1` to `$33` are the same for all; `$34` to `$38` are what is learnt of a sender.
pub(crate) const fn advance(closes: bool, clears: bool, learns: bool) -> &'static str {
    match (closes, clears, learns) {
        (false, false, false) => advance!(),
        (false, true, false) => advance!(cleared!()),
        (false, false, true) => advance!(learnt!()),
        (false, true, true) => advance!(cleared!(), learnt!()),
        (true, false, false) => advance!(closing),
        (true, true, false) => advance!(closing cleared!()),
        (true, false, true) => advance!(closing learnt!()),
        (true, true, true) => advance!(closing cleared!(), learnt!()),
    }
}

/// The rows that a statement for many is asked about, given as arrays, in the order of `$names`. That Postgres cannot know
/// how many there are keeps it from making a plan for each number of them.
macro_rules! asked {
    ($names:expr, $others:literal) => {
        concat!(
            "with asked as materialized (select * from unnest((select $1::uuid[]), ",
            $others,
            ") as a (",
            $names,
            ")), "
        )
    };
}

/// Those of them that nobody else holds, so that no statement for many waits for another: they could wait for each other
/// for ever.
macro_rules! held {
    ($condition:expr) => {
        concat!(
            "held as materialized (select id from password_reset_resets where id = any(array(select unnest($1)))",
            $condition,
            " order by id for update skip locked), "
        )
    };
}

/// Writes audit rows that come as ten arrays, the first of which says to which row each belongs.
macro_rules! noted_of {
    ($arrays:literal, $moved:literal) => {
        concat!(
            "noted as (insert into password_reset_audit \
             (at, event, reset_id, account, actor, channel, source, contact, detail) \
             select n.at, n.event, n.reset_id, n.account, n.actor, n.channel, n.source, n.contact, n.detail from unnest(",
            $arrays,
            ") as n (row, at, event, reset_id, account, actor, channel, source, contact, detail) where n.row in (",
            $moved,
            "))"
        )
    };
}

macro_rules! step_columns {
    () => {
        "id, version, state, subject, expires_at, account, fingerprint, issued_at, link_until, code_until, proved_by, \
         step_up, hash_digests, device, set_at, due_at"
    };
}

/// As [`OPEN_COUNTED`], for many. Sources are counted in one order, so that two such statements do not wait for each other
/// for ever.
pub(crate) const OPEN_MANY: &str = concat!(
    asked!(
        concat!(
            step_columns!(),
            ", channel, locale, identifier_kind, identifier, key_id, nonce, source, inbound_key, created_at, shown_until, \
             tasks, code_attempts, completion_attempts, delivery_attempts, notified, counted, ends_at, most"
        ),
        "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34"
    ),
    "counted as (insert into password_reset_sources as s (source, ends_at, requests) \
         select counted, ends_at, 1 from asked order by counted \
         on conflict (source, ends_at) do update set requests = s.requests + 1 returning source, requests), \
     opened as (insert into password_reset_resets (",
    columns!(),
    ") select ",
    "a.id, a.version, a.state, a.subject, a.expires_at, a.account, a.fingerprint, a.issued_at, a.link_until, a.code_until, \
         a.proved_by, a.step_up, a.hash_digests, a.device, a.set_at, a.due_at, a.channel, a.locale, \
         a.identifier_kind, a.identifier, a.key_id, a.nonce, a.source, a.inbound_key, a.created_at, a.shown_until",
    ", a.tasks, a.code_attempts, a.completion_attempts, a.delivery_attempts, a.notified, 0 \
         from asked as a join counted as c on c.source = a.counted where c.requests <= a.most returning id), ",
    noted_of!("$35, $36, $37, $38, $39, $40, $41, $42, $43, $44", "select id from opened"),
    " select id from opened"
);

/// As [`advance`], for many steps that neither close siblings nor learn.
pub(crate) const ADVANCE_MANY: &str = concat!(
    asked!(
        concat!(step_columns!(), ", adds, removes, from_version, alive_at, clears"),
        "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21"
    ),
    held!(""),
    "moved as (update password_reset_resets as r \
         set version = a.version, state = a.state, subject = a.subject, expires_at = a.expires_at, account = a.account, \
             fingerprint = a.fingerprint, issued_at = a.issued_at, link_until = a.link_until, code_until = a.code_until, \
             proved_by = a.proved_by, step_up = a.step_up, hash_digests = a.hash_digests, device = a.device, \
             set_at = a.set_at, due_at = case when a.adds <> 0 then a.due_at else r.due_at end, \
             tasks = (r.tasks | a.adds) & ~a.removes \
         from asked as a where r.id = a.id and r.version = a.from_version and r.expires_at > a.alive_at \
             and r.id in (select id from held) returning r.id), ",
    noted_of!("$22, $23, $24, $25, $26, $27, $28, $29, $30, $31", "select id from moved"),
    ", cleared as (delete from password_reset_failures where subject in (\
         select a.subject from asked as a where a.clears and a.id in (select id from moved))) \
     select id, exists (select from moved where moved.id = held.id) as moved from held"
);

/// The first parameter of the account's update in [`ADVANCE_WITH_ACCOUNT`] is the one after this.
pub(crate) const BEFORE_ACCOUNT: usize = 33;

/// A step that finishes, with the account in the same statement, as what comes before and after the account's update. The
/// update must end in a condition. First the family is locked, then the account is written if the row still is what the
/// step begins at, and then the row, if the account was as it should be.
pub(crate) const ADVANCE_WITH_ACCOUNT: [&str; 2] = [
    concat!(
        "with ",
        family!(),
        "ready as materialized (select id from password_reset_resets \
             where id = $1 and version = $19 and expires_at > $20 and (select count(*) from family) >= 0 for update), \
         written as ("
    ),
    concat!(
        " and exists (select from ready) returning 1), ",
        moved!(" and exists (select from written)"),
        closed!(),
        cleared!(),
        " select exists (select from ready) as ready, exists (select from moved) as moved"
    ),
];

/// The reset of an inbound key, and what is known of a sender, in one read.
pub(crate) const LOAD_INBOUND: &str = concat!(
    "select ",
    columns!(),
    ", sender_number, sender_id, sender_identity, sender_account, sender_seen_at \
     from password_reset_resets left join (\
         select number as sender_number, id as sender_id, identity as sender_identity, account as sender_account, \
                seen_at as sender_seen_at from password_reset_senders where number = $2\
     ) as sender on true where inbound_key = $1"
);

macro_rules! known_sender {
    () => {
        "select number as sender_number, id as sender_id, identity as sender_identity, account as sender_account, \
         seen_at as sender_seen_at from password_reset_senders "
    };
}

pub(crate) const SENDER_BY_NUMBER: &str = concat!(known_sender!(), "where number = $1");
pub(crate) const SENDER_BY_ID: &str = concat!(known_sender!(), "where id = $1");
pub(crate) const FORGET_NUMBER: &str = "delete from password_reset_senders where number = $1";
pub(crate) const FORGET_ID: &str = "delete from password_reset_senders where id = $1";

pub(crate) const LIVE: &str = concat!(
    "select ",
    columns!(),
    " from password_reset_resets where account = $1 and ",
    open_states!(),
    " and expires_at > $2 order by created_at, id limit $3"
);

/// As [`LIVE`], for many accounts.
pub(crate) const LIVE_MANY: &str = concat!(
    "select live.* from unnest((select $1::text[]), $2, $3) as asked (of, at, most) cross join lateral (select ",
    columns!(),
    " from password_reset_resets where account = asked.of and ",
    open_states!(),
    " and expires_at > asked.at order by created_at, id limit asked.most) as live order by created_at, id"
);

/// A value that Postgres does not look at when it plans: knowing it, that nothing is as old or how few there are, it would
/// find plans for each call cheaper than one for all, and go on planning for ever.
macro_rules! unseen {
    ($parameter:literal) => {
        concat!("(select ", $parameter, ")")
    };
}

/// The second cast makes it one array and not a list of rows.
pub(crate) const VERSIONS: &str =
    concat!("select id, version from password_reset_resets where id = any(", unseen!("$1::uuid[]"), "::uuid[])");

macro_rules! count_code {
    () => {
        concat!(
            "with counted as (update password_reset_resets set code_attempts = code_attempts + 1 \
                 where id = $1 and code_attempts < $2 returning ",
            columns!(),
            "), ran as (insert into password_reset_failures as r (subject, wrong, until) \
                 select subject, 1, expires_at from counted \
                 on conflict (subject) do update \
                 set wrong = least(r.wrong + 1, 4294967295), until = greatest(r.until, excluded.until) returning wrong) \
             select ",
            columns!(),
            ", (select wrong from ran) as run from counted"
        )
    };
}

pub(crate) const COUNT_CODE: &str = count_code!();

pub(crate) const CLEAR_RUN: &str = "delete from password_reset_failures where subject = $1";

/// Does not wait until this commit is on the disk: it is there with the next one that must be, and what a loss of power
/// takes back is only done again. The condition makes Postgres carry it out.
macro_rules! unhurried {
    () => {
        "(select set_config('synchronous_commit', 'off', true)) = 'off'"
    };
}

/// It counts work and no guesses.
pub(crate) const COUNT_COMPLETION: &str = concat!(
    "update password_reset_resets set completion_attempts = completion_attempts + 1 \
     where id = $1 and completion_attempts < $2 and ",
    unhurried!(),
    " returning ",
    columns!(),
    ", 0::bigint as run"
);

/// As [`COUNT_COMPLETION`], for many; those that have no try left are left out.
pub(crate) const COUNT_COMPLETION_MANY: &str = concat!(
    asked!("id, most", "$2"),
    held!(concat!(" and ", unhurried!())),
    "counted as (update password_reset_resets as r set completion_attempts = r.completion_attempts + 1 \
         from asked as a where r.id = a.id and r.completion_attempts < a.most and r.id in (select id from held) \
         returning r.*) select ",
    columns!(),
    ", 0::bigint as run from counted"
);

/// Workers on other nodes are passed over, not waited for.
pub(crate) const LEASE: &str = concat!(
    "with due as materialized (select id from password_reset_resets where tasks <> 0 and due_at <= ",
    unseen!("$1::timestamptz"),
    " and (leased_until is null or leased_until <= $1) and ",
    unhurried!(),
    " order by due_at limit ",
    unseen!("$3::bigint"),
    " for update skip locked) \
     update password_reset_resets set lease = lease + 1, leased_until = $2 \
     where id = any(array(select id from due)) returning ",
    columns!()
);

pub(crate) const SETTLE: &str = concat!(
    "with moved as (update password_reset_resets \
         set tasks = tasks & ~$3, notified = notified | $4, delivery_attempts = $5, leased_until = null, \
             due_at = case when (tasks & ~$3 & ~$6) <> 0 then $7 when (tasks & ~$3) <> 0 then $8 end \
         where id = $1 and lease = $2 and leased_until is not null and ",
    unhurried!(),
    " returning (tasks & ~$6) <> 0 as more_tasks), ",
    noted!("$9, $10, $11, $12, $13, $14, $15, $16, $17"),
    " where exists (select from moved)) select more_tasks from moved"
);

/// As [`SETTLE`], for many.
pub(crate) const SETTLE_MANY: &str = concat!(
    asked!("id, lease, done, notified, delivery_attempts, seen, at, retry_at", "$2, $3, $4, $5, $6, $7, $8"),
    held!(concat!(" and ", unhurried!())),
    "moved as (update password_reset_resets as r \
         set tasks = r.tasks & ~a.done, notified = r.notified | a.notified, delivery_attempts = a.delivery_attempts, leased_until = null, \
             due_at = case when (r.tasks & ~a.done & ~a.seen) <> 0 then a.at \
                 when (r.tasks & ~a.done) <> 0 then a.retry_at end \
         from asked as a where r.id = a.id and r.lease = a.lease and r.leased_until is not null \
             and r.id in (select id from held) returning r.id, (r.tasks & ~a.seen) <> 0 as more_tasks), ",
    noted_of!("$9, $10, $11, $12, $13, $14, $15, $16, $17, $18", "select id from moved"),
    " select held.id, more_tasks from held left join moved on moved.id = held.id"
);

pub(crate) const BUCKET: &str = "select full_at from password_reset_quotas where key = $1";

/// The first token of a bucket that is full, which most are.
pub(crate) const FIRST_TOKEN: &str = concat!(
    "insert into password_reset_quotas (key, full_at) select $1, $2 where ",
    unhurried!(),
    " on conflict (key) do nothing"
);

/// As [`FIRST_TOKEN`], for many.
pub(crate) const FIRST_TOKEN_MANY: &str = concat!(
    "insert into password_reset_quotas (key, full_at) \
     select key, full_at from unnest((select $1::bytea[]), $2) as asked (key, full_at) where ",
    unhurried!(),
    " order by key on conflict (key) do nothing returning key"
);

/// A further token, if nobody took one since the bucket was looked at.
pub(crate) const NEXT_TOKEN: &str =
    concat!("update password_reset_quotas set full_at = $2 where key = $1 and full_at = $3 and ", unhurried!());

pub(crate) const RECORD: &str = "insert into password_reset_audit \
     (at, event, reset_id, account, actor, channel, source, contact, detail) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

pub(crate) const HISTORY: &str = "select at, event, reset_id, account, actor, channel, source, contact, detail \
     from password_reset_audit where account = $1 order by at desc, id desc limit $2";

/// The newest row of each contact.
pub(crate) const OUTCOMES: &str = "select distinct on (contact) \
         at, event, reset_id, account, actor, channel, source, contact, detail \
     from password_reset_audit where account = $1 and contact is not null order by contact, at desc, id desc";

/// As [`OUTCOMES`], for many accounts.
pub(crate) const OUTCOMES_MANY: &str = "select distinct on (account, contact) \
         at, event, reset_id, account, actor, channel, source, contact, detail \
     from password_reset_audit where account = any(array(select unnest($1))) and contact is not null \
     order by account, contact, at desc, id desc";

/// Some rows of each kind. What others hold is left for the next time, so nobody waits for this and it for nobody.
pub(crate) const PURGE: &str = concat!(
    "with resets as (delete from password_reset_resets where id = any(array(\
         select id from password_reset_resets where tasks = 0 and expires_at < ",
    unseen!("$2::timestamptz"),
    " order by expires_at limit ",
    unseen!("$4::bigint"),
    " for update skip locked)) returning 1), \
     audit as (delete from password_reset_audit where ctid = any(array(\
         select ctid from password_reset_audit where at < ",
    unseen!("$3::timestamptz"),
    " order by at limit ",
    unseen!("$4::bigint"),
    " for update skip locked)) returning 1), \
     runs as (delete from password_reset_failures where subject = any(array(\
         select subject from password_reset_failures where until < ",
    unseen!("$3::timestamptz"),
    " order by until limit ",
    unseen!("$4::bigint"),
    " for update skip locked)) returning 1), \
     senders as (delete from password_reset_senders where number = any(array(\
         select number from password_reset_senders where seen_at < ",
    unseen!("$3::timestamptz"),
    " order by seen_at limit ",
    unseen!("$4::bigint"),
    " for update skip locked)) returning 1), \
     sources as (delete from password_reset_sources where ctid = any(array(\
         select ctid from password_reset_sources where ends_at <= ",
    unseen!("$1::timestamptz"),
    " order by ends_at limit ",
    unseen!("$4::bigint"),
    " for update skip locked)) returning 1), \
     quotas as (delete from password_reset_quotas where key = any(array(\
         select key from password_reset_quotas where full_at <= ",
    unseen!("$1::timestamptz"),
    " order by full_at limit ",
    unseen!("$4::bigint"),
    " for update skip locked)) returning 1) \
     select (select count(*) from resets) + (select count(*) from audit) + (select count(*) from runs) \
         + (select count(*) from senders) + (select count(*) from sources) + (select count(*) from quotas)"
);

/// Keeps steps from the resets of an account that is being erased, so that none leaves an audit row behind.
pub(crate) const LOCK_FAMILY: &str = "select id from password_reset_resets where account = $1 order by id for update";

/// What is erased with an account, in this order: later statements take away what earlier ones look at.
pub(crate) const ERASE: [&str; 5] = [
    // The rows from before the account was known hold the digest of a source too.
    "delete from password_reset_audit where account is null and reset_id in (\
     select reset_id from password_reset_audit where account = $1 \
     union select id from password_reset_resets where account = $1)",
    "delete from password_reset_audit where account = $1",
    "delete from password_reset_failures where subject in (\
     select subject from password_reset_resets where account = $1)",
    "delete from password_reset_resets where account = $1",
    "delete from password_reset_senders where account = $1",
];

/// The channel is the database's: stores in several schemas of one database share it, and wake each other for nothing.
pub(crate) const CHANNEL: &str = "password_reset";
pub(crate) const NOTIFY: &str = "select pg_notify($1, $2)";

pub(crate) const NOW: &str = "select clock_timestamp()";

/// Which server and which database a connection is of.
pub(crate) const DATABASE: &str = "select pg_postmaster_start_time(), oid::bigint from pg_database \
     where datname = current_database()";

pub(crate) const CREATE_MIGRATIONS: &str = "create table if not exists password_reset_migrations (\
     version bigint not null primary key, name text not null, checksum bytea not null)";
/// Reading the catalogue makes the server forget what it remembered of it: another node may have made the table while
/// this one waited for a lock.
pub(crate) const HAS_TABLE: &str = "select exists (select from pg_class where oid = to_regclass($1))";
pub(crate) const HAS_SCHEMA: &str = "select exists (select from pg_namespace where nspname = $1)";
/// One program at a time makes tables; the number means nothing.
pub(crate) const LOCK_MIGRATIONS: &str = "select pg_advisory_xact_lock(7093169413108039534)";
pub(crate) const MIGRATIONS: &str = "select version, checksum from password_reset_migrations order by version";
pub(crate) const RECORD_MIGRATION: &str =
    "insert into password_reset_migrations (version, name, checksum) values ($1, $2, $3)";

/// Names every column of every table and reads no row.
pub(crate) const EVERY_COLUMN: [&str; 6] = [
    concat!("select ", columns!(), ", leased_until from password_reset_resets limit 0"),
    "select subject, wrong, until from password_reset_failures limit 0",
    "select source, ends_at, requests from password_reset_sources limit 0",
    "select key, full_at from password_reset_quotas limit 0",
    "select number, id, identity, account, seen_at from password_reset_senders limit 0",
    "select id, at, event, reset_id, account, actor, channel, source, contact, detail from password_reset_audit limit 0",
];

/// What the names of this crate's tables begin with.
pub(crate) const PREFIX: &str = "password_reset_";

/// An identifier as SQL writes it (Postgres, "Identifiers and Key Words"): quotes in it are doubled.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
