insert into alarm (
    alarm_key,
    channel,
    since,
    subject,
    is_told,
    tries,
    tried_at,
    is_over
)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (alarm_key, channel) do update set
    since = excluded.since,
    subject = excluded.subject,
    is_told = excluded.is_told,
    tries = excluded.tries,
    tried_at = excluded.tried_at,
    is_over = excluded.is_over
