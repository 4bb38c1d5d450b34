select
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
from asked
where repo_id = $1
order by endpoint
