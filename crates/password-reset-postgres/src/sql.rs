//! Every statement on this crate's own tables, as a fixed text: one a step.
//!
//! The condition under which a statement writes its row decides the step, and all other writes of the step depend on that
//! row in the same statement, so that a step is one round trip and one commit. Parameters are scalars, and conditions the
//! same for all values, so that Postgres settles on generic plans. The statements on the application's tables are in
//! [`accounts`](crate::PostgresAccounts), because their names are the application's.

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

/// Writes the audit row whose nine values are the parameters, if there is one, on a condition. Nearly every write has one
/// or none; the subselect hides from the planner which.
macro_rules! audited {
    ($at:literal, $others:literal, $condition:literal) => {
        concat!(
            "audited as (insert into password_reset_audit \
             (at, event, reset_id, account, actor, channel, source, contact, detail) select ",
            $at,
            ", ",
            $others,
            " where (select ",
            $at,
            ") is not null",
            $condition,
            ")"
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
    audited!("$32::timestamptz", "$33, $34, $35, $36, $37, $38, $39, $40", ""),
    " select true"
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
    audited!("$32::timestamptz", "$33, $34, $35, $36, $37, $38, $39, $40", " and exists (select from opened)"),
    " select exists (select from opened)"
);

pub(crate) const LOAD: &str = concat!("select ", columns!(), " from password_reset_resets where id = $1");

pub(crate) const EXISTS: &str = "select 1 from password_reset_resets where id = $1";

/// Writes the columns that steps change, if the row has the expected version and has not expired.
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
            audited!("$21::timestamptz", "$22, $23, $24, $25, $26, $27, $28, $29", " and exists (select from moved)")
        )
    };
}

/// The open resets of an account, locked in the order of their ids, so that two that win at once do not deadlock.
/// Counting them makes Postgres take the locks before it reads the row that the step changes.
macro_rules! family {
    () => {
        concat!(
            "family as materialized (select id from password_reset_resets where account = $6 and ",
            open_states!(),
            " order by id for update), "
        )
    };
}

/// Closes the other open resets of the account, because this one won.
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

/// An id that another number had is deleted first; counting the deleted rows enforces that order.
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

/// The statement of a step. `$1` to `$33` are the same for all; `$34` to `$38` are the sender to remember.
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

/// The first parameter of the account's update in [`ADVANCE_WITH_ACCOUNT`] is the one after this.
pub(crate) const BEFORE_ACCOUNT: usize = 33;

/// The step that finishes a reset with its account, as the texts before and after the account's update, which must end in a
/// condition. The family is locked first; then the account is written, if the row is still as the step expects; then the
/// row, if the account was as the step expects.
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

/// The reset of an inbound key and the known sender, in one read.
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

/// A value hidden from the planner. Knowing it (that no row is as old, or how few rows are wanted), Postgres would find a
/// plan for each call cheaper than one for all, and would plan every call.
macro_rules! opaque {
    ($parameter:literal) => {
        concat!("(select ", $parameter, ")")
    };
}

/// The second cast makes it one array and not a list of rows.
pub(crate) const VERSIONS: &str =
    concat!("select id, version from password_reset_resets where id = any(", opaque!("$1::uuid[]"), "::uuid[])");

/// Counts an attempt at a code, on the row and against the account. It is a guess at a secret, so the commit waits.
pub(crate) const COUNT_CODE: &str = concat!(
    "with counted as (update password_reset_resets set code_attempts = code_attempts + 1 \
         where id = $1 and code_attempts < $2 returning ",
    columns!(),
    "), failed as (insert into password_reset_failures as r (subject, wrong, until) \
         select subject, 1, expires_at from counted \
         on conflict (subject) do update \
         set wrong = least(r.wrong + 1, 4294967295), until = greatest(r.until, excluded.until) returning wrong) \
     select ",
    columns!(),
    ", (select wrong from failed) as run from counted"
);

pub(crate) const CLEAR_FAILURES: &str = "delete from password_reset_failures where subject = $1";

/// Commits without waiting for the disk (asynchronous commit): the next commit that waits takes this one along, and what a
/// power cut takes back is only done again. As a condition, because Postgres then must evaluate it.
macro_rules! asynchronous {
    () => {
        "(select set_config('synchronous_commit', 'off', true)) = 'off'"
    };
}

/// Bounds work and not guesses, so the commit need not wait.
pub(crate) const COUNT_COMPLETION: &str = concat!(
    "update password_reset_resets set completion_attempts = completion_attempts + 1 \
     where id = $1 and completion_attempts < $2 and ",
    asynchronous!(),
    " returning ",
    columns!(),
    ", 0::bigint as run"
);

