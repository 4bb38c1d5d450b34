-- One row for each endpoint of each repository that was ever asked; looking a repository up is not
-- asking about what it has. A row that an older program adds beside this one has no time since when
-- it is watched.
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
order by repo_id, endpoint
