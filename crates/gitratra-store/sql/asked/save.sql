insert into asked (
    repo_id,
    endpoint,
    asked_at,
    answered_at,
    newest_day,
    watched_since,
    failed_since,
    span_first,
    span_last,
    span_seen_at,
    answered_by,
    etag,
    credential,
    status,
    message,
    action
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
on conflict (repo_id, endpoint) do update set
    asked_at = excluded.asked_at,
    answered_at = excluded.answered_at,
    newest_day = excluded.newest_day,
    watched_since = excluded.watched_since,
    failed_since = excluded.failed_since,
    span_first = excluded.span_first,
    span_last = excluded.span_last,
    span_seen_at = excluded.span_seen_at,
    answered_by = excluded.answered_by,
    etag = excluded.etag,
    credential = excluded.credential,
    status = excluded.status,
    message = excluded.message,
    action = excluded.action
