delete from asset_run
where repo_id = $1
and last_day = $2
and asset_id = $3
