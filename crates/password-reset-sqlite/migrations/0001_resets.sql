-- Resets, their counters and the audit trail.
--
-- Times are milliseconds since 1970 in UTC, digests are 32 bytes. There is no foreign key: audit rows outlive their
-- reset, and accounts may live in another database. Constraints have names, so that an error names the rule and shows
-- no SQL.
--
-- Every reset, sender and audit row is of one realm, the service that wrote it. Keys of quotas are keyed digests that no other
-- realm has.

create table password_reset_resets (
    id blob not null primary key,
    realm text not null,
    version integer not null,
    channel text not null,
    state text not null,
    locale text not null,
    identifier_kind text not null,
    identifier text not null,
    key_id text not null,
    nonce blob not null,
    source blob not null,
    subject blob not null,
    inbound_key blob,
    created_at integer not null,
    shown_until integer not null,
    expires_at integer not null,
    account text,
    fingerprint blob,
    issued_at integer,
    link_until integer,
    code_until integer,
    contact blob,
    proved_by text,
    step_up text,
    hash_digests blob not null,
    device text,
    set_at integer,
    due_at integer,
    tasks integer not null,
    code_attempts integer not null,
    step_up_attempts integer not null,
    completion_attempts integer not null,
    delivery_attempts integer not null,
    notified integer not null,
    lease integer not null default 0,
    leased_until integer,
    constraint reset_id check (length(id) = 16),
    constraint reset_realm check (length(cast(realm as blob)) between 1 and 255),
    constraint reset_version check (version > 0),
    constraint reset_state check (
        state in ('requested', 'code_issued', 'message_received', 'awaiting_code', 'awaiting_factor', 'verified', 'applying',
                  'password_set', 'locked', 'closed_cancelled', 'closed_attempts_exhausted', 'closed_account_changed',
                  'closed_other_reset_won', 'closed_contact_changed')
    ),
    constraint reset_names check (
        length(channel) between 1 and 40 and length(locale) between 1 and 40
        and length(identifier_kind) between 1 and 40 and length(cast(identifier as blob)) between 1 and 254
        and length(key_id) between 1 and 255 and (proved_by is null or length(proved_by) between 1 and 40)
        and (step_up is null or length(step_up) between 1 and 40)
        and (device is null or length(device) between 1 and 80)
    ),
    constraint reset_digests check (
        length(nonce) = 32 and length(source) = 32 and length(subject) = 32
        and (inbound_key is null or length(inbound_key) = 32)
        and length(hash_digests) % 32 = 0 and length(hash_digests) <= 2048
    ),
    constraint reset_times check (created_at <= shown_until and created_at <= expires_at),
    constraint reset_binding check (
        (account is null and fingerprint is null and issued_at is null and link_until is null and code_until is null)
        or (account is not null and fingerprint is not null and length(fingerprint) = 32 and issued_at is not null and link_until is not null
            and code_until is not null)
    ),
    constraint reset_contact check (contact is null or (account is not null and length(contact) = 32)
    ),
    constraint reset_bound check (
        case state when 'requested' then account is null
            when 'code_issued' then account is not null when 'message_received' then account is not null
            when 'awaiting_code' then account is not null when 'awaiting_factor' then account is not null
            when 'verified' then account is not null when 'applying' then account is not null
            when 'password_set' then account is not null when 'locked' then account is not null else 1 end
    ),
    -- A locked one is closed when another reset sets a password, and still says when its own was.
    constraint reset_set check (
        case state when 'password_set' then set_at is not null when 'locked' then set_at is not null
            when 'closed_other_reset_won' then 1 else set_at is null end
    ),
    constraint reset_tasks check (tasks between 0 and 511 and (tasks = 0 or due_at is not null)),
    constraint reset_counters check (
        code_attempts between 0 and 4294967295 and step_up_attempts between 0 and 4294967295
        and completion_attempts between 0 and 4294967295 and delivery_attempts between 0 and 4294967295
        and notified between 0 and 4294967295 and lease >= 0
    )
) strict;

-- A message names one reset or none.
create unique index password_reset_resets_inbound_key on password_reset_resets (realm, inbound_key) where inbound_key is not null;
-- The outbox: only rows with pending tasks are in it.
create index password_reset_resets_due on password_reset_resets (realm, due_at) where tasks <> 0;
create index password_reset_resets_account on password_reset_resets (realm, account) where account is not null;
-- For erasing: requests that name an account, which no worker has found yet.
create index password_reset_resets_unbound on password_reset_resets (realm, subject) where account is null;
create index password_reset_resets_purge on password_reset_resets (realm, expires_at) where tasks = 0;

-- When quotas that are not full will be.
create table password_reset_quotas (
    key blob not null primary key,
    full_at integer not null,
    constraint quota_key check (length(key) = 32)
) strict, without rowid;

create index password_reset_quotas_purge on password_reset_quotas (full_at);

-- What the last accepted inbound message said about its sender.
create table password_reset_senders (
    realm text not null,
    number blob not null,
    id blob,
    identity blob,
    account text not null,
    seen_at integer not null,
    constraint sender_realm check (length(cast(realm as blob)) between 1 and 255),
    constraint sender_digests check (
        length(number) = 32 and (id is null or length(id) = 32) and (identity is null or length(identity) = 32)
    ),
    constraint sender_id unique (realm, id),
    primary key (realm, number)
) strict, without rowid;

create index password_reset_senders_account on password_reset_senders (realm, account);
create index password_reset_senders_purge on password_reset_senders (realm, seen_at);

create table password_reset_audit (
    -- No number is given twice, not even when the newest row was erased: readers go on after the last that they saw.
    id integer not null primary key autoincrement,
    realm text not null,
    at integer not null,
    event text not null,
    reset_id blob,
    account text,
    actor text,
    channel text,
    source blob,
    contact blob,
    detail text,
    constraint audit_realm check (length(cast(realm as blob)) between 1 and 255),
    constraint audit_event check (length(event) between 1 and 40),
    constraint audit_reset check (reset_id is null or length(reset_id) = 16),
    constraint audit_digests check (
        (source is null or length(source) = 32) and (contact is null or length(contact) = 32)
    )
) strict;

create index password_reset_audit_account on password_reset_audit (realm, account, at, id) where account is not null;
-- For the last outcome at each contact.
create index password_reset_audit_contact on password_reset_audit (realm, account, contact, at, id) where contact is not null;
-- For erasing: rows written before the account of their reset was known.
create index password_reset_audit_unknown on password_reset_audit (reset_id) where account is null;
-- What strangers cause at will is purged long before the rest; each row is in one of the two. The realm as an expression, which
-- only the purge writes: erasing would read all rows of the realm by an index that begins with `realm`.
create index password_reset_audit_purge on password_reset_audit ((realm || ''), at)
    where account is not null and event not in ('suppressed', 'issued');
create index password_reset_audit_noise_purge on password_reset_audit ((realm || ''), at)
    where account is null or event in ('suppressed', 'issued');

-- How far each observer of the audit trail is, and whose turn it is to hand rows over.
create table password_reset_feeds (
    realm text not null,
    name text not null,
    lease integer not null,
    leased_until integer not null,
    cursor text,
    constraint feed_names check (
        length(cast(realm as blob)) between 1 and 255 and length(cast(name as blob)) between 1 and 40
        and (cursor is null or length(cursor) between 1 and 64)
    ),
    primary key (realm, name)
) strict, without rowid;
