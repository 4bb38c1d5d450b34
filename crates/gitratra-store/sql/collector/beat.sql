insert into collector (holder, host, kind, since, seen_at)
values ($1, $2, $3, $4, $4)
on conflict (holder) do update set
    seen_at = excluded.seen_at
