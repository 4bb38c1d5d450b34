select
    repo_id,
    endpoint,
    etag
from asked
where credential = $1
and etag is not null
order by repo_id, endpoint
