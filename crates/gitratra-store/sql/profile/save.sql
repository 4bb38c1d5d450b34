insert into profile (
    repo_id,
    seen_at,
    description,
    language,
    licence,
    topics,
    is_archived,
    visibility
)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (repo_id, seen_at) do update set
    description = excluded.description,
    language = excluded.language,
    licence = excluded.licence,
    topics = excluded.topics,
    is_archived = excluded.is_archived,
    visibility = excluded.visibility
