delete from profile
where repo_id = $1
