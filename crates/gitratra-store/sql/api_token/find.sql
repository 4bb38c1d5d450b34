select
    token_id,
    name,
    scope,
    person_id,
    created_at,
    expires_at,
    last_used_at
from api_token
where token_hash = $1
