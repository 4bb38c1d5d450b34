delete from rule_repo
where repo_id = $1
