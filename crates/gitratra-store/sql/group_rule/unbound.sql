-- Exact names that no repository has borne yet.
select distinct name_key
from group_rule
where repo_id is null
and name_key is not null
order by name_key
