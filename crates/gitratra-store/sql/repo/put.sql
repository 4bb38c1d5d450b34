-- The whole label as a join made it.
insert into repo (
    repo_id,
    node_id,
    full_name,
    name_key,
    is_private,
    is_fork,
    is_archived,
    first_seen,
    named_at,
    gone_status,
    gone_since
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (repo_id) do update set
    node_id = excluded.node_id,
    full_name = excluded.full_name,
    name_key = excluded.name_key,
    is_private = excluded.is_private,
    is_fork = excluded.is_fork,
    is_archived = excluded.is_archived,
    first_seen = excluded.first_seen,
    named_at = excluded.named_at,
    gone_status = excluded.gone_status,
    gone_since = excluded.gone_since
