insert into tag (repo_id, name, day)
values ($1, $2, $3)
on conflict (repo_id, name) do nothing
