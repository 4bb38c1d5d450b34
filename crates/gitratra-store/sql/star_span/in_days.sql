-- The spans that reach into some days.
select
    first_day,
    last_day,
    read_at
from star_span
where repo_id = $1
and last_day >= $2
and first_day <= $3
order by last_day
