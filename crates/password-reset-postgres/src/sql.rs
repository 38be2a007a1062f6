//! Every statement on this crate's own tables, as a fixed text: one a step.
//!
//! The condition under which a statement writes its row decides the step, and all other writes of the step depend on that row in the
//! same statement, so that a step is one round trip and one commit. Parameters are scalars, and conditions the same for all values, so
//! that Postgres settles on generic plans. The statements on the application's tables are in [`accounts`](crate::PostgresAccounts).

use std::sync::LazyLock;

/// The columns of a reset as [`row`](crate::row) reads them.
macro_rules! columns {
    () => {
        "id, version, state, subject, expires_at, account, fingerprint, issued_at, link_until, code_until, proved_by, \
         step_up, hash_digests, device, set_at, due_at, channel, locale, identifier_kind, identifier, key_id, nonce, \
         source, inbound_key, created_at, shown_until, tasks, code_attempts, \
         step_up_attempts, completion_attempts, delivery_attempts, notified, lease, contact"
    };
}

macro_rules! open_states {
    () => {
        "state in ('requested', 'code_issued', 'message_received', 'awaiting_code', 'awaiting_factor', 'verified', \
                   'applying', 'locked')"
    };
}

/// Writes the audit row whose nine values are the parameters, if there is one, on a condition. Nearly every write has one
/// or none; the subselect hides from the planner which.
macro_rules! audited {
    ($at:literal, $others:literal, $realm:literal, $condition:literal) => {
        concat!(
            "audited as (insert into password_reset_audit \
             (at, event, reset_id, account, actor, channel, source, contact, detail, realm) select ",
            $at,
            ", ",
            $others,
            ", ",
            $realm,
            " where (select ",
            $at,
            ") is not null",
            $condition,
            ")"
        )
    };
}

/// A value hidden from the planner. Knowing it (that no row is as old, or how few rows are wanted), Postgres would find a
/// plan for each call cheaper than one for all, and would plan every call.
macro_rules! opaque {
    ($parameter:literal) => {
        concat!("(select ", $parameter, ")")
    };
}

/// Commits without waiting for the disk (asynchronous commit): the next commit that waits takes this one along, and what a
/// power cut takes back is only done again. As a condition, because Postgres then must evaluate it.
macro_rules! asynchronous {
    () => {
        "(select set_config('synchronous_commit', 'off', true)) = 'off'"
    };
}

/// How many parameters [`permit`] has.
const QUOTA_PARAMETERS: usize = 5;

/// Takes a permit of a quota, if it has one: the statement form of [`Quota::take`](password_reset::ports::Quota::take), kept to
/// the millisecond. Its parameters from `first` on are the key, now, the refill in microseconds, the latest time that a
/// full quota allows, and the one beyond which the clock was set back.
pub(crate) fn permit(name: &str, first: usize, condition: &str) -> String {
    let [key, at, refill, limit, furthest] = [0, 1, 2, 3, 4].map(|after: usize| first.saturating_add(after));
    let refilled =
        |from: String| format!("date_trunc('milliseconds', {from} + ${refill}::bigint * interval '1 microsecond')");
    let (of_full, of_used) = (refilled(format!("${at}::timestamptz")), refilled(format!("greatest(q.full_at, ${at})")));
    format!(
        "{name} as (insert into password_reset_quotas as q (key, full_at) \
         select ${key}::bytea, {of_full} where {of_full} <= ${limit}::timestamptz{condition} \
         on conflict (key) do update set full_at = least({of_used}, date_trunc('milliseconds', ${limit}::timestamptz)) \
             where {of_used} <= ${limit} or q.full_at > ${furthest}::timestamptz returning full_at), "
    )
}

/// The digests of an array, where Postgres expects one: a condition that all of them meet makes it. Of ten, its guess for any array,
/// it would not look up the rows in a table that has its first few, but read all of it, and go on so until the table is analyzed.
macro_rules! each_digest {
    ($array:literal) => {
        concat!("(select digest from unnest((select ", $array, ")) as each (digest) where octet_length(digest) = 32)")
    };
}

