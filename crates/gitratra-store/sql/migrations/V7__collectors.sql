-- Several collectors share one store: what each of them is about to ask, what each was given of
-- GitHub's limits, and which of them were seen lately. All of it is of the moment: no copy has it.

create table lease (
    lease_key text /* postgres: collate "C" */ not null,
    repo_id bigint,
    holder text /* postgres: collate "C" */ not null,
    ends_at bigint not null,
    primary key (lease_key)
) /* sqlite: without rowid */;

create index lease_by_holder on lease (holder);

create table budget (
    credential text /* postgres: collate "C" */ not null,
    resource text /* postgres: collate "C" */ not null,
    second_at bigint not null,
    holder text /* postgres: collate "C" */ not null,
    points bigint not null,
    primary key (credential, resource, second_at, holder)
) /* sqlite: without rowid */;

create table budget_hour (
    credential text /* postgres: collate "C" */ not null,
    resource text /* postgres: collate "C" */ not null,
    ends_at bigint not null,
    points bigint not null,
    primary key (credential, resource)
) /* sqlite: without rowid */;

create table collector (
    holder text /* postgres: collate "C" */ not null,
    host text not null,
    since bigint not null,
    seen_at bigint not null,
    primary key (holder)
) /* sqlite: without rowid */;
