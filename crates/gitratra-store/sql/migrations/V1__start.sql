-- The schema as docs/schema.md tells it. Where the two engines need other words, a comment that
-- begins with the engine's name holds them.

create table repo (
    repo_id bigint not null,
    node_id text,
    full_name text not null,
    name_key text /* postgres: collate "C" */ not null,
    is_private boolean not null,
    is_fork boolean not null,
    is_archived boolean not null,
    first_seen bigint not null,
    named_at bigint not null,
    gone_status integer,
    gone_since bigint,
    primary key (repo_id)
) /* sqlite: without rowid */;

create index repo_by_name on repo (name_key);

create table repo_name (
    repo_id bigint not null,
    name_key text /* postgres: collate "C" */ not null,
    full_name text not null,
    first_seen bigint not null,
    last_seen bigint not null,
    primary key (repo_id, name_key)
) /* sqlite: without rowid */;

create index repo_name_by_name on repo_name (name_key);

create table rule (
    pattern_key text /* postgres: collate "C" */ not null,
    pattern text not null,
    primary key (pattern_key)
) /* sqlite: without rowid */;

create table rule_repo (
    pattern_key text /* postgres: collate "C" */ not null,
    repo_id bigint not null,
    primary key (pattern_key, repo_id)
) /* sqlite: without rowid */;

create table source (
    source_id integer not null,
    kind text not null,
    label text not null,
    primary key (source_id)
) /* sqlite: without rowid */;

insert into source (source_id, kind, label)
values (0, 'github', 'GitHub');

create table traffic_day (
    repo_id bigint not null,
    day integer not null,
    views bigint,
    views_uniques bigint,
    views_first_seen integer,
    views_last_seen integer,
    views_source integer,
    views_window_uniques bigint,
    clones bigint,
    clones_uniques bigint,
    clones_first_seen integer,
    clones_last_seen integer,
    clones_source integer,
    clones_window_uniques bigint,
    primary key (repo_id, day),
    check (views_uniques between 0 and views),
    check (views_first_seen <= views_last_seen),
    check (clones_uniques between 0 and clones),
    check (clones_first_seen <= clones_last_seen)
) /* sqlite: without rowid */;

create table sighting (
    repo_id bigint not null,
    metric smallint not null,
    day integer not null,
    count bigint not null,
    uniques bigint not null,
    first_seen bigint not null,
    last_seen bigint not null,
    source integer not null,
    primary key (repo_id, metric, day, count, uniques),
    check (uniques between 0 and count),
    check (first_seen <= last_seen)
) /* sqlite: without rowid */;

create table ranked_window (
    repo_id bigint not null,
    ranking smallint not null,
    last_day integer not null,
    read_at bigint not null,
    lines integer not null,
    primary key (repo_id, ranking, last_day)
) /* sqlite: without rowid */;

create table ranked_name (
    repo_id bigint not null,
    ranking smallint not null,
    name_id integer not null,
    name text /* postgres: collate "C" */ not null,
    title text,
    primary key (repo_id, ranking, name_id)
) /* sqlite: without rowid */;

create unique index ranked_name_by_name on ranked_name (repo_id, ranking, name);

create table ranked (
    repo_id bigint not null,
    ranking smallint not null,
    last_day integer not null,
    name_id integer not null,
    count bigint not null,
    uniques bigint not null,
    primary key (repo_id, ranking, last_day, name_id),
    check (uniques between 0 and count)
) /* sqlite: without rowid */;

create table asked (
    repo_id bigint not null,
    endpoint text /* postgres: collate "C" */ not null,
    asked_at bigint not null,
    answered_at bigint,
    newest_day integer,
    span_first integer,
    span_last integer,
    etag text,
    credential text,
    status integer,
    message text,
    action text,
    failed_since bigint,
    primary key (repo_id, endpoint)
) /* sqlite: without rowid */;

create table run (
    run_id bigint not null,
    started_at bigint not null,
    finished_at bigint not null,
    sent bigint not null,
    not_modified bigint not null,
    retried bigint not null,
    ok bigint not null,
    failed bigint not null,
    skipped bigint not null,
    new_days bigint not null,
    primary key (run_id)
) /* sqlite: without rowid */;

create table suspect (
    metric smallint not null,
    day integer not null,
    since bigint not null,
    primary key (metric, day)
) /* sqlite: without rowid */;
