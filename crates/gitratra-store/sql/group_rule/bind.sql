-- An exact name comes to mean a repository. It never comes to mean another one afterwards.
update group_rule
set repo_id = $2
where name_key = $1
and repo_id is null
