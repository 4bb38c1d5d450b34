-- As held.sql, of the repositories that one collector has leases on.
select
    repo_id,
    endpoint,
    asked_at,
    answered_at,
    newest_day,
    coalesce(watched_since, answered_at, asked_at) as watched_since,
    failed_since
from asked
where endpoint <> 'repository'
and repo_id in (
    select repo_id
    from lease
    where holder = $1
)
order by repo_id, endpoint
