select
    person_id,
    created_at,
    expires_at,
    last_seen_at
from session
where token_hash = $1
