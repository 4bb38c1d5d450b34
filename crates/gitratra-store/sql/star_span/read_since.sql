-- The spans that were read since some time.
select
    first_day,
    last_day
from star_span
where repo_id = $1
and read_at >= $2
order by last_day
