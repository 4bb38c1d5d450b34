delete from rule_repo
where pattern_key = $1
