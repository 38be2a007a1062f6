-- Resets, their counters and the audit trail.
--
-- The tables are made in the first schema of the search path; set that to have them elsewhere. Digests are 32 bytes.
-- There is no foreign key: audit rows outlive their reset, runs of wrong codes outlive the resets that raised them, and
-- accounts may live in another database. Constraints have names, so that an error names the rule and shows no SQL.

create table password_reset_resets (
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
    stamp bytea,
    issued_at timestamptz,
    link_until timestamptz,
    code_until timestamptz,
    proved_by text,
    second_proof text,
    hash_digests bytea not null,
    device text,
    set_at timestamptz,
    due_at timestamptz,
    owes bigint not null,
    code_tries bigint not null,
    completion_tries bigint not null,
    attempts bigint not null,
    told bigint not null,
    lease bigint not null default 0,
    leased_until timestamptz,
    constraint reset_id primary key (id),
    constraint reset_version check (version > 0),
    constraint reset_state check (
        state in ('requested', 'code_issued', 'heard', 'wants_code', 'wants_factor', 'verified', 'applying',
                  'password_set', 'frozen', 'closed_cancelled', 'closed_locked', 'closed_account_changed',
                  'closed_other_reset_won', 'closed_contact_changed')
    ),
    constraint reset_names check (
        length(channel) between 1 and 40 and length(locale) between 1 and 40
        and length(identifier_kind) between 1 and 40 and octet_length(identifier) between 1 and 254
        and length(key_id) between 1 and 255 and (proved_by is null or length(proved_by) between 1 and 40)
        and (second_proof is null or length(second_proof) between 1 and 40)
        and (device is null or length(device) between 1 and 80)
    ),
    constraint reset_digests check (
        octet_length(nonce) = 32 and octet_length(source) = 32 and octet_length(subject) = 32
        and (inbound_key is null or octet_length(inbound_key) = 32)
        and octet_length(hash_digests) % 32 = 0 and octet_length(hash_digests) <= 2048
    ),
    constraint reset_times check (
        created_at <= shown_until and created_at <= expires_at
        and isfinite(created_at) and isfinite(shown_until) and isfinite(expires_at)
        and isfinite(coalesce(set_at, created_at)) and isfinite(coalesce(due_at, created_at))
        and isfinite(coalesce(leased_until, created_at))
    ),
    constraint reset_binding check (
        (account is null and stamp is null and issued_at is null and link_until is null and code_until is null)
        or (account is not null and stamp is not null and octet_length(stamp) = 32
            and issued_at is not null and link_until is not null and code_until is not null
            and isfinite(issued_at) and isfinite(link_until) and isfinite(code_until))
    ),
    constraint reset_bound check (
        case state when 'requested' then account is null
            when 'code_issued' then account is not null when 'heard' then account is not null
            when 'wants_code' then account is not null when 'wants_factor' then account is not null
            when 'verified' then account is not null when 'applying' then account is not null
            when 'password_set' then account is not null when 'frozen' then account is not null else true end
    ),
    -- A frozen one is closed when another reset sets a password, and still says when its own was.
    constraint reset_set check (
        case state when 'password_set' then set_at is not null when 'frozen' then set_at is not null
            when 'closed_other_reset_won' then true else set_at is null end
    ),
    constraint reset_owes check (owes between 0 and 511 and (owes = 0 or due_at is not null)),
    constraint reset_counters check (
        code_tries between 0 and 4294967295 and completion_tries between 0 and 4294967295
        and attempts between 0 and 4294967295 and told between 0 and 4294967295 and lease >= 0
    ),
    -- Every secret is made from it: two rows with one nonce would mean that the random numbers are broken (R162).
    constraint reset_nonce unique (nonce),
    -- A message names one reset or none.
    constraint reset_inbound_key unique (inbound_key)
)
-- What was owed and is paid stays in the outbox's index until vacuum comes, and everybody who looks for work passes over it.
-- So vacuum comes after so many changes, however many rows there are, and does not leave the indexes for another time.
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, vacuum_index_cleanup = on);

-- The outbox: only rows that owe something are in it.
create index password_reset_resets_due on password_reset_resets (due_at) where owes <> 0;
create index password_reset_resets_account on password_reset_resets (account, state) where account is not null;
create index password_reset_resets_purge on password_reset_resets (expires_at) where owes = 0;

-- Wrong codes in a row, by the keyed digest of whose they are. They outlive the resets (R41), and go with the audit rows
-- of the time when the last reset expired that raised them (R164).
create table password_reset_runs (
    subject bytea not null,
    wrong bigint not null,
    until timestamptz not null,
    constraint run primary key (subject),
    constraint run_subject check (octet_length(subject) = 32),
    constraint run_wrong check (wrong between 1 and 4294967295)
);

create index password_reset_runs_purge on password_reset_runs (until);

-- Requests of a source in a window.
create table password_reset_sources (
    source bytea not null,
    ends_at timestamptz not null,
    requests bigint not null,
    constraint source_window primary key (source, ends_at),
    constraint source_digest check (octet_length(source) = 32),
    constraint source_requests check (requests > 0)
);

create index password_reset_sources_purge on password_reset_sources (ends_at);

-- Token buckets that are not full: when they will be.
create table password_reset_buckets (
    key bytea not null,
    full_at timestamptz not null,
    constraint bucket primary key (key),
    constraint bucket_key check (octet_length(key) = 32),
    constraint bucket_full check (isfinite(full_at))
);

create index password_reset_buckets_purge on password_reset_buckets (full_at);

-- What the last accepted inbound message said about its sender.
create table password_reset_senders (
    number bytea not null,
    id bytea,
    identity bytea,
    account text not null,
    seen_at timestamptz not null,
    constraint sender primary key (number),
    constraint sender_digests check (
        octet_length(number) = 32 and (id is null or octet_length(id) = 32)
        and (identity is null or octet_length(identity) = 32)
    ),
    constraint sender_seen check (isfinite(seen_at)),
    constraint sender_id unique (id)
);

create index password_reset_senders_account on password_reset_senders (account);
create index password_reset_senders_purge on password_reset_senders (seen_at);

create table password_reset_audit (
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
    constraint audit primary key (id),
    constraint audit_at check (isfinite(at)),
    constraint audit_event check (length(event) between 1 and 40),
    constraint audit_digests check (
        (source is null or octet_length(source) = 32) and (contact is null or octet_length(contact) = 32)
    )
);

create index password_reset_audit_account on password_reset_audit (account, at, id) where account is not null;
-- For the last outcome at each contact.
create index password_reset_audit_contact on password_reset_audit (account, contact, at, id) where contact is not null;
-- For erasing: rows written before the account of their reset was known.
create index password_reset_audit_unknown on password_reset_audit (reset_id) where account is null;
create index password_reset_audit_purge on password_reset_audit (at);
