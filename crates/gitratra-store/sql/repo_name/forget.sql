delete from repo_name
where repo_id = $1