macro_rules! reset_values {
    () => {
        "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, \
         $25, $26, $27, $28, $29, $30, $31, $32, $33, $45, $34"
    };
}

/// Inserts a reset, perhaps under a lease.
pub(crate) const OPEN: &str = concat!(
    "with opened as (insert into password_reset_resets (",
    columns!(),
    ", leased_until, realm) values (",
    reset_values!(),
    ", $44)), ",
    audited!("$35::timestamptz", "$36, $37, $38, $39, $40, $41, $42, $43", "$44", ""),
    " select true as opened, null::timestamptz as full_at"
);

/// Takes a permit of the source, and inserts the reset if there was one.
pub(crate) static OPEN_WITH_PERMIT: LazyLock<String> =
    LazyLock::new(|| format!("with {}{OPENED_WITH_PERMIT}", permit("permit", 46, "")));

const OPENED_WITH_PERMIT: &str = concat!(
    "opened as (insert into password_reset_resets (",
    columns!(),
    ", leased_until, realm) select ",
    reset_values!(),
    ", $44 where exists (select from permit) returning id), ",
    audited!("$35::timestamptz", "$36, $37, $38, $39, $40, $41, $42, $43", "$44", " and exists (select from opened)"),
    " select exists (select from opened) as opened, \
         (select full_at from password_reset_quotas where key = $46) as full_at"
);

/// What is selected, and from what; the account is joined after it.
pub(crate) const LOAD: [&str; 2] = [
    "select r.*",
    concat!(" from (select ", columns!(), " from password_reset_resets where id = $1 and realm = $2) as r"),
];
pub(crate) const LOAD_INBOUND: [&str; 2] = [
    "select r.*",
    concat!(" from (select ", columns!(), " from password_reset_resets where realm = $2 and inbound_key = $1) as r"),
];

pub(crate) const EXISTS: &str = "select 1 from password_reset_resets where id = $1 and realm = $2";

/// The open resets of an account, locked in the order of their ids, so that two that win at once do not deadlock.
/// Counting them makes Postgres take the locks before it reads the row that the step changes.
pub(crate) const FAMILY: &str = concat!(
    "family as materialized (select id from password_reset_resets where realm = $34 and account = $6 and ",
    open_states!(),
    " order by id for update), "
);

/// The row that the step changes, locked, if it has the expected version and has not expired; and whether its lease is the
/// caller's, or free.
pub(crate) const READY: &str = "ready as materialized (select id, {held} as held, {free} as free from password_reset_resets \
     where id = $1 and realm = $34 and version = $19 and expires_at > $20{family} for update), ";

/// Writes the columns that steps change.
pub(crate) const MOVED: &str = "moved as (update password_reset_resets as r \
     set version = $2, state = $3, subject = $4, expires_at = $5, account = $6, fingerprint = $7, issued_at = $8, \
         link_until = $9, code_until = $10, contact = $35, proved_by = $11, step_up = $12, hash_digests = $13, device = $14, \
         set_at = $15, due_at = case when $17 <> 0 then $16 else r.due_at end, tasks = (r.tasks | $17) & ~$18{lease} \
     {from}where r.id = $1 and r.realm = $34 and r.version = $19 and r.expires_at > $20{condition} \
     returning r.id, {leased} as leased, r.lease, r.tasks, r.notified, r.delivery_attempts), ";

/// The audit row of the step.
pub(crate) const STEP_AUDITED: &str =
    audited!("$21::timestamptz", "$22, $23, $24, $25, $26, $27, $28, $29", "$34", " and exists (select from moved)");

/// Closes the other open resets of the account, because this one won.
pub(crate) const CLOSED: &str = ", closed as (update password_reset_resets set state = $31, version = version + 1, tasks = 0 \
         where id in (select id from family where id <> $1) and exists (select from moved) \
         returning id, account, channel, source), \
     closing as (insert into password_reset_audit (at, event, reset_id, account, channel, source, detail, realm) \
         select $30, $32, id, account, channel, source, $33, $34 from closed)";

