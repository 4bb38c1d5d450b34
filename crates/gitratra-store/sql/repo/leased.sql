-- As all.sql, of the repositories that one collector has leases on.
select
    repo.repo_id,
    repo.node_id,
    repo.full_name,
    repo.is_private,
    repo.is_fork,
    repo.is_archived,
    repo.gone_status,
    repo.gone_since,
    look_up.asked_at,
    repo.named_at,
    repo.first_seen
from repo
left join asked as look_up
    on look_up.repo_id = repo.repo_id
    and look_up.endpoint = 'repository'
where repo.repo_id in (
    select repo_id
    from lease
    where holder = $1
)
order by repo.repo_id
