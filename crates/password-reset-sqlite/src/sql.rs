//! Every statement on this crate's own tables, as a fixed text.
//!
//! The statements on the application's tables are in [`accounts`](crate::SqliteAccounts): their names are the
//! application's.

/// The columns of a reset, in the order in which [`row`](crate::row) reads them.
macro_rules! columns {
    () => {
        "id, version, state, subject, expires_at, link_until, code_until, proved_by, step_up, hash_digests, device, \
         set_at, due_at, account, fingerprint, issued_at, channel, locale, identifier_kind, identifier, key_id, nonce, source, \
         inbound_key, created_at, shown_until, tasks, code_attempts, step_up_attempts, completion_attempts, delivery_attempts, notified, contact, lease"
    };
}

pub(crate) const OPEN: &str = concat!(
    "insert into password_reset_resets (",
    columns!(),
    ", leased_until, realm) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, \
     ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36)"
);

pub(crate) const HAS_INBOUND_KEY: &str = "select 1 from password_reset_resets where realm = ?2 and inbound_key = ?1";

pub(crate) const LOAD: &str =
    concat!("select ", columns!(), " from password_reset_resets where id = ?1 and realm = ?2");

pub(crate) const EXISTS: &str = "select 1 from password_reset_resets where id = ?1 and realm = ?2";

/// Writes what steps change, if the row has the version and has not expired, and the quota of the permit that the step claims
/// has the time that the claim was computed from. Without a claim `?21` and `?22` are null, which fits.
macro_rules! transition {
    ($more:literal) => {
        concat!(
            "update password_reset_resets \
             set version = ?2, state = ?3, subject = ?4, expires_at = ?5, link_until = ?6, code_until = ?7, \
                 proved_by = ?8, step_up = ?9, hash_digests = ?10, device = ?11, set_at = ?12, \
                 due_at = case when ?17 <> 0 then ?13 else due_at end, tasks = (tasks | ?17) & ~?18",
            $more,
            " where id = ?1 and realm = ?23 and version = ?19 and expires_at > ?20 \
                and (select full_at from password_reset_quotas where key = ?21) is ?22"
        )
    };
}

pub(crate) const TRANSITION: &str = transition!("");

/// As [`TRANSITION`], for the step by which a row gets its account. SQLite writes every index anew of which an update names a
/// column, whether the column changes or not.
pub(crate) const BIND: &str = transition!(", account = ?14, fingerprint = ?15, issued_at = ?16, contact = ?24");

pub(crate) const LOAD_INBOUND: &str =
    concat!("select ", columns!(), " from password_reset_resets where realm = ?2 and inbound_key = ?1");

macro_rules! known_sender {
    () => {
        "select number, id, identity, account, seen_at from password_reset_senders "
    };
}

pub(crate) const SENDER_BY_NUMBER: &str = concat!(known_sender!(), "where realm = ?2 and number = ?1");
pub(crate) const SENDER_BY_ID: &str = concat!(known_sender!(), "where realm = ?2 and id = ?1");
pub(crate) const FORGET_NUMBER: &str = "delete from password_reset_senders where realm = ?2 and number = ?1";
pub(crate) const FORGET_ID: &str = "delete from password_reset_senders where realm = ?2 and id = ?1";
pub(crate) const FORGET_OLD_ID: &str =
    "delete from password_reset_senders where realm = ?3 and id = ?1 and number <> ?2";
pub(crate) const LEARN: &str = "insert into password_reset_senders (number, id, identity, account, seen_at, realm) \
     values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (realm, number) do update \
     set id = coalesce(excluded.id, id), identity = coalesce(excluded.identity, identity), \
         account = excluded.account, seen_at = excluded.seen_at";

/// The states from which a reset can still go on.
macro_rules! is_open {
    () => {
        "state in ('requested', 'code_issued', 'message_received', 'awaiting_code', 'awaiting_factor', 'verified', 'applying', 'locked')"
    };
}