/// The first parameter of a step that is not the same for all steps is the one after this.
pub(crate) const STEP_PARAMETERS: usize = 35;

macro_rules! known_sender {
    () => {
        "select number as sender_number, id as sender_id, identity as sender_identity, account as sender_account, \
         seen_at as sender_seen_at from password_reset_senders "
    };
}

pub(crate) const SENDER_BY_NUMBER: &str = concat!(known_sender!(), "where realm = $2 and number = $1");
pub(crate) const SENDER_BY_ID: &str = concat!(known_sender!(), "where realm = $2 and id = $1");
pub(crate) const FORGET_NUMBER: &str = "delete from password_reset_senders where realm = $2 and number = $1";
pub(crate) const FORGET_ID: &str = "delete from password_reset_senders where realm = $2 and id = $1";

pub(crate) const LIVE: &str = concat!(
    "select ",
    columns!(),
    " from password_reset_resets where realm = $4 and account = $1 and ",
    open_states!(),
    " and expires_at > ",
    opaque!("$2::timestamptz"),
    " order by created_at, id limit ",
    opaque!("$3::bigint")
);

/// `offset 0` keeps the planner from reading all rows of the realm while the table is new.
pub(crate) const VERSIONS: &str = "select found.* from unnest((select $1::uuid[])) as each (value) cross join lateral \
     (select id, version from password_reset_resets where id = value and realm = $2 offset 0) as found";

pub(crate) const KEYS_IN_USE: &str =
    "select distinct key_id from password_reset_resets where realm = $2 and expires_at > $1";

/// Counts an attempt, and takes a permit of each of so many quotas that has one, as [`LOAD`] reads them. An attempt bounds
/// guesses and work, and is only lost with the power, so the commit need not wait.
pub(crate) fn attempt(counter: &str, quotas: usize) -> [String; 2] {
    let columns = columns!();
    let mut with = format!(
        "with r as (update password_reset_resets set {counter} = {counter} + 1 \
         where id = $1 and realm = $3 and {counter} < $2 and {} returning {columns}), ",
        asynchronous!()
    );
    let mut select = "select r.*".to_owned();
    for quota in 0..quotas {
        let key = quota.saturating_mul(QUOTA_PARAMETERS).saturating_add(4);
        with += &permit(&format!("permit_{quota}"), key, " and exists (select from r)");
        select += &format!(
            ", (select full_at from permit_{quota}) as granted_{quota}, \
             (select full_at from password_reset_quotas where key = ${key}) as before_{quota}"
        );
    }
    [format!("{} {select}", with.trim_end_matches(", ")), " from r".to_owned()]
}

/// The contacts that fail and the quotas, one row each, and whether a reset of the account is locked.
pub(crate) const ACCOUNT_STATE: &str = concat!(
    "select 'contact' as what, contact, null::timestamptz as full_at from (select distinct on (contact) contact, event \
         from password_reset_audit where realm = $5 and account = $1 and contact is not null order by contact, at desc, id desc) as newest \
         where event = $4 \
     union all select 'quota', key, full_at from password_reset_quotas where key in ",
    each_digest!("$2::bytea[]"),
    " union all select 'locked', null, null where exists (select from password_reset_resets \
         where realm = $5 and account = $1 and ",
    open_states!(),
    " and state = 'locked' and expires_at > ",
    opaque!("$3::timestamptz"),
    ")"
);

pub(crate) const LOCKED: &str = concat!(
    "select ",
    columns!(),
    " from password_reset_resets where realm = $3 and account = $1 and ",
    open_states!(),
    " and state = 'locked' and expires_at > ",
    opaque!("$2::timestamptz"),
    " order by created_at, id"
);

pub(crate) const REFILL: &str = concat!("delete from password_reset_quotas where key in ", each_digest!("$1::bytea[]"));

