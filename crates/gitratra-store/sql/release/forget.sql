delete from release
where repo_id = $1
