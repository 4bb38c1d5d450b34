select
    share.share_id,
    share.label,
    share.repo_id,
    named.name,
    share.person_id,
    share.created_at,
    share.expires_at,
    share.revoked_at
from share
left join repo_group as named
    on named.group_key = share.group_key
order by share.share_id
