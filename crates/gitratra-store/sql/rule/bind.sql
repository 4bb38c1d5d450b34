insert into rule_repo (pattern_key, repo_id)
values ($1, $2)
on conflict (pattern_key, repo_id) do nothing
