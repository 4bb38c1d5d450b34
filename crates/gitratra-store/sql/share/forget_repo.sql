delete from share
where repo_id = $1
