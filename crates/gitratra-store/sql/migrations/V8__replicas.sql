-- Several programs at one store: some look at a copy of it that lags behind, and some are older than
-- the schema. All of it is about this place and this moment: no copy has it.

create table mark (
    mark text /* postgres: collate "C" */ not null,
    number bigint not null,
    primary key (mark)
) /* sqlite: without rowid */;

-- What is counted whenever somebody changes what others may see.
insert into mark (mark, number)
values ('changes', 0);

-- The oldest program, by the schema that it knows, that may go on with this store.
insert into mark (mark, number)
values ('oldest_program', 8);

-- A random number, by which a copy that a server makes of itself is told from another store.
insert into mark (mark, number)
values (
    'place',
    /* sqlite: abs(random() % 9007199254740992) */
    /* postgres: cast(floor(random() * 9007199254740992) as bigint) */
);
