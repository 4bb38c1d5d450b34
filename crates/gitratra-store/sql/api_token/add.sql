-- People are locked by the caller.
insert into api_token (
    token_id, token_hash, name, scope, person_id, created_at, expires_at, last_used_at
)
select
    coalesce(max(token_id), 0) + 1,
    cast($1 as text),
    cast($2 as text),
    cast($3 as text),
    cast($4 as bigint),
    cast($5 as bigint),
    cast($6 as bigint),
    null
from api_token
returning token_id
