-- The days of which a value was first seen since $2, in seconds since 1970, or that are partial and
-- were seen again since. Times in the table count from the end of the day.
select day
from traffic_day
where repo_id = $1
and (
    cast(day + 1 as bigint) * 86400 + views_first_seen >= $2
    or cast(day + 1 as bigint) * 86400 + clones_first_seen >= $2
    or (views_last_seen < 0 and cast(day + 1 as bigint) * 86400 + views_last_seen >= $2)
    or (clones_last_seen < 0 and cast(day + 1 as bigint) * 86400 + clones_last_seen >= $2)
)
union
select day
from sighting
where repo_id = $1
and first_seen >= $2
order by day
