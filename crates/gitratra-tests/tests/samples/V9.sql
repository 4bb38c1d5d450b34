-- Rows as version 9 has them.
insert into collector (holder, host, kind, since, seen_at)
values ('other', 'there', 'sync', 0, 0);

insert into collector_credential (holder, credential, host, label, refused, seen_at)
values ('one', 'print', 'here', 'token', 'GitHub says 401', 0);
