delete from tag
where repo_id = $1
