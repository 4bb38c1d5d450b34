-- The days of which a source gave any value.
select day
from traffic_day
where repo_id = $1
and (views_source = $2 or clones_source = $2)
union
select day
from sighting
where repo_id = $1
and source = $2
order by day
