-- Only groups that there are.
insert into person_group (person_id, group_key)
select
    cast($1 as bigint),
    group_key
from repo_group
where group_key = $2
on conflict (person_id, group_key) do nothing
