select
    day,
    views,
    views_uniques,
    views_first_seen,
    views_last_seen,
    views_source,
    views_window_uniques,
    clones,
    clones_uniques,
    clones_first_seen,
    clones_last_seen,
    clones_source,
    clones_window_uniques
from traffic_day
where repo_id = $1
and day between $2 and $3
order by day
