select last_day
from ranked_window
where repo_id = $1
and case cast($2 as smallint) when 0 then referrers_seen else paths_seen end is not null
order by last_day desc
limit 1
