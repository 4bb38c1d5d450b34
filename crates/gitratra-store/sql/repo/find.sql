-- A present name beats a former one; among equals the one that was confirmed last.
select
    repo_id,
    full_name,
    0 as is_former,
    named_at as confirmed_at
from repo
where name_key = $1
union all
select
    present.repo_id,
    present.full_name,
    1 as is_former,
    former.last_seen as confirmed_at
from repo_name as former
inner join repo as present
    on present.repo_id = former.repo_id
where former.name_key = $1
and present.name_key <> former.name_key
order by is_former, confirmed_at desc, repo_id
limit 1
