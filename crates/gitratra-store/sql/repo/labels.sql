-- What repositories are called and who sees them.
select
    repo_id,
    name_key,
    is_private
from repo
where repo_id between $1 and $2
