insert into repo_name (repo_id, name_key, full_name, first_seen, last_seen)
values ($1, $2, $3, $4, $4)
on conflict (repo_id, name_key) do update set
    full_name = case
        when excluded.last_seen >= repo_name.last_seen then excluded.full_name
        else repo_name.full_name
    end,
    first_seen = case
        when excluded.first_seen < repo_name.first_seen then excluded.first_seen
        else repo_name.first_seen
    end,
    last_seen = case
        when excluded.last_seen > repo_name.last_seen then excluded.last_seen
        else repo_name.last_seen
    end
