-- Names that meant one repository mean another one as well.
insert into rule_repo (pattern_key, repo_id)
select
    pattern_key,
    cast($2 as bigint)
from rule_repo
where repo_id = cast($1 as bigint)
on conflict (pattern_key, repo_id) do nothing
