select
    day,
    total
from told_total
where repo_id = $1
and tally = $2
and day between $3 and $4
order by day