/// Skips rows that workers on other nodes are leasing at the moment.
pub(crate) const LEASE: &str = concat!(
    "with due as materialized (select id from password_reset_resets where tasks <> 0 and due_at <= ",
    opaque!("$1::timestamptz"),
    " and (leased_until is null or leased_until <= $1) and ",
    asynchronous!(),
    " order by due_at limit ",
    opaque!("$3::bigint"),
    " for update skip locked) \
     update password_reset_resets set lease = lease + 1, leased_until = $2 \
     where id = any(array(select id from due)) returning ",
    columns!()
);

pub(crate) const ACKNOWLEDGE: &str = concat!(
    "with moved as (update password_reset_resets \
         set tasks = tasks & ~$3, notified = notified | $4, delivery_attempts = $5, leased_until = null, \
             due_at = case when (tasks & ~$3 & ~$6) <> 0 then $7 when (tasks & ~$3) <> 0 then $8 end \
         where id = $1 and lease = $2 and leased_until is not null and ",
    asynchronous!(),
    " returning (tasks & ~$6) <> 0 as more_tasks), ",
    audited!("$9::timestamptz", "$10, $11, $12, $13, $14, $15, $16, $17", " and exists (select from moved)"),
    " select more_tasks from moved"
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
     (at, event, reset_id, account, actor, channel, source, contact, detail) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

pub(crate) const HISTORY: &str = "select at, event, reset_id, account, actor, channel, source, contact, detail \
     from password_reset_audit where account = $1 order by at desc, id desc limit $2";

/// The newest row of each contact.
pub(crate) const OUTCOMES: &str = "select distinct on (contact) \
         at, event, reset_id, account, actor, channel, source, contact, detail \
     from password_reset_audit where account = $1 and contact is not null order by contact, at desc, id desc";

/// Some rows of each table. Rows that others have locked are left for the next time, so that neither waits. Resets are found
/// by when they were made, which is before they expire.
pub(crate) const PURGE: &str = concat!(
    "with resets as (delete from password_reset_resets where id = any(array(\
         select id from password_reset_resets where created_at < ",
    opaque!("$2::timestamptz"),
    " and tasks = 0 and expires_at < $2 order by created_at limit ",
    opaque!("$4::bigint"),
    " for update skip locked)) returning 1), \
     audit as (delete from password_reset_audit where ctid = any(array(\
         select ctid from password_reset_audit where at < ",
    opaque!("$3::timestamptz"),
    " order by at limit ",
    opaque!("$4::bigint"),
    " for update skip locked)) returning 1), \
     failures as (delete from password_reset_failures where subject = any(array(\
         select subject from password_reset_failures where until < ",
    opaque!("$3::timestamptz"),
    " order by until limit ",
    opaque!("$4::bigint"),
    " for update skip locked)) returning 1), \
     senders as (delete from password_reset_senders where number = any(array(\
         select number from password_reset_senders where seen_at < ",
    opaque!("$3::timestamptz"),
    " order by seen_at limit ",
    opaque!("$4::bigint"),
    " for update skip locked)) returning 1), \
     sources as (delete from password_reset_sources where ctid = any(array(\
         select ctid from password_reset_sources where ends_at <= ",
    opaque!("$1::timestamptz"),
    " order by ends_at limit ",
    opaque!("$4::bigint"),
    " for update skip locked)) returning 1), \
     quotas as (delete from password_reset_quotas where key = any(array(\
         select key from password_reset_quotas where full_at <= ",
    opaque!("$1::timestamptz"),
    " order by full_at limit ",
    opaque!("$4::bigint"),
    " for update skip locked)) returning 1) \
     select (select count(*) from resets) + (select count(*) from audit) + (select count(*) from failures) \
         + (select count(*) from senders) + (select count(*) from sources) + (select count(*) from quotas)"
);

/// Blocks steps of the account's resets while it is erased, so that none leaves an audit row behind.
pub(crate) const LOCK_FAMILY: &str = "select id from password_reset_resets where account = $1 order by id for update";

/// Erases all rows of an account, in this order: later statements delete what earlier ones read.
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

/// Names every column of every table and reads no row.
pub(crate) const EVERY_COLUMN: [&str; 6] = [
    concat!("select ", columns!(), ", leased_until from password_reset_resets limit 0"),
    "select subject, wrong, until from password_reset_failures limit 0",
    "select source, ends_at, requests from password_reset_sources limit 0",
    "select key, full_at from password_reset_quotas limit 0",
    "select number, id, identity, account, seen_at from password_reset_senders limit 0",
    "select id, at, event, reset_id, account, actor, channel, source, contact, detail from password_reset_audit limit 0",
];

/// The prefix of the names of this crate's tables.
pub(crate) const PREFIX: &str = "password_reset_";

/// An identifier as SQL writes it (Postgres, "Identifiers and Key Words"): quotes in it are doubled.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
