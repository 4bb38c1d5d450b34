insert into collector (holder, host, since, seen_at)
values ($1, $2, $3, $3)
on conflict (holder) do update set
    seen_at = excluded.seen_at
