delete from asset_run
where repo_id = $1
