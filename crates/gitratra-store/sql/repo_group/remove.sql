delete from repo_group
where group_key = $1