/// Skips rows that workers on other nodes are leasing at the moment. Those `ahead` were written before the clock was set back.
pub(crate) const LEASE: &str = concat!(
    "with due as materialized (select id from password_reset_resets where realm = $4 and tasks <> 0 and due_at <= ",
    opaque!("$1::timestamptz"),
    " and (leased_until is null or leased_until <= $1 or leased_until > $5) and ",
    asynchronous!(),
    " order by due_at limit ",
    opaque!("$3::bigint"),
    " for update skip locked), \
     ahead as materialized (select id from password_reset_resets where realm = $4 and tasks <> 0 and due_at > ",
    opaque!("$5::timestamptz"),
    " and (leased_until is null or leased_until <= $1 or leased_until > $5) \
         order by due_at limit (select $3 - count(*) from due) for update skip locked) \
     update password_reset_resets set lease = lease + 1, leased_until = $2 \
     where id = any(array(select id from due union all select id from ahead)) returning ",
    columns!()
);

/// What [`LEASE`] would find, oldest first, and the server's clock.
pub(crate) const HEALTH: &str = concat!(
    "select clock_timestamp() as clock, count(*) as overdue, min(due_at) as oldest_due_at \
     from (select due_at from password_reset_resets where realm = $3 and tasks <> 0 and due_at <= ",
    opaque!("$1::timestamptz"),
    " and (leased_until is null or leased_until <= $1) order by due_at limit ",
    opaque!("$2::bigint"),
    ") as due"
);

pub(crate) const QUOTA: &str = "select full_at from password_reset_quotas where key = $1";

/// The first permit of a full quota, which has no row.
pub(crate) const FIRST_PERMIT: &str = concat!(
    "insert into password_reset_quotas (key, full_at) select $1, $2 where ",
    asynchronous!(),
    " on conflict (key) do nothing"
);

/// A further permit, if no other caller took one since the quota was read.
pub(crate) const NEXT_PERMIT: &str =
    concat!("update password_reset_quotas set full_at = $2 where key = $1 and full_at = $3 and ", asynchronous!());

pub(crate) const RECORD: &str = "insert into password_reset_audit \
     (at, event, reset_id, account, actor, channel, source, contact, detail, realm) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

pub(crate) const HISTORY: &str = concat!(
    "select at, event, reset_id, account, actor, channel, source, contact, detail \
     from password_reset_audit where realm = $3 and account = $1 order by at desc, id desc limit ",
    opaque!("$2::bigint")
);

/// The newest row of each contact.
pub(crate) const OUTCOMES: &str = "select distinct on (contact) \
         at, event, reset_id, account, actor, channel, source, contact, detail \
     from password_reset_audit where realm = $2 and account = $1 and contact is not null order by contact, at desc, id desc";

/// Some rows of each table. Rows that others have locked are left for the next time, so that neither waits. Resets are found
/// by when they were made, which is before they expire. Quotas are of no realm: a full one is as good as none.
pub(crate) const PURGE: &str = concat!(
    "with resets as (delete from password_reset_resets where id = any(array(\
         select id from password_reset_resets where realm || '' = $5 and created_at < ",
    opaque!("$2::timestamptz"),
    " and tasks = 0 and expires_at < ",
    opaque!("$2::timestamptz"),
    " order by created_at limit ",
    opaque!("$4::bigint"),
    " for update skip locked)) returning 1), \
     audit as (delete from password_reset_audit where ctid = any(array(\
         select ctid from password_reset_audit where realm || '' = $5 and num_nulls(account) = 0 and event not in ('suppressed', 'issued') and at < ",
    opaque!("$3::timestamptz"),
    " order by at limit ",
    opaque!("$4::bigint"),
    " for update skip locked)) returning 1), \
     noise as (delete from password_reset_audit where ctid = any(array(\
         select ctid from password_reset_audit where realm || '' = $5 \
             and (num_nulls(account) = 1 or event in ('suppressed', 'issued')) and at < ",
    opaque!("$6::timestamptz"),
    " order by at limit ",
    opaque!("$4::bigint"),
    " for update skip locked)) returning 1), \
     senders as (delete from password_reset_senders where realm = $5 and number = any(array(\
         select number from password_reset_senders where realm || '' = $5 and seen_at < ",
    opaque!("$3::timestamptz"),
    " order by seen_at limit ",
    opaque!("$4::bigint"),
    " for update skip locked)) returning 1), \
     quotas as (delete from password_reset_quotas where key = any(array(\
         select key from password_reset_quotas where full_at <= ",
    opaque!("$1::timestamptz"),
    " order by full_at limit ",
    opaque!("$4::bigint"),
    " for update skip locked)) returning 1) \
     select (select count(*) from resets) + (select count(*) from audit) + (select count(*) from noise) \
         + (select count(*) from senders) + (select count(*) from quotas)"
);

