insert into budget_hour (credential, resource, ends_at, points)
values ($1, $2, $3, $4)
on conflict (credential, resource) do update set
    ends_at = excluded.ends_at,
    points = excluded.points
