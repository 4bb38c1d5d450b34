insert into repo_group (group_key, name)
values ($1, $2)
on conflict (group_key) do update set
    name = excluded.name
