insert into login_failure (tried, failures, last_at)
values ($1, $2, $3)
on conflict (tried) do update set
    failures = excluded.failures,
    last_at = excluded.last_at
