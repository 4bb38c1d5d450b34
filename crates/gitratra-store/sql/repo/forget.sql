delete from repo
where repo_id = $1
