select
    repo_id,
    node_id,
    full_name,
    is_private,
    is_fork,
    is_archived,
    gone_status,
    gone_since
from repo
order by name_key, repo_id
