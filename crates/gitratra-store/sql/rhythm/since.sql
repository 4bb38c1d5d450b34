select
    repo_id,
    publications
from rhythm
where repo_id in (
    select repo_id
    from asked
    where asked_at >= $1
)
order by repo_id
