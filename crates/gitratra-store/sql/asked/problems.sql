select
    repo_id,
    endpoint,
    status,
    message,
    action,
    failed_since
from asked
where failed_since is not null
order by repo_id, endpoint
