insert into told_total (repo_id, tally, day, total, source)
values ($1, $2, $3, $4, $5)
on conflict (repo_id, tally, day) do update set
    total = excluded.total,
    source = excluded.source
