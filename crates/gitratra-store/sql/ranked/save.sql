insert into ranked (repo_id, ranking, last_day, name_id, count, uniques)
values ($1, $2, $3, $4, $5, $6)
on conflict (repo_id, ranking, last_day, name_id) do update set
    count = excluded.count,
    uniques = excluded.uniques
