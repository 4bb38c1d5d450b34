update group_rule
set repo_id = $2
where repo_id = $1
