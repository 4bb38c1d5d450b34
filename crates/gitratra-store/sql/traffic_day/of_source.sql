-- The days of which a source gave any value, believed or not: a doubted one has 2^30 more.
select day
from traffic_day
where repo_id = $1
and (views_source % 1073741824 = $2 or clones_source % 1073741824 = $2)
union
select day
from sighting
where repo_id = $1
and source % 1073741824 = $2
order by day
