insert into release (
    repo_id,
    release_id,
    tag,
    name,
    published_at,
    is_prerelease,
    seen_at,
    gone_since
)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (repo_id, release_id) do update set
    tag = excluded.tag,
    name = excluded.name,
    published_at = excluded.published_at,
    is_prerelease = excluded.is_prerelease,
    seen_at = excluded.seen_at,
    gone_since = excluded.gone_since
