-- Numbers the name within its repository and list. The repository is locked by the caller.
insert into ranked_name (repo_id, ranking, name_id, name, title)
select
    cast($1 as bigint),
    cast($2 as smallint),
    coalesce(max(name_id), 0) + 1,
    cast($3 as text),
    cast($4 as text)
from ranked_name
where repo_id = cast($1 as bigint)
and ranking = cast($2 as smallint)
returning name_id
