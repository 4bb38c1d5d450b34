select read_at
from ranked_window
where repo_id = $1
and ranking = $2
and last_day = $3
