delete from lease
where repo_id = $1
