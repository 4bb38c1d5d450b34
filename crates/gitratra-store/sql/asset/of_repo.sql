select
    asset_id,
    release_id,
    name,
    size_bytes,
    created_at,
    gone_since
from asset
where repo_id = $1
order by name, asset_id
