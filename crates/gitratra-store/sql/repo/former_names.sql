-- The names that are no longer the present one, the latest first.
select
    former.repo_id,
    former.full_name
from repo_name as former
inner join repo as present
    on present.repo_id = former.repo_id
where former.name_key <> present.name_key
order by former.repo_id, former.last_seen desc, former.name_key
