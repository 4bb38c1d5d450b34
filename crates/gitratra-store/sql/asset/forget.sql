delete from asset
where repo_id = $1
