delete from invite
where secret_hash = $1
and expires_at > $2
