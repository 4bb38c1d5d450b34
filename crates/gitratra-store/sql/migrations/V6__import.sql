-- What files of other tools told: since which run a source brings days, and totals of a day that are
-- not among our own counters.

alter table source add column after_run bigint;

-- Rows of before would grow when they are next written, even with what they hold.
update source
set after_run = null;

create unique index source_by_label on source (kind, label);

create table told_total (
    repo_id bigint not null,
    tally smallint not null,
    day integer not null,
    total bigint not null,
    primary key (repo_id, tally, day)
) /* sqlite: without rowid */;

drop view traffic_day_read;

drop view sighting_read;
