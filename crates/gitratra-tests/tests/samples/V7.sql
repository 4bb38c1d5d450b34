-- Rows as version 7 has them.
insert into lease (lease_key, repo_id, holder, ends_at)
values ('repo 1', 1, 'one', 0);

insert into budget (credential, resource, second_at, holder, points)
values ('print', 'core', 0, 'one', 10);

insert into budget_hour (credential, resource, ends_at, points)
values ('print', 'core', 1768300000, 10);

insert into collector (holder, host, since, seen_at)
values ('one', 'here', 0, 0);
