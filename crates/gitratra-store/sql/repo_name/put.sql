insert into repo_name (repo_id, name_key, full_name, first_seen, last_seen)
values ($1, $2, $3, $4, $5)
on conflict (repo_id, name_key) do update set
    full_name = excluded.full_name,
    first_seen = excluded.first_seen,
    last_seen = excluded.last_seen
