//! The statements on the trail as a whole.

/// In the order of their numbers, which is that of their commits: one transaction writes at a time.
pub(crate) const AUDIT_AFTER: &str = "select id, at, event, reset_id, account, actor, channel, source, contact, detail \
     from password_reset_audit where realm = ?1 and id > ?2 and at >= ?3 order by id limit ?4";

/// Extends the lease `?3` if it is the feed's last; else takes a new one if the feed is not leased.
pub(crate) const LEASE_FEED: &str = "insert into password_reset_feeds as f (realm, name, lease, leased_until) values (?1, ?2, 1, ?4) \
     on conflict (realm, name) do update \
     set lease = f.lease + (?3 is null), leased_until = ?4, cursor = case when ?3 is null then f.cursor else coalesce(?5, f.cursor) end \
     where f.lease = ?3 or (?3 is null and (f.leased_until <= ?6 or f.leased_until > ?7)) returning lease, cursor";
