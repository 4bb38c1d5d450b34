delete from note
where repo_id = $1
