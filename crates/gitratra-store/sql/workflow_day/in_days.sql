select
    day,
    runs
from workflow_day
where repo_id = $1
and day between $2 and $3
order by day