pub(crate) const LIVE: &str = concat!(
    "select ",
    columns!(),
    " from password_reset_resets where realm = ?4 and account = ?1 and ",
    is_open!(),
    " and expires_at > ?2 order by created_at, id limit ?3"
);

pub(crate) const LOCKED: &str = concat!(
    "select ",
    columns!(),
    " from password_reset_resets where realm = ?4 and account = ?1 and state = ?2 and expires_at > ?3 order by created_at, id"
);

/// Of ids that are given as a JSON list of hexadecimal texts.
pub(crate) const VERSIONS: &str = "select id, version from password_reset_resets \
     where id in (select unhex(value) from json_each(?1)) and realm = ?2";

pub(crate) const KEYS_IN_USE: &str =
    "select distinct key_id from password_reset_resets where realm = ?2 and expires_at > ?1";

/// The other open resets of an account; the statements that note and close them must mean the same rows.
macro_rules! siblings {
    ($realm:literal) => {
        concat!("realm = ", $realm, " and account = ?1 and id <> ?2 and ", is_open!())
    };
}

pub(crate) const NOTE_SIBLINGS: &str = concat!(
    "insert into password_reset_audit (at, event, reset_id, account, channel, source, detail, realm) \
     select ?3, ?4, id, account, channel, source, ?5, realm from password_reset_resets where ",
    siblings!("?6")
);

pub(crate) const CLOSE_SIBLINGS: &str =
    concat!("update password_reset_resets set state = ?3, version = version + 1, tasks = 0 where ", siblings!("?4"));

pub(crate) const COUNT_CODE: &str = concat!(
    "update password_reset_resets set code_attempts = code_attempts + 1 where id = ?1 and realm = ?3 and code_attempts < ?2 returning ",
    columns!()
);

pub(crate) const COUNT_STEP_UP: &str = concat!(
    "update password_reset_resets set step_up_attempts = step_up_attempts + 1 \
     where id = ?1 and realm = ?3 and step_up_attempts < ?2 returning ",
    columns!()
);

pub(crate) const COUNT_COMPLETION: &str = concat!(
    "update password_reset_resets set completion_attempts = completion_attempts + 1 \
     where id = ?1 and realm = ?3 and completion_attempts < ?2 returning ",
    columns!()
);

macro_rules! lease {
    ($due:literal) => {
        concat!(
            "update password_reset_resets set lease = lease + 1, leased_until = ?2 where id in (\
                 select id from password_reset_resets where realm = ?4 and tasks <> 0 and ",
            $due,
            " and (leased_until is null or leased_until <= ?1 or leased_until > ?5) order by due_at limit ?3\
             ) returning ",
            columns!()
        )
    };
}

pub(crate) const LEASE: &str = lease!("due_at <= ?1");
/// Rows whose time was written before the clock was set back.
pub(crate) const LEASE_AHEAD: &str = lease!("due_at > ?5");

/// What [`LEASE`] would find, oldest first. The clock is the computer's own.
pub(crate) const HEALTH: &str = "select count(*), min(due_at) from (select due_at from password_reset_resets \
     where realm = ?3 and tasks <> 0 and due_at <= ?1 and (leased_until is null or leased_until <= ?1) \
     order by due_at limit ?2)";

/// Extends the lease `?2` if it is the row's last and was not given back; else takes a new one if the row is not leased.
pub(crate) const TAKE_LEASE: &str = "update password_reset_resets \
     set lease = lease + case when lease is ?2 and leased_until is not null then 0 else 1 end, leased_until = ?3 \
     where id = ?1 and realm = ?5 and (lease is ?2 or leased_until is null or leased_until <= ?4) \
     returning lease, tasks, notified, delivery_attempts";

pub(crate) const ACKNOWLEDGE: &str = "update password_reset_resets \
     set tasks = tasks & ~?3, notified = notified | ?4, delivery_attempts = ?5, \
         leased_until = case when (tasks & ~?3 & ~?6) <> 0 then ?10 end, \
         due_at = case when (tasks & ~?3 & ~?6) <> 0 then ?7 when (tasks & ~?3) <> 0 then ?8 end \
     where id = ?1 and realm = ?9 and lease = ?2 and leased_until is not null returning (tasks & ~?6) <> 0";

