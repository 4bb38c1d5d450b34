-- When each window's lists were read, in seconds from the end of its last day.
select
    last_day,
    referrers_seen,
    paths_seen
from ranked_window
where repo_id = $1
order by last_day
