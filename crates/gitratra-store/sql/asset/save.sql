insert into asset (
    repo_id,
    asset_id,
    release_id,
    name,
    size_bytes,
    created_at,
    gone_since
)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (repo_id, asset_id) do update set
    release_id = excluded.release_id,
    name = excluded.name,
    size_bytes = excluded.size_bytes,
    created_at = excluded.created_at,
    gone_since = excluded.gone_since
