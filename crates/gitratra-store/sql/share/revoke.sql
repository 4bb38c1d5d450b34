update share
set revoked_at = $2
where share_id = $1
and revoked_at is null
