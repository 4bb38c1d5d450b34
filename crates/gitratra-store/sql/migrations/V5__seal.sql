-- Whether finished months are still what they were when they were finished: a digest of each, chained
-- to the one before.

create table seal (
    repo_id bigint not null,
    last_day integer not null,
    content text /* postgres: collate "C" */ not null,
    chain text /* postgres: collate "C" */ not null,
    days text /* postgres: collate "C" */ not null,
    primary key (repo_id, last_day)
) /* sqlite: without rowid */;
