insert into star_day (repo_id, day, given, still)
values ($1, $2, $3, $4)
on conflict (repo_id, day) do update set
    given = excluded.given,
    still = excluded.still
