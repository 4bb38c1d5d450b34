update repo
set
    gone_status = $2,
    gone_since = coalesce(gone_since, $3)
where repo_id = $1
