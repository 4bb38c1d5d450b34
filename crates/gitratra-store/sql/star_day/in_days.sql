select
    day,
    given,
    still
from star_day
where repo_id = $1
and day between $2 and $3
order by day
