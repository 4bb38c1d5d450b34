delete from rhythm
where repo_id = $1
