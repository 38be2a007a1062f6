//! The statements that read the audit trail as a whole.

/// Rows in the order in which their transactions began, up to the oldest that still runs: a transaction that ends later has a
/// higher number. The subselects are one plan for all values.
///
/// The first row is always there, and says whether the numbers are those of another server: a row that can be seen was written
/// by a transaction that is over.
pub(crate) const AUDIT_AFTER: &str = "select first.stranded, written_by::text as written_by, id, at, event, reset_id, account, \
         actor, channel, source, contact, detail \
     from (select $2::text::xid8 >= pg_snapshot_xmax(pg_current_snapshot()) or exists (select from password_reset_audit \
             where realm = $1 and written_by >= pg_snapshot_xmax(pg_current_snapshot())) as stranded) as first \
     left join (select * from password_reset_audit where realm = $1 \
             and (written_by, id) > ((select $2::text::xid8), (select $3::bigint)) \
             and written_by < pg_snapshot_xmin(pg_current_snapshot()) and at >= $4 \
         order by written_by, id limit (select $5::bigint)) as audit on true \
     order by audit.written_by, audit.id";

/// Extends the lease `$3` if it is the feed's last; else takes a new one if the feed is not leased.
pub(crate) const LEASE_FEED: &str = "insert into password_reset_feeds as f (realm, name, lease, leased_until) \
     values ($1, $2, 1, $4) on conflict (realm, name) do update \
     set lease = case when $3::bigint is null then f.lease + 1 else f.lease end, leased_until = $4, \
         cursor = case when $3 is null then f.cursor else coalesce($5, f.cursor) end \
     where f.lease = $3 or ($3 is null and (f.leased_until <= $6 or f.leased_until > $7)) returning lease, cursor";

/// All that is erased with an account; `$3` are keys.
macro_rules! resets_to_export {
    () => {
        "select id from password_reset_resets where realm = $2 and account = $1 \
         union select reset_id from password_reset_audit where realm = $2 and account = $1 \
         union select id from password_reset_resets where realm = $2 and account is null and subject = any($3::bytea[])"
    };
}

pub(crate) const EXPORT_RESETS: &str = concat!(
    "select * from password_reset_resets where realm = $2 and id in (",
    resets_to_export!(),
    ") order by created_at, id"
);

pub(crate) const EXPORT_AUDIT: &str = concat!(
    "select * from password_reset_audit where realm = $2 and account = $1 \
     union all select * from password_reset_audit where realm = $2 and account is null and reset_id in (",
    resets_to_export!(),
    ") order by at, id"
);

pub(crate) const EXPORT_SENDERS: &str = "select number as sender_number, id as sender_id, identity as sender_identity, \
         account as sender_account, seen_at as sender_seen_at \
     from password_reset_senders where realm = $2 and account = $1";

pub(crate) const EXPORT_QUOTAS: &str =
    concat!("select key, full_at from password_reset_quotas where key in ", each_digest!("$1::bytea[]"));

/// All statements of an export see the same state of the database.
pub(crate) const SNAPSHOT: &str = "set transaction isolation level repeatable read, read only";
