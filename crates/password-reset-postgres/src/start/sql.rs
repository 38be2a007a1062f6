//! The statements of the checks, as fixed texts.

/// The tables that a service writes, each with a column.
pub(crate) const TABLES: [(&str, &str); 5] = [
    ("password_reset_resets", "realm"),
    ("password_reset_quotas", "key"),
    ("password_reset_senders", "realm"),
    ("password_reset_audit", "realm"),
    ("password_reset_feeds", "realm"),
];

/// Needs every right that the store needs, and changes nothing.
pub(crate) fn try_write(table: &str, column: &str) -> String {
    format!(
        "with added as (insert into {table} ({column}) select {column} from {table} where false returning 1), \
         changed as (update {table} set {column} = {column} where false returning 1), \
         removed as (delete from {table} where false returning 1) \
         select from {table}, added, changed, removed limit 0"
    )
}

/// A column of `$2` that the table does not have, or not with the type of `$3`.
pub(crate) const OTHER_COLUMN: &str = "select wanted.name from unnest($2, $3) as wanted (name, type) \
     left join pg_attribute as a on a.attrelid = to_regclass($1) and a.attname = wanted.name and not a.attisdropped \
     where a.atttypid is distinct from to_regtype(wanted.type)::oid limit 1";
/// The indexes of tables that can be used.
pub(crate) const OWN_INDEXES: &str = "select c.relname::text from pg_index as i join pg_class as c on c.oid = i.indexrelid \
     where i.indisvalid and i.indrelid in (select to_regclass(name) from unnest($1) as t (name))";
/// Whether row-level security hides rows of a table from this role: not from its owner, unless forced, nor from one that
/// bypasses it.
pub(crate) const HIDES_ROWS: &str = "select coalesce(row_security_active(to_regclass($1)), false)";
pub(crate) const ROLE: &str = "select quote_ident(current_user)";
/// The server's time, and whether commits wait for the disk.
pub(crate) const SERVER: &str = "select clock_timestamp(), \
     current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off'";
