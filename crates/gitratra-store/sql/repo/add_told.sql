-- What a file told of is private until GitHub says otherwise, and any look-up knows better: nobody
-- has confirmed the name, so that the time of the file does not stand in the way of one.
insert into repo (
    repo_id,
    full_name,
    name_key,
    is_private,
    is_fork,
    is_archived,
    first_seen,
    named_at
)
values ($1, $2, $3, $4, $5, $5, $6, 0)
on conflict (repo_id) do nothing
