-- Who may look: people, what keeps them logged in, tokens, links, and the groups they are shown. Of
-- a secret that somebody else holds only the hash is kept.

create table person (
    person_id bigint not null,
    name text not null,
    name_key text /* postgres: collate "C" */,
    password_hash text,
    issuer text /* postgres: collate "C" */,
    subject text /* postgres: collate "C" */,
    role text not null,
    created_at bigint not null,
    is_disabled boolean not null,
    primary key (person_id)
) /* sqlite: without rowid */;

create unique index person_by_name on person (name_key);

create unique index person_by_subject on person (issuer, subject);

create table person_group (
    person_id bigint not null,
    group_key text /* postgres: collate "C" */ not null,
    primary key (person_id, group_key)
) /* sqlite: without rowid */;

create table session (
    token_hash text /* postgres: collate "C" */ not null,
    person_id bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    last_seen_at bigint not null,
    primary key (token_hash)
) /* sqlite: without rowid */;

create index session_by_person on session (person_id);

create index session_by_expiry on session (expires_at);

create table api_token (
    token_id bigint not null,
    token_hash text /* postgres: collate "C" */ not null,
    name text not null,
    scope text not null,
    person_id bigint not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint,
    primary key (token_id)
) /* sqlite: without rowid */;

create unique index api_token_by_hash on api_token (token_hash);

create table share (
    share_id bigint not null,
    secret_hash text /* postgres: collate "C" */ not null,
    label text not null,
    repo_id bigint,
    group_key text /* postgres: collate "C" */,
    person_id bigint,
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint,
    primary key (share_id),
    check ((repo_id is null) <> (group_key is null))
) /* sqlite: without rowid */;

create unique index share_by_hash on share (secret_hash);

create table invite (
    secret_hash text /* postgres: collate "C" */ not null,
    person_id bigint,
    created_at bigint not null,
    expires_at bigint not null,
    primary key (secret_hash)
) /* sqlite: without rowid */;

create table login_failure (
    tried text /* postgres: collate "C" */ not null,
    failures bigint not null,
    last_at bigint not null,
    primary key (tried)
) /* sqlite: without rowid */;

create index login_failure_by_time on login_failure (last_at);

create table house_key (
    purpose text /* postgres: collate "C" */ not null,
    secret text not null,
    made_at bigint not null,
    primary key (purpose)
) /* sqlite: without rowid */;

create table repo_group (
    group_key text /* postgres: collate "C" */ not null,
    name text not null,
    primary key (group_key)
) /* sqlite: without rowid */;

create table group_rule (
    group_key text /* postgres: collate "C" */ not null,
    pattern_key text /* postgres: collate "C" */ not null,
    pattern text not null,
    name_key text /* postgres: collate "C" */,
    repo_id bigint,
    primary key (group_key, pattern_key)
) /* sqlite: without rowid */;
