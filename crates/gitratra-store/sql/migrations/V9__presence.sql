-- What collectors tell each other of themselves: whether each goes on or makes one pass, and how
-- GitHub takes its credentials, so that whoever looks after the fleet tells of those of all. No copy
-- has it.

alter table collector
add column kind text /* postgres: collate "C" */ not null default 'serve';

create table collector_credential (
    holder text /* postgres: collate "C" */ not null,
    credential text /* postgres: collate "C" */ not null,
    host text not null,
    label text not null,
    refused text,
    seen_at bigint not null,
    primary key (holder, credential)
) /* sqlite: without rowid */;
