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
