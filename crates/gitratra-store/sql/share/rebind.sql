update share
set repo_id = $2
where repo_id = $1
