select
    ends_at,
    points
from budget_hour
where credential = $1
and resource = $2