/// Takes a permit of a quota that is full: most are, so that is tried before anything is read.
pub(crate) const FIRST_PERMIT: &str = "insert into password_reset_quotas (key, full_at) values (?1, ?2) \
     on conflict (key) do update set full_at = excluded.full_at where full_at <= ?3";

pub(crate) const QUOTA: &str = "select full_at from password_reset_quotas where key = ?1";

pub(crate) const SET_QUOTA: &str = "insert into password_reset_quotas (key, full_at) values (?1, ?2) \
     on conflict (key) do update set full_at = excluded.full_at";

pub(crate) const REFILL: &str = "delete from password_reset_quotas where key = ?1";

pub(crate) const RECORD: &str = "insert into password_reset_audit (at, event, reset_id, account, actor, channel, source, contact, detail, realm) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

pub(crate) const NEWEST: &str = "select at, event, reset_id, account, actor, channel, source, contact, detail \
     from password_reset_audit where realm = ?3 and account = ?1 order by at desc, id desc limit ?2";

/// Of rows that no later row of the same contact follows.
macro_rules! newest_of_each_contact {
    () => {
        "from password_reset_audit as a where realm = ?2 and account = ?1 and contact is not null and not exists (\
         select 1 from password_reset_audit as later where later.realm = a.realm and later.account = a.account and later.contact = a.contact \
         and (later.at, later.id) > (a.at, a.id))"
    };
}

pub(crate) const NEWEST_OF_EACH_CONTACT: &str =
    concat!("select at, event, reset_id, account, actor, channel, source, contact, detail ", newest_of_each_contact!());

pub(crate) const FAILING: &str = concat!("select contact ", newest_of_each_contact!(), " and event = ?3");

/// One statement a kind of row; each takes a time, a limit and the realm. Quotas are of no realm: a full one is as good as none.
pub(crate) const PURGE_RESETS: &str = "delete from password_reset_resets where id in (\
     select id from password_reset_resets where realm = ?3 and tasks = 0 and expires_at < ?1 order by expires_at limit ?2)";
pub(crate) const PURGE_AUDIT: &str = "delete from password_reset_audit where id in (\
     select id from password_reset_audit where realm || '' = ?3 and account is not null and event not in ('suppressed', 'issued') \
         and at < ?1 order by at limit ?2)";
pub(crate) const PURGE_NOISE: &str = "delete from password_reset_audit where id in (\
     select id from password_reset_audit where realm || '' = ?3 and (account is null or event in ('suppressed', 'issued')) \
         and at < ?1 order by at limit ?2)";
pub(crate) const PURGE_SENDERS: &str = "delete from password_reset_senders where (realm, number) in (\
     select realm, number from password_reset_senders where realm = ?3 and seen_at < ?1 order by seen_at limit ?2)";
pub(crate) const PURGE_QUOTAS: &str = "delete from password_reset_quotas where key in (\
     select key from password_reset_quotas where full_at <= ?1 order by full_at limit ?2)";

/// The resets of an account, and those that only the audit trail says are its: suppressed ones, and those that were purged.
macro_rules! resets_of_account {
    () => {
        "select reset_id from password_reset_audit where realm = ?2 and account = ?1 and reset_id is not null \
         union select id from password_reset_resets where realm = ?2 and account = ?1"
    };
}

/// Requests without an account whose subject is one of the keys, given as a JSON list of hexadecimal texts.
pub(crate) const ERASE_NAMED: [&str; 2] = [
    "delete from password_reset_audit where realm = ?2 and account is null and reset_id in (\
         select id from password_reset_resets where realm = ?2 and account is null \
             and subject in (select unhex(value) from json_each(?1)))",
    "delete from password_reset_resets where realm = ?2 and account is null \
         and subject in (select unhex(value) from json_each(?1))",
];

