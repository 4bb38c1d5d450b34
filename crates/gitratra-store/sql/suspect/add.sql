insert into suspect (metric, day, since)
values ($1, $2, $3)
on conflict (metric, day) do update set
    since = excluded.since
