insert into budget (credential, resource, second_at, holder, points)
values ($1, $2, $3, $4, $5)
on conflict (credential, resource, second_at, holder) do update set
    points = budget.points + excluded.points
