select
    metric,
    day,
    since
from suspect
order by metric, day
