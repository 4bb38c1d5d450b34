-- The names of a repository that are no longer its present one, the latest first.
select
    former.full_name
from repo_name as former
inner join repo as present
    on present.repo_id = former.repo_id
where former.repo_id = $1
and former.name_key <> present.name_key
order by former.last_seen desc, former.name_key
