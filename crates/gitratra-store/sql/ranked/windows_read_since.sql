-- The windows whose list was read since $3, in seconds since 1970; $2 is the list.
select last_day
from ranked_window
where repo_id = $1
and cast(last_day + 1 as bigint) * 86400
    + case cast($2 as smallint) when 0 then referrers_seen else paths_seen end >= $3
order by last_day
