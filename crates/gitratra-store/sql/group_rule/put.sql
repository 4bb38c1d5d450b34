insert into group_rule (group_key, pattern_key, pattern, name_key, repo_id)
values ($1, $2, $3, $4, $5)
on conflict (group_key, pattern_key) do update set
    pattern = excluded.pattern,
    name_key = excluded.name_key,
    repo_id = excluded.repo_id
