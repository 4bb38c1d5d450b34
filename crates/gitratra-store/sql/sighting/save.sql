insert into sighting (repo_id, metric, day, count, uniques, first_seen, last_seen, source)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (repo_id, metric, day, count, uniques) do update set
    first_seen = excluded.first_seen,
    last_seen = excluded.last_seen,
    source = excluded.source
