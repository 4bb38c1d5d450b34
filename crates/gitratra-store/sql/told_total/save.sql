insert into told_total (repo_id, tally, day, total)
values ($1, $2, $3, $4)
on conflict (repo_id, tally, day) do update set
    total = excluded.total
