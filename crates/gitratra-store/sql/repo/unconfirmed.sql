select
    repo_id,
    full_name
from repo
where repo_id < 0
order by repo_id
