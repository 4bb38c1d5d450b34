select last_day
from ranked_window
where repo_id = $1
and case cast($2 as smallint) when 0 then referrers_seen else paths_seen end is not null
and last_day between $3 and $4
order by last_day