/// The resets of an account, also those that only the audit trail knows to be its own.
macro_rules! resets_of_account {
    () => {
        "select id from password_reset_resets where realm = $2 and account = $1 \
         union select reset_id from password_reset_audit where realm = $2 and account = $1"
    };
}

/// Locks them, so that no step of theirs leaves an audit row behind.
pub(crate) const LOCK_FAMILY: &str = concat!(
    "select id from password_reset_resets where realm = $2 and id in (",
    resets_of_account!(),
    ") order by id for update"
);

/// Erases requests without an account whose subject is one of the keys.
pub(crate) const ERASE_NAMED: &str = concat!(
    "with named as (delete from password_reset_resets where realm = $2 and account is null and subject = any(",
    opaque!("$1::bytea[]"),
    "::bytea[]) returning id) \
     delete from password_reset_audit where realm = $2 and account is null and reset_id = any(array(select id from named))"
);

/// Erases all rows of an account, in this order: later statements delete what earlier ones read.
pub(crate) const ERASE: [&str; 5] = [
    concat!(
        "delete from password_reset_quotas where key in (\
             select subject from password_reset_resets where realm = $2 and id in (",
        resets_of_account!(),
        "))"
    ),
    // The rows from before the account was known hold the digest of a source too.
    concat!(
        "delete from password_reset_audit where realm = $2 and account is null and reset_id in (",
        resets_of_account!(),
        ")"
    ),
    concat!("delete from password_reset_resets where realm = $2 and id in (", resets_of_account!(), ")"),
    "delete from password_reset_audit where realm = $2 and account = $1",
    "delete from password_reset_senders where realm = $2 and account = $1",
];

/// Channels belong to the database: stores in several of its schemas share this one and wake each other needlessly.
pub(crate) const CHANNEL: &str = "password_reset";
pub(crate) const NOTIFY: &str = "select pg_notify($1, $2)";

pub(crate) const NOW: &str = "select clock_timestamp()";

/// The server and the database of a connection.
pub(crate) const DATABASE: &str = "select pg_postmaster_start_time(), oid::bigint from pg_database \
     where datname = current_database()";

pub(crate) const CREATE_MIGRATIONS: &str = "create table if not exists password_reset_migrations (\
     version bigint not null primary key, name text not null, checksum bytea not null)";
/// Reading the catalogue refreshes the server's cache of it: another node may have created the table while this one waited
/// for the lock.
pub(crate) const HAS_TABLE: &str = "select exists (select from pg_class where oid = to_regclass($1))";
pub(crate) const HAS_SCHEMA: &str = "select exists (select from pg_namespace where nspname = $1)";
/// One program at a time creates tables; the number is arbitrary.
pub(crate) const LOCK_MIGRATIONS: &str = "select pg_advisory_xact_lock(7093169413108039534)";
pub(crate) const MIGRATIONS: &str = "select version, checksum from password_reset_migrations order by version";
pub(crate) const RECORD_MIGRATION: &str =
    "insert into password_reset_migrations (version, name, checksum) values ($1, $2, $3)";

/// The prefix of the names of this crate's tables.
pub(crate) const PREFIX: &str = "password_reset_";

/// An identifier as SQL writes it (Postgres, "Identifiers and Key Words"): quotes in it are doubled.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
