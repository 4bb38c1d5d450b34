-- What a collector that runs for years has to know: since when it has been watching, when the days
-- of each repository are published, and what trouble it has told of.

alter table asked add column watched_since bigint;

alter table asked add column span_seen_at bigint;

alter table asked add column answered_by text;

update asked
set
    watched_since = coalesce(answered_at, asked_at),
    span_seen_at = answered_at,
    answered_by = credential;

create table rhythm (
    repo_id bigint not null,
    publications text not null,
    primary key (repo_id)
) /* sqlite: without rowid */;

create table alarm (
    alarm_key text /* postgres: collate "C" */ not null,
    channel text /* postgres: collate "C" */ not null,
    since bigint not null,
    subject text not null,
    is_told boolean not null,
    tries bigint not null,
    tried_at bigint,
    is_over boolean not null,
    primary key (alarm_key, channel)
) /* sqlite: without rowid */;
