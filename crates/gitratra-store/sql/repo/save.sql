-- A look-up that arrives late does not bring an older label back.
insert into repo (
    repo_id,
    node_id,
    full_name,
    name_key,
    is_private,
    is_fork,
    is_archived,
    first_seen,
    named_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
on conflict (repo_id) do update set
    node_id = coalesce(excluded.node_id, repo.node_id),
    full_name = excluded.full_name,
    name_key = excluded.name_key,
    is_private = excluded.is_private,
    is_fork = excluded.is_fork,
    is_archived = excluded.is_archived,
    named_at = excluded.named_at,
    gone_status = null,
    gone_since = null
where excluded.named_at >= repo.named_at
