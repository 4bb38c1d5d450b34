select
    full_name,
    first_seen,
    last_seen
from repo_name
where repo_id = $1
order by name_key
