-- What GitHub counts besides daily traffic: stars, forks, watchers, issues, weeks, downloads, runs of
-- workflows; and what people write about days.

create table counter_run (
    repo_id bigint not null,
    first_day integer not null,
    last_day integer not null,
    stars bigint not null,
    forks bigint not null,
    watchers bigint,
    open_issues bigint,
    open_pulls bigint,
    open_both bigint,
    size_kib bigint,
    releases bigint,
    read_at bigint,
    primary key (repo_id, last_day),
    check (first_day <= last_day)
) /* sqlite: without rowid */;

create table profile (
    repo_id bigint not null,
    seen_at bigint not null,
    description text,
    language text,
    licence text,
    topics text not null,
    is_archived boolean not null,
    visibility text not null,
    primary key (repo_id, seen_at)
) /* sqlite: without rowid */;

create table tag (
    repo_id bigint not null,
    name text /* postgres: collate "C" */ not null,
    day integer not null,
    primary key (repo_id, name)
) /* sqlite: without rowid */;

create table traffic_week (
    repo_id bigint not null,
    monday integer not null,
    views bigint,
    views_uniques bigint,
    clones bigint,
    clones_uniques bigint,
    primary key (repo_id, monday),
    check (views_uniques between 0 and views),
    check (clones_uniques between 0 and clones)
) /* sqlite: without rowid */;

create table star_day (
    repo_id bigint not null,
    day integer not null,
    given bigint not null,
    still bigint not null,
    primary key (repo_id, day),
    check (still between 0 and given)
) /* sqlite: without rowid */;

create table star_span (
    repo_id bigint not null,
    first_day integer not null,
    last_day integer not null,
    read_at bigint not null,
    primary key (repo_id, last_day),
    check (first_day <= last_day)
) /* sqlite: without rowid */;

create table release (
    repo_id bigint not null,
    release_id bigint not null,
    tag text not null,
    name text,
    published_at bigint,
    is_prerelease boolean not null,
    seen_at bigint not null,
    gone_since bigint,
    primary key (repo_id, release_id)
) /* sqlite: without rowid */;

create table asset (
    repo_id bigint not null,
    asset_id bigint not null,
    release_id bigint not null,
    name text not null,
    size_bytes bigint not null,
    created_at bigint,
    gone_since bigint,
    primary key (repo_id, asset_id)
) /* sqlite: without rowid */;

create table asset_run (
    repo_id bigint not null,
    asset_id bigint not null,
    first_day integer not null,
    last_day integer not null,
    downloads bigint not null,
    primary key (repo_id, last_day, asset_id),
    check (first_day <= last_day)
) /* sqlite: without rowid */;

create table note (
    repo_id bigint not null,
    note_id bigint not null,
    day integer not null,
    body text,
    written_at bigint not null,
    primary key (repo_id, note_id)
) /* sqlite: without rowid */;

create table workflow_day (
    repo_id bigint not null,
    day integer not null,
    runs bigint not null,
    primary key (repo_id, day)
) /* sqlite: without rowid */;

-- Referrers and paths without repeating what did not change: a row for each name and total, from
-- the first to the last of the read windows that follow each other and have it.

create table ranked_run (
    repo_id bigint not null,
    ranking smallint not null,
    name_id integer not null,
    first_window integer not null,
    last_window integer not null,
    count bigint not null,
    uniques bigint not null,
    primary key (repo_id, ranking, last_window, name_id),
    check (first_window <= last_window),
    check (uniques between 0 and count)
) /* sqlite: without rowid */;

-- Lines that stand as far apart in the windows that were read as among those of their name and
-- total belong to one run.
insert into ranked_run (repo_id, ranking, name_id, first_window, last_window, count, uniques)
select
    repo_id,
    ranking,
    name_id,
    min(last_day),
    max(last_day),
    count,
    uniques
from (
    select
        line.repo_id,
        line.ranking,
        line.name_id,
        line.last_day,
        line.count,
        line.uniques,
        seen.place - row_number() over (
            partition by line.repo_id, line.ranking, line.name_id, line.count, line.uniques
            order by line.last_day
        ) as run_of
    from ranked as line
    inner join (
        select
            repo_id,
            ranking,
            last_day,
            row_number() over (partition by repo_id, ranking order by last_day) as place
        from ranked_window
    ) as seen
        on seen.repo_id = line.repo_id
        and seen.ranking = line.ranking
        and seen.last_day = line.last_day
) as placed
group by repo_id, ranking, name_id, count, uniques, run_of;

drop view ranked_read;

drop table ranked;

alter table ranked_window rename to ranked_window_before;

create table ranked_window (
    repo_id bigint not null,
    last_day integer not null,
    referrers_seen integer,
    paths_seen integer,
    primary key (repo_id, last_day)
) /* sqlite: without rowid */;

insert into ranked_window (repo_id, last_day, referrers_seen, paths_seen)
select
    repo_id,
    last_day,
    max(case ranking when 0 then read_at - cast(last_day + 1 as bigint) * 86400 end),
    max(case ranking when 1 then read_at - cast(last_day + 1 as bigint) * 86400 end)
from ranked_window_before
group by repo_id, last_day;

drop table ranked_window_before;
