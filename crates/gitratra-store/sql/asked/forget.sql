delete from asked
where repo_id = $1
