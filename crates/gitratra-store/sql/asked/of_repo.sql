select
    endpoint,
    asked_at,
    answered_at,
    newest_day,
    coalesce(watched_since, answered_at, asked_at) as watched_since,
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
from asked
where repo_id = $1
order by endpoint
