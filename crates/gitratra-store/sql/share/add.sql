-- People are locked by the caller.
insert into share (
    share_id,
    secret_hash,
    label,
    repo_id,
    group_key,
    person_id,
    created_at,
    expires_at,
    revoked_at
)
select
    coalesce(max(share_id), 0) + 1,
    cast($1 as text),
    cast($2 as text),
    cast($3 as bigint),
    cast($4 as text),
    cast($5 as bigint),
    cast($6 as bigint),
    cast($7 as bigint),
    null
from share
returning share_id
