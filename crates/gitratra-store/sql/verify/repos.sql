-- Some repositories after one, with whether their present name is among all their names.
select
    repo.repo_id,
    repo.full_name,
    repo.name_key,
    case when exists (
        select 1
        from repo_name as label
        where label.repo_id = repo.repo_id
        and label.name_key = repo.name_key
    ) then 1 else 0 end as has_name
from repo
where repo.repo_id > $1
order by repo.repo_id
limit $2
