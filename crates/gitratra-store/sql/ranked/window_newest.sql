select
    last_day,
    read_at,
    lines
from ranked_window
where repo_id = $1
and ranking = $2
order by last_day desc
limit 1
