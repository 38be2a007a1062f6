//! The statements that take completed tasks off rows.

/// The rows that were acknowledged, with all columns of those whose lease the caller keeps.
macro_rules! acknowledged {
    () => {
        "select acked.id as ack, acked.lease as ack_lease, acked.more_tasks as has_more, kept.* from moved as acked \
             left join (select * from moved where leased_until is not null) as kept on kept.id = acked.id"
    };
}

/// Takes completed tasks off a row that the caller still leases.
pub(crate) const ACKNOWLEDGE: &str = concat!(
    "with moved as (update password_reset_resets \
         set tasks = tasks & ~$3, notified = notified | $4, delivery_attempts = $5, \
             leased_until = case when (tasks & ~$3 & ~$6) <> 0 then $19::timestamptz end, \
             due_at = case when (tasks & ~$3 & ~$6) <> 0 then $7 when (tasks & ~$3) <> 0 then $8 end \
         where id = $1 and realm = $18 and lease = $2 and leased_until is not null and ",
    asynchronous!(),
    " returning (tasks & ~$6) <> 0 as more_tasks, leased_until, ",
    columns!(),
    "), \
     audited as (insert into password_reset_audit \
         (at, event, reset_id, account, actor, channel, source, contact, detail, realm) \
         select at, event, reset_id, account, actor, channel, source, contact, detail, $18 \
         from unnest((select $9::timestamptz[]), (select $10::text[]), (select $11::uuid[]), (select $12::text[]), \
                 (select $13::text[]), (select $14::text[]), (select $15::bytea[]), (select $16::bytea[]), \
                 (select $17::text[])) with ordinality \
             as t (at, event, reset_id, account, actor, channel, source, contact, detail, place) \
         where exists (select from moved) order by place) ",
    acknowledged!()
);

/// Does the same with many rows, but for those that another call has locked: they would keep all the others locked until that call
/// has committed. For one row it takes the server twice as long.
///
/// Every lease is positive. Saying so makes Postgres expect few acks: while the table is new, it would read all of it rather
/// than look up ten rows, and go on so until the table is analyzed.
pub(crate) const ACKNOWLEDGE_MANY: &str = concat!(
    "with acks as (select * from unnest((select $1::uuid[]), (select $2::bigint[]), (select $3::bigint[]), \
             (select $4::bigint[]), (select $5::bigint[]), (select $6::bigint[]), (select $7::timestamptz[]), \
             (select $8::timestamptz[]), (select $21::timestamptz[])) \
             as a (ack, held, done, newly_notified, failures, seen, at, retry_at, keep_until) \
         where held between 1 and 9223372036854775807), \
     locked as materialized (select id from password_reset_resets as r join acks on id = ack and lease = held \
         where realm = $20 and leased_until is not null and ",
    asynchronous!(),
    " order by id for update of r skip locked), \
     moved as (update password_reset_resets \
         set tasks = tasks & ~done, notified = notified | newly_notified, delivery_attempts = failures, \
             leased_until = case when (tasks & ~done & ~seen) <> 0 then keep_until end, \
             due_at = case when (tasks & ~done & ~seen) <> 0 then at when (tasks & ~done) <> 0 then retry_at end \
         from acks where id = ack and lease = held and leased_until is not null and id in (select id from locked) \
         returning (tasks & ~seen) <> 0 as more_tasks, leased_until, ",
    columns!(),
    "), \
     audited as (insert into password_reset_audit \
         (at, event, reset_id, account, actor, channel, source, contact, detail, realm) \
         select t.at, t.event, t.reset_id, t.account, t.actor, t.channel, t.source, t.contact, t.detail, $20 \
         from unnest((select $9::timestamptz[]), (select $10::text[]), (select $11::uuid[]), (select $12::text[]), \
                 (select $13::text[]), (select $14::text[]), (select $15::bytea[]), (select $16::bytea[]), \
                 (select $17::text[]), (select $18::uuid[]), (select $19::bigint[])) with ordinality \
             as t (at, event, reset_id, account, actor, channel, source, contact, detail, ack, lease, place) \
         where (t.ack, t.lease) in (select id, lease from moved) order by t.place) ",
    acknowledged!()
);
