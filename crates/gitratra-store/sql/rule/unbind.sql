delete from rule_repo
where pattern_key = $1
and repo_id = $2
