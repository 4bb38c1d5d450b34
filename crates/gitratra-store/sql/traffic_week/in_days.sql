select
    monday,
    views,
    views_uniques,
    clones,
    clones_uniques
from traffic_week
where repo_id = $1
and monday between $2 and $3
order by monday
