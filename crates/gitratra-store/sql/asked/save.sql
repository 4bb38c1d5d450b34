insert into asked (
    repo_id,
    endpoint,
    asked_at,
    answered_at,
    newest_day,
    span_first,
    span_last,
    etag,
    credential,
    status,
    message,
    action,
    failed_since
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (repo_id, endpoint) do update set
    asked_at = excluded.asked_at,
    answered_at = excluded.answered_at,
    newest_day = excluded.newest_day,
    span_first = excluded.span_first,
    span_last = excluded.span_last,
    etag = excluded.etag,
    credential = excluded.credential,
    status = excluded.status,
    message = excluded.message,
    action = excluded.action,
    failed_since = excluded.failed_since
