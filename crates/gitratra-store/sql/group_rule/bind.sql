-- An exact name comes to mean the repository that bears it; of several the one confirmed last. It
-- never comes to mean another one afterwards.
update group_rule
set repo_id = (
    select repo.repo_id
    from repo
    where repo.name_key = group_rule.name_key
    order by repo.named_at desc, repo.repo_id
    limit 1
)
where repo_id is null
and name_key is not null