/// All that is erased with an account; `?3` is a JSON list of keys.
macro_rules! resets_to_export {
    () => {
        concat!(
            resets_of_account!(),
            " union select id from password_reset_resets where realm = ?2 and account is null \
                 and subject in (select unhex(value) from json_each(?3))"
        )
    };
}

pub(crate) const EXPORT_RESETS: &str = concat!(
    "select ",
    columns!(),
    " from password_reset_resets where realm = ?2 and id in (",
    resets_to_export!(),
    ") order by created_at, id"
);

pub(crate) const EXPORT_AUDIT: &str = concat!(
    "select at, event, reset_id, account, actor, channel, source, contact, detail from (\
         select * from password_reset_audit where realm = ?2 and account = ?1 \
         union all select * from password_reset_audit where realm = ?2 and account is null and reset_id in (",
    resets_to_export!(),
    ")) order by at, id"
);

pub(crate) const EXPORT_SENDERS: &str = concat!(known_sender!(), "where realm = ?2 and account = ?1");

/// What is erased with an account, in this order: later statements take away what earlier ones look at.
pub(crate) const ERASE: [&str; 5] = [
    // The rows from before the account was known hold the digest of a source too.
    concat!(
        "delete from password_reset_audit where realm = ?2 and account is null and reset_id in (",
        resets_of_account!(),
        ")"
    ),
    concat!(
        "delete from password_reset_quotas where key in (select subject from password_reset_resets where realm = ?2 and id in (",
        resets_of_account!(),
        "))"
    ),
    concat!("delete from password_reset_resets where realm = ?2 and id in (", resets_of_account!(), ")"),
    "delete from password_reset_audit where realm = ?2 and account = ?1",
    "delete from password_reset_senders where realm = ?2 and account = ?1",
];

pub(crate) const BEGIN: &str = "begin immediate";
pub(crate) const COMMIT: &str = "commit";
pub(crate) const ROLLBACK: &str = "rollback";
/// Around each call of a transaction.
pub(crate) const SAVEPOINT: &str = "savepoint call";
pub(crate) const ROLLBACK_TO_SAVEPOINT: &str = "rollback to call";
pub(crate) const RELEASE: &str = "release call";

/// Around a step that writes the account too.
pub(crate) const STEP_SAVEPOINT: &str = "savepoint step";
pub(crate) const STEP_ROLLBACK: &str = "rollback to step";
pub(crate) const STEP_RELEASE: &str = "release step";

pub(crate) const JOURNAL_MODE: &str = "pragma journal_mode";
pub(crate) const SYNCHRONOUS: &str = "pragma synchronous";
pub(crate) const SET_WAL: &str = "pragma journal_mode = wal";

pub(crate) const CREATE_MIGRATIONS: &str = "create table if not exists password_reset_migrations (\
     version integer not null primary key, name text not null, checksum blob not null) strict";
pub(crate) const HAS_MIGRATIONS: &str =
    "select 1 from sqlite_schema where type = 'table' and name = 'password_reset_migrations'";
pub(crate) const MIGRATIONS: &str = "select version, checksum from password_reset_migrations order by version";
pub(crate) const RECORD_MIGRATION: &str =
    "insert into password_reset_migrations (version, name, checksum) values (?1, ?2, ?3)";

/// The columns of this crate's tables, with their types, and what creates the indexes.
pub(crate) const OWN_COLUMNS: &str = "select t.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || c.pk \
     from sqlite_schema as t join pragma_table_xinfo(t.name) as c \
     where t.type = 'table' and t.name like 'password\\_reset\\_%' escape '\\'";
pub(crate) const OWN_INDEXES: &str = "select sql from sqlite_schema \
     where type = 'index' and sql is not null and name like 'password\\_reset\\_%' escape '\\'";
/// A write, to be rolled back.
pub(crate) const TRY_WRITE: &str = "insert into password_reset_quotas (key, full_at) values (zeroblob(32), 0) \
     on conflict (key) do update set full_at = full_at";
pub(crate) const NEWEST_TIME: &str = "select at from password_reset_audit order by id desc limit 1";
