select
    seen_at,
    description,
    language,
    licence,
    topics,
    is_archived,
    visibility
from profile
where repo_id = $1
order by seen_at desc
limit 1
