select
    repo_id,
    publications
from rhythm
where repo_id in (
    select repo_id
    from lease
    where holder = $1
)
order by repo_id
