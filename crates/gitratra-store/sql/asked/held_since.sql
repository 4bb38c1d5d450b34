-- As held.sql, of the repositories that were asked anything at that time or later.
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
    from asked
    where asked_at >= $1
)
order by repo_id, endpoint
