-- Resets, their counters and the audit trail.
--
-- The tables are created in the first schema of the search path; set that to have them elsewhere. Digests are 32 bytes.
-- There is no foreign key: audit rows outlive their reset, quotas belong to accounts and sources, and accounts may live in another database. Constraints have names, so that an error names the rule and shows no SQL.
--
-- Every reset, sender and audit row is of one realm, the service that wrote it. Keys of quotas are keyed digests that no other
-- realm has.
--
-- Rows of resets and of the audit trail have no rules but types: every row is checked when it is read, and one that was damaged is refused.
-- Postgres parses check constraints anew for every statement that writes, and a trigger took a twelfth of a reset.

create table password_reset_resets (
    realm text not null,
    id uuid not null,
    version bigint not null,
    channel text not null,
    state text not null,
    locale text not null,
    identifier_kind text not null,
    identifier text not null,
    key_id text not null,
    nonce bytea not null,
    source bytea not null,
    subject bytea not null,
    inbound_key bytea,
    created_at timestamptz not null,
    shown_until timestamptz not null,
    expires_at timestamptz not null,
    account text,
    fingerprint bytea,
    issued_at timestamptz,
    link_until timestamptz,
    code_until timestamptz,
    contact bytea,
    proved_by text,
    step_up text,
    hash_digests bytea not null,
    device text,
    set_at timestamptz,
    due_at timestamptz,
    tasks bigint not null,
    code_attempts bigint not null,
    step_up_attempts bigint not null,
    completion_attempts bigint not null,
    delivery_attempts bigint not null,
    notified bigint not null,
    lease bigint not null default 0,
    leased_until timestamptz,
    constraint reset_id primary key (id)
)
-- Entries of acknowledged tasks stay in the outbox's index until a vacuum, and every lease reads past them. So a vacuum runs
-- after a fixed number of changes, however many rows there are, and never skips the indexes.
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, vacuum_index_cleanup = on);

-- A message names one reset or none.
create unique index reset_inbound_key on password_reset_resets (realm, inbound_key) where inbound_key is not null;
-- The outbox: only rows with pending tasks are in it.
create index password_reset_resets_due on password_reset_resets (realm, due_at) where tasks <> 0;
create index password_reset_resets_account on password_reset_resets (realm, account) where account is not null;
-- For erasing: requests that name an account, which no worker has found yet.
create index password_reset_resets_unbound on password_reset_resets (realm, subject) where account is null;
-- By a column that no step changes: an index on `expires_at`, or one that `tasks` decides about, would be written by most steps.
-- The realm as an expression, which only the purge writes: by an index that begins with `realm`, Postgres would look up rows by
-- their id while the table is new, and read all rows of the realm each time.
create index password_reset_resets_purge on password_reset_resets ((realm || ''), created_at);

-- Quotas that are not full: when they will be.
create table password_reset_quotas (
    key bytea not null,
    full_at timestamptz not null,
    constraint quota primary key (key),
    constraint quota_key check (octet_length(key) = 32),
    constraint quota_full check (isfinite(full_at))
);

create index password_reset_quotas_purge on password_reset_quotas (full_at);

-- The sender of the last accepted inbound message, by number.
create table password_reset_senders (
    realm text not null,
    number bytea not null,
    id bytea,
    identity bytea,
    account text not null,
    seen_at timestamptz not null,
    constraint sender primary key (realm, number),
    constraint sender_realm check (octet_length(realm) between 1 and 255),
    constraint sender_digests check (
        octet_length(number) = 32 and (id is null or octet_length(id) = 32)
        and (identity is null or octet_length(identity) = 32)
    ),
    constraint sender_seen check (isfinite(seen_at)),
    constraint sender_id unique (realm, id)
);

create index password_reset_senders_account on password_reset_senders (realm, account);
create index password_reset_senders_purge on password_reset_senders ((realm || ''), seen_at);

create table password_reset_audit (
    realm text not null,
    id bigint not null generated always as identity,
    at timestamptz not null,
    event text not null,
    reset_id uuid,
    account text,
    actor text,
    channel text,
    source bytea,
    contact bytea,
    detail text,
    -- Of the transaction that wrote the row. Ids are given before the commit, so a reader that went by them alone would pass the row of
    -- a slower transaction; it reads up to the oldest transaction that still runs.
    written_by xid8 not null default pg_current_xact_id(),
    constraint audit primary key (realm, written_by, id)
);

create index password_reset_audit_account on password_reset_audit (realm, account, at, id) where account is not null;
-- For the last outcome at each contact.
create index password_reset_audit_contact on password_reset_audit (realm, account, contact, at, id) where contact is not null;
-- For erasing: rows written before the account of their reset was known.
create index password_reset_audit_unknown on password_reset_audit (reset_id) where account is null;
-- What strangers cause at will is purged long before the rest; each row is in one of the two. Realm and condition as expressions, as
-- for resets: erasing says `account is null`, and would read all of an index while the table is new.
create index password_reset_audit_purge on password_reset_audit ((realm || ''), at)
    where num_nulls(account) = 0 and event not in ('suppressed', 'issued');
create index password_reset_audit_noise_purge on password_reset_audit ((realm || ''), at)
    where num_nulls(account) = 1 or event in ('suppressed', 'issued');

-- How far each observer of the audit trail is, and whose turn it is to hand rows over.
create table password_reset_feeds (
    realm text not null,
    name text not null,
    lease bigint not null,
    leased_until timestamptz not null,
    cursor text,
    constraint feed primary key (realm, name),
    constraint feed_names check (
        octet_length(realm) between 1 and 255 and octet_length(name) between 1 and 40 and length(cursor) between 1 and 64
    ),
    constraint feed_leased check (isfinite(leased_until))
);
